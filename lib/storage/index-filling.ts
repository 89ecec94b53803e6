import type { IndexedWith, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { entryKey } from './index-changes.ts'
import { entriesOf, indexedValues, type IndexedValues, type IndexEntry } from './index-entries.ts'
import type { AttributeIndex, StorageLayout } from './layout.ts'
import { declaredIndexNames } from './layout.ts'

/** Values of declared attributes that are indexed of one resource, whatever the limit was when they were written. */
const MOST_FILLED = 30

/** What the index rows of a resource lack, and have too much. */
export interface Lack {
  /** Rows that can be written whoever has the value, too. */
  readonly shared: readonly IndexEntry[]
  /** Unique values that are not noted as those of this resource. */
  readonly claims: readonly IndexEntry[]
  /** The keys of rows that are there and not wanted. */
  readonly removed: readonly string[]
  /** Indexes that cannot hold all values that the resource has. */
  readonly overfull: readonly AttributeIndex[]
  /** What the resource is indexed with when all is written but the claims. */
  readonly indexed: IndexedWith
}

/** What the index rows of a resource lack, and have too much; undefined when they are as they should be. */
export function lackOf(
  layout: StorageLayout,
  resourceType: ResourceType,
  { id, attributes, indexed = { names: [], declared: {} } }: StoredResource,
): Lack | undefined {
  const values = indexedValues(layout, resourceType, attributes)
  const later = values.filter(({ index }) => index.later && !indexed.names.includes(index.name))
  const declared = values.filter(({ index }) => index.declared).map(entriesIn)
  const { fitting, overfull } = fit(declared)
  const noted = new Set(Object.values(indexed.declared).flat())
  const wanted = fitting.flatMap(({ entries }) => entries)
  const keys = new Set(wanted.map((entry) => entryKey(id, entry)))
  const missing = wanted.filter((entry) => !noted.has(entryKey(id, entry)))
  const known = declaredIndexNames(layout, resourceType)
  const kept = Object.entries(indexed.declared).map(
    ([name, own]) => [name, known.has(name) ? own.filter((key) => keys.has(key)) : own] as const,
  )
  const present = new Set(kept.flatMap(([, own]) => own))
  const removed = [...noted].filter((key) => !present.has(key))
  const shared = [...later.flatMap(entriesOf), ...missing.filter(({ index }) => !index.unique)]
  const claims = missing.filter(({ index }) => index.unique)
  if (shared.length + claims.length + removed.length + overfull.length === 0) return undefined
  const names = layout.laterIndexes ?? []
  const now = withEntries(id, Object.fromEntries(kept), shared)
  return { shared, claims, removed, overfull, indexed: { names, declared: now } }
}

/** Adds the keys of entries of declared attributes; indexes without any are left out. */
export function withEntries(
  id: string,
  declared: IndexedWith['declared'],
  entries: readonly IndexEntry[],
): IndexedWith['declared'] {
  const all = new Map(Object.entries(declared).filter(([, keys]) => keys.length > 0))
  for (const entry of entries.filter(({ index }) => index.declared)) {
    const { name } = entry.index
    all.set(name, [...(all.get(name) ?? []), entryKey(id, entry)])
  }
  return Object.fromEntries(all)
}

interface Entries {
  readonly index: AttributeIndex
  readonly entries: readonly IndexEntry[]
}

function entriesIn(values: IndexedValues): Entries {
  return { index: values.index, entries: entriesOf(values) }
}

/** Those that can be written together. */
function fit(all: readonly Entries[]): {
  readonly fitting: readonly Entries[]
  readonly overfull: readonly AttributeIndex[]
} {
  const fitting: Entries[] = []
  const overfull: AttributeIndex[] = []
  let room = MOST_FILLED
  for (const each of all) {
    if (each.entries.length > room) {
      overfull.push(each.index)
      continue
    }
    room -= each.entries.length
    fitting.push(each)
  }
  return { fitting, overfull }
}
