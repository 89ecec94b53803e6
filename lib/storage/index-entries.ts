import { leaf, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../scim/json.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { comparableText } from '../scim/text.ts'
import { DEFAULT_LAYOUTS, indexesOf, layoutOf, type AttributeIndex } from './layout.ts'

/** A value under which a resource is found in an index. */
export interface IndexEntry {
  readonly index: AttributeIndex
  /** In the form in which the attribute's values are compared. */
  readonly value: string
}

/** The indexes of a resource type. */
export function indexedAttributes(resourceType: ResourceType): readonly AttributeIndex[] {
  return indexesOf(layoutOf(DEFAULT_LAYOUTS, resourceType), resourceType)
}

/** The entries of a resource in all indexes, each value once. */
export function indexEntries(
  resourceType: ResourceType,
  attributes: JsonObject,
): readonly IndexEntry[] {
  return indexedAttributes(resourceType).flatMap((index) => {
    const values = textsAt(index.reference, attributes).map((text) =>
      comparableText(leaf(index.reference), text),
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

function textsAt(reference: ResolvedAttribute, attributes: JsonObject): readonly string[] {
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
