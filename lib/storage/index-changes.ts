import { ScimError, unavailable } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import type { IndexedWith, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import {
  entriesOf,
  indexedValues,
  isInactive,
  type IndexedValues,
  type IndexEntry,
} from './index-entries.ts'
import { isOverfull } from './index-limits.ts'
import { indexKey, uniqueKey } from './keys.ts'
import { declaredIndexNames, type AttributeIndex, type StorageLayout } from './layout.ts'

/** What a change of a resource means for the indexes. */
export interface EntryChanges {
  readonly added: readonly IndexEntry[]
  /** The keys of rows that are there. */
  readonly removed: readonly string[]
  /** Unique ones that stay and must be noted anew: whether their holder is inactive has changed. */
  readonly renoted: readonly IndexEntry[]
  /** What the resource is indexed with afterwards. */
  readonly indexed: IndexedWith
}

/** What a change means for one index. */
interface Part {
  readonly name: string
  readonly added: readonly IndexEntry[]
  readonly removed: readonly string[]
  /** The keys of its rows afterwards, where the resource's row has them. */
  readonly keys: readonly string[]
}

type Before = Pick<StoredResource, 'id' | 'attributes' | 'indexed'>

/** Rows of indexes that one change can write beside the resource's own, its invitation's and its counter's: 100 fit into a transaction. */
const MOST_ROWS = 93

/** Keys of rows that a resource may have beside those that its type knows, so that a deletion can remove all of them. */
const MOST_UNKNOWN = 30

const NOTHING: IndexedWith = { names: [], declared: {} }

/** The key of the row of an entry. */
export function entryKey(id: string, { index, value }: IndexEntry): string {
  return index.unique ? uniqueKey(index.name, value) : indexKey(index.name, value, id)
}

/** What a resource is indexed with whose entries are all written. */
export function indexedWith(
  layout: StorageLayout,
  id: string,
  entries: readonly IndexEntry[],
): IndexedWith {
  const declared: Record<string, readonly string[]> = {}
  for (const entry of entries.filter(({ index }) => index.declared)) {
    const { name } = entry.index
    declared[name] = [...(declared[name] ?? []), entryKey(id, entry)]
  }
  return { names: layout.laterIndexes ?? [], declared }
}

/**
 * The rows that a change of a resource adds and removes. An index whose values are written as before is passed over: folding
 * them may take long.
 * @throws ScimError `invalidValue` when there are too many values afterwards.
 */
export function changedEntries(
  layout: StorageLayout,
  resourceType: ResourceType,
  before: Before,
  after: JsonObject,
): EntryChanges {
  const old = indexedValues(layout, resourceType, before.attributes)
  const current = indexedValues(layout, resourceType, after)
  const ofOwn = isOverfull(old, current) ? ofOverfull : ofDeclared
  const { indexed = NOTHING } = before
  const parts = current.map((values, at): Part => {
    const change = values.index.declared ? ofOwn : ofLayout
    return change(before, indexed, old[at] ?? { index: values.index, values: [] }, values)
  })
  const declared = new Map([...unknownIn(layout, resourceType, indexed), ...parts.flatMap(keysIn)])
  const added = parts.flatMap((part) => part.added)
  const removed = [
    ...parts.flatMap((part) => part.removed),
    ...unwanted(layout, resourceType, indexed, current),
  ]
  const isRenoted = isInactive(before.attributes) !== isInactive(after)
  const renoted = isRenoted ? renotedOf(before.id, current, added, declared) : []
  const rows = added.length + removed.length + renoted.length
  if (rows > MOST_ROWS) throw tooManyAtOnce(rows)
  const names = layout.laterIndexes ?? []
  return { added, removed, renoted, indexed: { names, declared: Object.fromEntries(declared) } }
}

function keysIn({ name, keys }: Part): readonly (readonly [string, readonly string[]])[] {
  return keys.length === 0 ? [] : [[name, keys]]
}

/** Rows of attributes that the type does not have: they are hidden, and come back with their values. */
function unknownIn(
  layout: StorageLayout,
  resourceType: ResourceType,
  { declared }: IndexedWith,
): readonly (readonly [string, readonly string[]])[] {
  const known = declaredIndexNames(layout, resourceType)
  const unknown = Object.entries(declared).filter(([name]) => !known.has(name))
  if (unknown.flatMap(([, keys]) => keys).length > MOST_UNKNOWN) throw tooManyUnknown()
  return unknown
}

/** Rows of attributes that have no such index any more. */
function unwanted(
  layout: StorageLayout,
  resourceType: ResourceType,
  { declared }: IndexedWith,
  current: readonly IndexedValues[],
): readonly string[] {
  const known = declaredIndexNames(layout, resourceType)
  const written = new Set(current.map(({ index }) => index.name))
  return Object.entries(declared)
    .filter(([name]) => known.has(name) && !written.has(name))
    .flatMap(([, keys]) => keys)
}

function tooManyUnknown(): ScimError {
  return unavailable(
    'Values of attributes that the tenant has removed are still being taken out of the indexes. Try again later.',
  )
}

/** Only values of before there was a limit come to so many, and those of attributes that have just become unique. */
function tooManyAtOnce(rows: number): ScimError {
  return new ScimError(
    'invalidValue',
    `${rows} values that filters find without a scan would come and go at once; at most ${MOST_ROWS} can. Do it in two steps.`,
  )
}

/** Whether the rows of an index are there that a resource was written with. */
function wasWritten({ names }: IndexedWith, { later, name }: AttributeIndex): boolean {
  return !later || names.includes(name)
}

function ofLayout(
  { id }: Before,
  indexed: IndexedWith,
  old: IndexedValues,
  current: IndexedValues,
): Part {
  const { name } = current.index
  if (!wasWritten(indexed, current.index)) {
    return { name, added: entriesOf(current), removed: [], keys: [] }
  }
  if (isSame(old, current)) return { name, added: [], removed: [], keys: [] }
  const [before, after] = [entriesOf(old), entriesOf(current)]
  const removed = entriesMissingIn(after, before).map((entry) => entryKey(id, entry))
  return { name, added: entriesMissingIn(before, after), removed, keys: [] }
}

/** Nothing is added: what lacks a row is for the filling, whatever the limit of one write is. */
function ofOverfull(
  { id }: Before,
  { declared }: IndexedWith,
  old: IndexedValues,
  current: IndexedValues,
): Part {
  const { name } = current.index
  const noted = (Object.hasOwn(declared, name) ? declared[name] : undefined) ?? []
  if (isSame(old, current)) return { name, added: [], removed: [], keys: noted }
  const wanted = new Set(entriesOf(current).map((entry) => entryKey(id, entry)))
  const keys = noted.filter((key) => wanted.has(key))
  return { name, added: [], removed: noted.filter((key) => !wanted.has(key)), keys }
}

/**
 * A unique value that is not noted is one that another resource has, too: it is left to the filling, and keeps no other
 * change from being made.
 */
function ofDeclared(
  { id }: Before,
  { declared }: IndexedWith,
  old: IndexedValues,
  current: IndexedValues,
): Part {
  const { name, unique } = current.index
  const keys = (Object.hasOwn(declared, name) ? declared[name] : undefined) ?? []
  if (isSame(old, current) && (unique || keys.length > 0))
    return { name, added: [], removed: [], keys }
  const noted = new Set(keys)
  const isNoted = (entry: IndexEntry): boolean => noted.has(entryKey(id, entry))
  const left = unique ? entriesOf(old).filter((entry) => !isNoted(entry)) : []
  const wanted = entriesMissingIn(left, entriesOf(current))
  const after = wanted.map((entry) => entryKey(id, entry))
  return {
    name,
    added: wanted.filter((entry) => !isNoted(entry)),
    removed: keys.filter((key) => !after.includes(key)),
    keys: after,
  }
}

function isSame({ values: one }: IndexedValues, { values: other }: IndexedValues): boolean {
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

function renotedOf(
  id: string,
  current: readonly IndexedValues[],
  added: readonly IndexEntry[],
  declared: ReadonlyMap<string, readonly string[]>,
): readonly IndexEntry[] {
  const unique = current.filter(({ index }) => index.unique).flatMap(entriesOf)
  return entriesMissingIn(added, unique).filter((entry) => {
    const { name, declared: isDeclared } = entry.index
    return !isDeclared || declared.get(name)?.includes(entryKey(id, entry)) === true
  })
}

/** The keys of all rows of a resource in indexes. */
export function keysOfAll(
  layout: StorageLayout,
  resourceType: ResourceType,
  { id, attributes, indexed = NOTHING }: Before,
): readonly string[] {
  const kept = indexedValues(layout, resourceType, attributes)
    .filter(({ index }) => !index.declared && wasWritten(indexed, index))
    .flatMap(entriesOf)
    .map((entry) => entryKey(id, entry))
  return [...kept, ...Object.values(indexed.declared).flat()]
}
