import { leaf, resolvePath, type AttributeReference } from '../scim/attribute-path.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../scim/json.ts'
import type { AttributeIndex, ResourceType } from '../scim/resource-type.ts'
import { comparableText } from '../scim/text.ts'

/** A value under which a resource is found in an index. */
export interface IndexEntry {
  readonly index: AttributeIndex
  /** In the form in which the attribute's values are compared. */
  readonly value: string
}

/** An index and the attribute whose values it holds. */
export interface IndexedAttribute {
  readonly index: AttributeIndex
  readonly reference: AttributeReference
}

const known = new WeakMap<ResourceType, readonly IndexedAttribute[]>()

/**
 * The indexes of a resource type with their attributes.
 * @throws TypeError when an index names an attribute that the schemas do not have.
 */
export function indexedAttributes(resourceType: ResourceType): readonly IndexedAttribute[] {
  let indexed = known.get(resourceType)
  if (indexed === undefined) {
    indexed = resourceType.indexes.map((index) => {
      const reference = resolvePath(resourceType, index.path)
      if (reference?.kind === 'attribute') return { index, reference }
      throw new TypeError(`index ${index.name} of ${resourceType.name}: no attribute ${index.path}`)
    })
    known.set(resourceType, indexed)
  }
  return indexed
}

/** The entries of a resource in all indexes, each value once. */
export function indexEntries(
  resourceType: ResourceType,
  attributes: JsonObject,
): readonly IndexEntry[] {
  return indexedAttributes(resourceType).flatMap(({ index, reference }) => {
    const values = textsAt(reference, attributes).map((text) =>
      comparableText(leaf(reference), text),
    )
    return [...new Set(values)].map((value) => ({ index, value }))
  })
}

/** Entries of `entries` that `others` does not have. */
export function entriesMissingIn(
  others: readonly IndexEntry[],
  entries: readonly IndexEntry[],
): readonly IndexEntry[] {
  return entries.filter(
    ({ index, value }) =>
      !others.some((other) => other.index.name === index.name && other.value === value),
  )
}

function textsAt(reference: AttributeReference, attributes: JsonObject): readonly string[] {
  const { extension, attribute, subAttribute } = reference
  const container = extension === undefined ? attributes : own(attributes, extension.id)
  const value = own(container, attribute.name)
  const elements = isArray(value) ? value : [value]
  return elements
    .map((element) => (subAttribute === undefined ? element : own(element, subAttribute.name)))
    .filter((text) => typeof text === 'string')
}

function own(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}
