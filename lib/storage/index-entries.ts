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

/** What a change of a resource means for the indexes. */
export interface EntryChanges {
  readonly added: readonly IndexEntry[]
  readonly removed: readonly IndexEntry[]
  /** Unique ones that stay and must be noted anew: whether their holder is inactive has changed. */
  readonly renoted: readonly IndexEntry[]
}

/** The values of one index as they are written, each once. */
interface IndexedValues {
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

/**
 * The entries that a change adds and removes. An index whose values are written as before is passed over: folding them
 * may take long.
 * @throws ScimError `invalidValue` when there are too many afterwards.
 */
export function changedEntries(
  layout: StorageLayout,
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): EntryChanges {
  const old = indexedValues(layout, resourceType, before)
  const current = indexedValues(layout, resourceType, after)
  const most = current.reduce((sum, { values }) => sum + values.length, 0)
  if (most > LIMITS.indexEntries) requireStorable(current.flatMap(entriesOf))
  const isChanged = (_: IndexedValues, at: number): boolean =>
    !isSame(old[at]?.values ?? [], current[at]?.values ?? [])
  const oldEntries = old.filter(isChanged).flatMap(entriesOf)
  const newEntries = current.filter(isChanged).flatMap(entriesOf)
  const added = entriesMissingIn(oldEntries, newEntries)
  const isRenoted = isInactive(before) !== isInactive(after)
  return {
    added,
    removed: entriesMissingIn(newEntries, oldEntries),
    renoted: isRenoted ? entriesMissingIn(added, uniqueEntries(layout, resourceType, after)) : [],
  }
}

function isSame(one: readonly IndexedValue[], other: readonly IndexedValue[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at])
}

/** Entries of `entries` that `others` does not have. */
function entriesMissingIn(
  others: readonly IndexEntry[],
  entries: readonly IndexEntry[],
): readonly IndexEntry[] {
  return entries.filter(
    ({ index, value }) =>
      !others.some((other) => other.index.name === index.name && other.value === value),
  )
}

function entriesOf({ index, values }: IndexedValues): readonly IndexEntry[] {
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

/** @throws ScimError `invalidValue` when they are too many to be written in one transaction. */
export function requireStorable(entries: readonly IndexEntry[]): void {
  if (entries.length <= LIMITS.indexEntries) return
  const paths = new Set(entries.map(({ index }) => index.path))
  throw new ScimError(
    'invalidValue',
    `${[...paths].join(', ')} have ${entries.length} values together; at most ${LIMITS.indexEntries} can be kept.`,
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
  )
}

function indexedValues(
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
