/** The text of an error, whole and as it may be kept. */
export interface Detail {
  readonly whole: string
  /** `…` stands where `whole` has text that a client sent, or that tells a person: for logs. */
  readonly withoutValues: string
  /** The same with the ids of resources, for the tenant's own activity; absent where there are none. */
  readonly withIds?: string
}

/** Longest text of a client that a detail repeats, in characters. */
const MAX_QUOTED = 100

/** Marks text that a client sent, or that tells a person: the answer has it, and a log does not. */
export function sent(text: string): Detail {
  return { whole: text, withoutValues: '…' }
}

/** The id of a resource: the answer and the tenant's activity have it, and a log does not. */
export function resourceId(id: string): Detail {
  return { whole: id, withoutValues: '…', withIds: id }
}

/** Text that a client sent, in quotation marks and cut to a length that can be read. */
export function quote(text: string): Detail {
  return detail`"${sent(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text)}"`
}

/**
 * Template tag for the detail of an error: a fixed text with places for values. What comes from a client is put in with
 * `sent` or `quote`; what is ours (names of attributes out of a schema, limits, counts) stands as it is. A detail may be
 * put into another one.
 */
export function detail(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | Detail)[]
): Detail {
  let [whole = ''] = texts
  let withoutValues = whole
  let withIds = whole
  for (const [i, value] of values.entries()) {
    const next = texts[i + 1] ?? ''
    const isDetail = typeof value === 'object'
    whole += `${isDetail ? value.whole : value}${next}`
    withoutValues += `${isDetail ? value.withoutValues : value}${next}`
    withIds += `${isDetail ? (value.withIds ?? value.withoutValues) : value}${next}`
  }
  return withIds === withoutValues ? { whole, withoutValues } : { whole, withoutValues, withIds }
}
