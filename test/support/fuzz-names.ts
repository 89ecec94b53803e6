import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'

/** `~u0~`, `~r12~`: a letter for the kind, and a number. */
const PLACEHOLDER = /~([a-z])(\d+)~/g
/** The same as a whole JSON string, quotes included: what stands for it need not be a string. */
const RAW = /"~r(\d+)~"/g

/** Long texts and deep nesting: one that takes more than linear time shows. */
const LONG = ['a'.repeat(9_000), 'İ'.repeat(4_000), '"a-'.repeat(3_000)]

const FILTERS = [
  Array.from({ length: 400 }, (_, at) => `userName eq "${at}"`).join(' or '),
  '('.repeat(5_000),
  `${'not ('.repeat(2_000)}active pr${')'.repeat(2_000)}`,
  `userName eq "${'\\'.repeat(10_000)}`,
  'emails['.repeat(2_000),
  `userName co "${' a'.repeat(4_000)}"`,
]

/** JSON texts that no object could be written as, or that are none: `~r0~` and so on. */
export const RAW_JSON: readonly string[] = [
  '1e400',
  '-1e400',
  '-0',
  '1E-400',
  '123456789012345678901234567890',
  '0.1000000000000000055511151231257827',
  '01',
  'NaN',
  'undefined',
  "'x'",
  '{"a":1,"a":2}',
  '{"userName":"a","userN\\u0061me":"b"}',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '"\\ud800"',
  '"\\u0000"',
  '[1,]',
  '[',
  '['.repeat(50_000),
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  `[${'{"op":"remove","path":"title"},'.repeat(1_000)}{"op":"remove","path":"title"}]`,
]

/** The same query at the cursor; without `count`, which the cursor knows. */
function nextPage(target: string, cursor: string): string {
  const [path = '', query = ''] = target.split('?')
  const parameters = query.split('&').filter((each) => !/^(?:cursor|count)\b/i.test(each))
  return `${path}?${[...parameters, `cursor=${cursor}`].join('&')}`
}

const NOBODY = '00000000-0000-4000-8000-000000000000'

/** How a text is written where a placeholder stands. */
export type Escape = (text: string) => string

/** In a header: Node.js and Kestrel hand on Latin-1, and nothing else can reach a function. */
export const latin1: Escape = (text) => text.replace(/[^\x20-\xff]/g, '?')
/** Within a JSON string. */
export const withinJson: Escape = (text) => JSON.stringify(text).slice(1, -1)

/** What requests have made known, to be used by later ones: the newest of each kind, as many as there are numbers. */
export class KnownNames {
  readonly #known = new Map<string, readonly string[]>()
  readonly #fixed: Readonly<Record<string, readonly string[]>>

  constructor(secretToken: string) {
    this.#fixed = { t: [secretToken], l: LONG, f: FILTERS, r: RAW_JSON }
  }

  /** Puts in what placeholders stand for; the target of a next page is one already. */
  fill(text: string, escape: Escape): string {
    return text
      .replace(RAW, (_, number: string) => this.#find('r', Number(number)))
      .replace(PLACEHOLDER, (_, kind: string, number: string) => {
        const found = this.#find(kind, Number(number))
        return kind === 'p' ? found : escape(found)
      })
  }

  #find(kind: string, number: number): string {
    const fixed = Object.hasOwn(this.#fixed, kind) ? this.#fixed[kind] : undefined
    const found = fixed ?? this.#known.get(kind) ?? []
    return found[number % Math.max(1, found.length)] ?? NOBODY
  }

  /** Looks for ids, names, versions and cursors in the body of an answer, and for the next page of its request. */
  remember(target: string, body: JsonValue | undefined): void {
    if (!isObject(body)) return
    const { nextCursor, previousCursor } = body
    this.#note('c', nextCursor)
    this.#note('c', previousCursor)
    if (typeof nextCursor === 'string') this.#note('p', nextPage(target, nextCursor))
    this.#rememberResource(body)
    for (const resource of isArray(body['Resources']) ? body['Resources'] : []) {
      if (isObject(resource)) this.#rememberResource(resource)
    }
  }

  #rememberResource(body: JsonObject): void {
    const { resourceType, version } = isObject(body['meta']) ? body['meta'] : {}
    if (resourceType !== 'User' && resourceType !== 'Group') return
    this.#note(resourceType === 'User' ? 'u' : 'g', body['id'])
    this.#note('v', version)
    this.#note('n', body['userName'])
    if (resourceType === 'Group') this.#note('d', body['displayName'])
  }

  #note(kind: string, value: JsonValue | undefined): void {
    if (typeof value !== 'string') return
    const known = this.#known.get(kind) ?? []
    if (known.includes(value)) return
    this.#known.set(kind, [value, ...known].slice(0, 4))
  }
}
