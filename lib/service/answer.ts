import type { JsonValue } from '../scim/json.ts'

/** A list too long to be held in memory: read and written batch by batch. */
export class Streamed {
  readonly batches: AsyncIterable<readonly Answer[]>

  constructor(batches: AsyncIterable<readonly Answer[]>) {
    this.batches = batches
  }
}

/** A JSON text that is made already. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** JSON to answer with, in which a list may be streamed and a part be text already. */
export type Answer =
  JsonValue | Streamed | JsonText | readonly Answer[] | { readonly [name: string]: Answer }

/** JSON text in pieces: a streamed list is never held as objects, only as the text of its batches. */
export async function* serialize(value: Answer): AsyncGenerator<string> {
  if (value instanceof Streamed) {
    yield* serializeBatches(value.batches)
  } else if (value instanceof JsonText) {
    yield value.text
  } else if (isPlain(value)) {
    yield JSON.stringify(value)
  } else if (Array.isArray(value)) {
    yield* serializeBatches([value])
  } else if (typeof value === 'object' && value !== null) {
    let separator = '{'
    for (const [name, member] of Object.entries(value)) {
      yield `${separator}${JSON.stringify(name)}:`
      yield* serialize(member)
      separator = ','
    }
    yield '}'
  }
}

/** Whether an answer is JSON throughout. */
export function isPlain(value: Answer): value is JsonValue {
  if (value instanceof Streamed || value instanceof JsonText) return false
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every((member: Answer) => isPlain(member))
}

async function* serializeBatches(
  batches: AsyncIterable<readonly Answer[]> | Iterable<readonly Answer[]>,
): AsyncGenerator<string> {
  let separator = '['
  for await (const batch of batches) {
    for (const element of batch) {
      yield separator
      yield* serialize(element)
      separator = ','
    }
  }
  yield separator === '[' ? '[]' : ']'
}
