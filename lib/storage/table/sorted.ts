import { referencePath } from '../../scim/attribute-path.ts'
import type { ResolvedFilter } from '../../scim/filter/filter.ts'
import { LIMITS } from '../../scim/limits.ts'
import { compareSortKeys, type Sort } from '../../scim/sort.ts'
import { prefixRange } from '../keys.ts'
import { indexesOf, type AttributeIndex } from '../layout.ts'
import type { MembershipLookup, SortedEntry } from '../port.ts'
import { requireSortable, sortedEntries } from '../sorted-entries.ts'
import { findResources } from './find.ts'
import { readRows, type Partition, type ResourcePartition } from './partition.ts'
import { text } from './row.ts'
import { scanResources } from './scan.ts'

/**
 * All that match, in an order: of all resources by their unique name the names alone are read.
 * @throws ScimError `tooMany`.
 */
export async function sorted(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  filter: ResolvedFilter | undefined,
  sort: Sort,
): Promise<readonly SortedEntry[]> {
  const { resourceType, deadline } = partition
  const names = filter === undefined ? indexOfNames(partition, sort) : undefined
  if (names !== undefined) return sortedByName(partition, names, sort)
  const matching =
    filter === undefined ? scanResources(partition, {}) : findResources(partition, lookup, filter)
  return sortedEntries(resourceType, matching, sort, deadline)
}

/** The index that has one value of every resource to sort by: of a text that is unique and required. */
function indexOfNames(
  { layout, resourceType }: ResourcePartition,
  { by }: Sort,
): AttributeIndex | undefined {
  const { extension, attribute, subAttribute } = by
  const { type, multiValued, required } = attribute
  const isOfEach = extension === undefined && subAttribute === undefined && required && !multiValued
  if (!isOfEach || type !== 'string') return undefined
  const path = referencePath(by)
  return indexesOf(layout, resourceType).find(
    ({ unique, complete, path: own }) => unique && complete && own === path,
  )
}

/** The names are read from their column: the key of a long one does not hold all of it. */
async function sortedByName(
  partition: Partition,
  index: AttributeIndex,
  { descending }: Sort,
): Promise<readonly SortedEntry[]> {
  const entries: SortedEntry[] = []
  const query = { range: prefixRange(index.name, ''), select: ['id', 'value'] }
  for await (const { rows } of readRows(partition, query)) {
    requireSortable(entries.length + rows.length, LIMITS.sortedNames)
    for (const row of rows)
      entries.push({ id: text(row, 'id'), key: { value: text(row, 'value') } })
  }
  const compare = compareSortKeys(descending)
  return entries.toSorted((one, other) => compare(one.key, other.key))
}
