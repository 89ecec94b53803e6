import { referencePath, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { containersOf, type Container } from '../scim/container.ts'
import { isObject, type JsonObject, type JsonValue } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'

/** The content of a resource: what its type knows, and what is kept beyond it. */
type Content = Pick<StoredResource, 'attributes' | 'hidden'>

/** How the attributes of a resource type are kept. */
interface StoredForm {
  /** Where the content of an extension is kept, by its URN. */
  readonly keys: ReadonlyMap<string, string>
  /** The names that the resource itself may have. */
  readonly own: ReadonlySet<string>
  /** By the key under which they are kept: the URNs of extensions by the names of their attributes. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<string, string>>
}

const known = new WeakMap<ResourceType, StoredForm>()

function formOf(resourceType: ResourceType): StoredForm {
  let form = known.get(resourceType)
  if (form === undefined) {
    form = makeForm(containersOf(resourceType))
    known.set(resourceType, form)
  }
  return form
}

function makeForm(containers: readonly Container[]): StoredForm {
  const own = new Set<string>()
  const keys = new Map<string, string>()
  const extensions = new Map<string, Map<string, string>>()
  for (const { extension, attributes } of containers) {
    if (extension === undefined) {
      for (const { name } of attributes) own.add(name)
      continue
    }
    const { id, storedAs = id } = extension
    keys.set(id, storedAs)
    const urns = extensions.get(storedAs) ?? new Map<string, string>()
    for (const { name } of attributes) urns.set(name, id)
    extensions.set(storedAs, urns)
  }
  return { own, keys, extensions }
}

/**
 * What is to be kept as JSON: the content of extensions under their keys, what is hidden where it was.
 * @param attributes in canonical form.
 */
export function toStored(
  resourceType: ResourceType,
  { attributes, hidden = {} }: Content,
): JsonObject {
  const { keys } = formOf(resourceType)
  const isPlain = Object.keys(attributes).every((name) => (keys.get(name) ?? name) === name)
  if (isPlain && Object.keys(hidden).length === 0) return attributes
  const stored = new Map<string, JsonValue>()
  for (const [name, value] of [...Object.entries(attributes), ...Object.entries(hidden)]) {
    const key = keys.get(name) ?? name
    const present = stored.get(key)
    // What is hidden comes last and never takes the place of what is known.
    if (present === undefined) stored.set(key, value)
    else if (isObject(present) && isObject(value)) stored.set(key, { ...value, ...present })
  }
  return Object.fromEntries(stored)
}

/** The content of a resource from what is kept of it. */
export function fromStored(resourceType: ResourceType, stored: JsonObject): Content {
  const form = formOf(resourceType)
  const names = Object.keys(stored)
  if (names.every((name) => isAsKept(form, name, stored[name]))) return { attributes: stored }
  const attributes: Parts = new Map()
  const hidden: Parts = new Map()
  for (const name of names) {
    const value = stored[name] ?? null
    if (form.own.has(name)) attributes.set(name, value)
    else if (isObject(value)) split(form.extensions.get(name), name, value, attributes, hidden)
    else hidden.set(name, value)
  }
  const content = { attributes: Object.fromEntries(attributes) }
  return hidden.size === 0 ? content : { ...content, hidden: Object.fromEntries(hidden) }
}

type Parts = Map<string, JsonValue>

/** Whether a value is known, all of it, and is kept where it belongs. */
function isAsKept(
  { own, keys, extensions }: StoredForm,
  name: string,
  value: JsonValue | undefined,
): boolean {
  if (own.has(name)) return true
  const urns = keys.get(name) === name ? extensions.get(name) : undefined
  if (urns === undefined || !isObject(value)) return false
  return Object.keys(value).every((inner) => urns.has(inner))
}

/** Gives each value of a container to its extension; what belongs to none is hidden. */
function split(
  urns: ReadonlyMap<string, string> | undefined,
  key: string,
  values: JsonObject,
  attributes: Parts,
  hidden: Parts,
): void {
  for (const [name, value] of Object.entries(values)) {
    const urn = urns?.get(name)
    const parts = urn === undefined ? hidden : attributes
    const content = parts.get(urn ?? key)
    parts.set(urn ?? key, { ...(isObject(content) ? content : {}), [name]: value })
  }
}

/** The path of an attribute whatever the URN of its extension is: the names of its index rows hang on it. */
export function storedPath(reference: ResolvedAttribute): string {
  const { extension } = reference
  if (extension?.storedAs === undefined) return referencePath(reference)
  return referencePath({ ...reference, extension: { ...extension, id: extension.storedAs } })
}
