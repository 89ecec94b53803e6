import { leaf, type ResolvedAttribute } from '../scim/attribute-path.ts'
import { detail, resourceId } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject, JsonValue } from '../scim/json.ts'
import { LIMITS } from '../scim/limits.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { comparableForm } from '../scim/text.ts'
import { valuesAt } from '../scim/values-at.ts'
import { indexesOf, type AttributeIndex, type StorageLayout } from './layout.ts'

/** A value under which a resource is found in an index. */
export interface IndexEntry {
  readonly index: AttributeIndex
  /** In the form in which the attribute's values are compared. */
  readonly value: string
}

/** The values of one index as they are written, each once. */
export interface IndexedValues {
  readonly index: AttributeIndex
  readonly values: readonly IndexedValue[]
}

type IndexedValue = string | number | boolean

/** The entries of a resource in all indexes, each value once. */
export function indexEntries(
  layout: StorageLayout,
  resourceType: ResourceType,
  attributes: JsonObject,
): readonly IndexEntry[] {
  return indexedValues(layout, resourceType, attributes).flatMap(entriesOf)
}

/** Those of them that no other resource may have. */
export function uniqueEntries(
  layout: StorageLayout,
  resourceType: ResourceType,
  attributes: JsonObject,
): readonly IndexEntry[] {
  return indexedValues(layout, resourceType, attributes)
    .filter(({ index }) => index.unique)
    .flatMap(entriesOf)
}

/** The entries of one index, each value once. */
export function entriesOf({ index, values }: IndexedValues): readonly IndexEntry[] {
  const compared = values
    .map((value) => comparedValue(index.reference, value))
    .filter((value) => value !== undefined)
  return [...new Set(compared)].map((value) => ({ index, value }))
}

/**
 * A value in the form in which the values of an attribute are compared; undefined for one that is equal to none.
 * @param value of the attribute's type.
 */
export function comparedValue(
  reference: ResolvedAttribute,
  value: IndexedValue,
): string | undefined {
  if (typeof value !== 'string') return String(value)
  return comparableForm(leaf(reference), value)
}

/** @throws ScimError `invalidValue` when they are too many to be kept. */
export function requireStorable(entries: readonly IndexEntry[]): void {
  // An attribute that is about to be unique, or was, has two rows for each value.
  const declared = distinctValues(entries.filter(({ index }) => index.declared))
  if (declared.length > LIMITS.declaredEntries) {
    throw tooMany(
      declared,
      `at most ${LIMITS.declaredEntries} values of attributes that are unique or indexed and declared for the tenant can be kept`,
    )
  }
  const others = entries.filter(({ index }) => !index.declared)
  if (others.length + declared.length <= LIMITS.indexEntries) return
  throw tooMany([...others, ...declared], `at most ${LIMITS.indexEntries} can be kept`)
}

function distinctValues(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  const known = new Set<string>()
  return entries.filter(({ index, value }) => {
    const text = JSON.stringify([index.path, value])
    if (known.has(text)) return false
    known.add(text)
    return true
  })
}

function tooMany(entries: readonly IndexEntry[], limit: string): ScimError {
  const paths = new Set(entries.map(({ index }) => index.path))
  return new ScimError(
    'invalidValue',
    `${[...paths].join(', ')} have ${entries.length} values together; ${limit}.`,
  )
}

/** A resource that has a unique value. */
export interface Holder {
  readonly id: string
  readonly isInactive: boolean
}

/** Whether a resource says so of itself (RFC 7643 §4.1.1 `active`): who has its name mostly asks this next. */
export function isInactive(attributes: JsonObject): boolean {
  return attributes['active'] === false
}

/** The error for a unique value that another resource has (RFC 7644 §3.3): it names the attribute and who has the value. */
export function taken({ name }: ResourceType, { path }: AttributeIndex, holder: Holder): ScimError {
  const state = holder.isInactive ? ', inactive' : ''
  return new ScimError(
    'uniqueness',
    detail`Another ${name} has this ${path}: id ${resourceId(holder.id)}${state}.`,
    { path },
  )
}

/** What each index has of a resource, as it is written. */
export function indexedValues(
  layout: StorageLayout,
  resourceType: ResourceType,
  attributes: JsonObject,
): readonly IndexedValues[] {
  return indexesOf(layout, resourceType).map((index) => ({
    index,
    values: [...new Set(valuesAt(index.reference, attributes).filter(isIndexed))],
  }))
}

function isIndexed(value: JsonValue | undefined): value is IndexedValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
