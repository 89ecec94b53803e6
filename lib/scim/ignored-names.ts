import { likeAttribute } from './likeness.ts'
import type { ResourceType } from './resource-type.ts'

/** So many names are shown; of the others, how many there are. */
const MOST_SHOWN = 20
const LONGEST_SHOWN = 100

/** What looks like the path of an attribute, or like a URN; a client may put anything else into a key. */
const SHOWN = /^[\w$:.-]+(?:\[…\][\w$:.-]*)?$/

/** What was meant for the Authorization header. */
const SECRET = /scim_[a-z0-9-]+_/i

/**
 * The names that a request has and that were ignored, since there is no such attribute: to be told to whoever looks after
 * a mapping. No value is among them.
 */
export class IgnoredNames {
  readonly #names = new Set<string>()
  readonly #shown: string[] = []

  /** @param names as they were written, or as `referencePath` would have it; those that are in it already change nothing. */
  add(resourceType: ResourceType, names: Iterable<string>): void {
    for (const name of names) {
      if (this.#names.has(name)) continue
      this.#names.add(name)
      if (this.#shown.length < MOST_SHOWN) this.#shown.push(...shown(resourceType, name))
    }
  }

  /** As `list`, without the number of those that are not in it. */
  get shown(): readonly string[] {
    return this.#shown
  }

  /** Each with what may have been meant, as `departmnt (department?)`; last how many more there are: `and 5 more`. */
  list(): readonly string[] {
    const more = this.#names.size - this.#shown.length
    return more === 0 ? [...this.#shown] : [...this.#shown, `and ${more} more`]
  }
}

function shown(resourceType: ResourceType, name: string): readonly string[] {
  const text = withoutFilter(name)
  if (text.length > LONGEST_SHOWN || !SHOWN.test(text) || SECRET.test(text)) return []
  const like = likeAttribute(resourceType, text)
  return [like === undefined ? text : `${text} (${like}?)`]
}

/** `emails[…].value`: a filter has values. */
function withoutFilter(name: string): string {
  const [start, end] = [name.indexOf('['), name.lastIndexOf(']')]
  return start === -1 || end < start ? name : `${name.slice(0, start)}[…]${name.slice(end + 1)}`
}
