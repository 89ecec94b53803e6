import { likeAttribute } from './likeness.ts'
import type { ResourceType } from './resource-type.ts'

/** So many names are shown; of the others, how many there are. */
const MOST_SHOWN = 20
const LONGEST_SHOWN = 200

/** What looks like the path of an attribute, or like a URN; a client may put anything else into a key. */
const SHOWN = /^[\w$:.-]+(?:\[…\][\w$:.-]*)?$/

/** What was meant for the Authorization header. */
const SECRET = /scim_[a-z0-9-]+_/i

/** A name in a request, and what it is of. */
export interface NamedAttribute {
  /** The name of the resource type. */
  readonly type: string
  readonly path: string
  /** What may have been meant, where there is no such attribute. */
  readonly like?: string | undefined
}

/**
 * The names that a request has and that were ignored, since there is no such attribute: to be told to whoever looks after
 * a mapping. No value is among them.
 */
export class IgnoredNames {
  readonly #names = new Set<string>()
  readonly #shown: NamedAttribute[] = []

  /** @param names as they were written, or as `referencePath` would have it; those that are in it already change nothing. */
  add(resourceType: ResourceType, names: Iterable<string>): void {
    for (const name of names) {
      if (this.#names.has(name)) continue
      this.#names.add(name)
      if (this.#shown.length < MOST_SHOWN) this.#shown.push(...shown(resourceType, name))
    }
  }

  /** Those that `list` has, but for the number of the others. */
  get shown(): readonly NamedAttribute[] {
    return this.#shown
  }

  /** Each with what may have been meant, as `departmnt (department?)`; last how many more there are: `and 5 more`. */
  list(): readonly string[] {
    const more = this.#names.size - this.#shown.length
    const names = this.#shown.map(({ path, like }) =>
      like === undefined ? path : `${path} (${like}?)`,
    )
    return more === 0 ? names : [...names, `and ${more} more`]
  }
}

function shown(resourceType: ResourceType, name: string): readonly NamedAttribute[] {
  const text = withoutFilter(name)
  if (text.length > LONGEST_SHOWN || !SHOWN.test(text) || SECRET.test(text)) return []
  return [{ type: resourceType.name, path: text, like: likeAttribute(resourceType, text) }]
}

/** `emails[…].value`: a filter has values. */
function withoutFilter(name: string): string {
  const [start, end] = [name.indexOf('['), name.lastIndexOf(']')]
  return start === -1 || end < start ? name : `${name.slice(0, start)}[…]${name.slice(end + 1)}`
}
