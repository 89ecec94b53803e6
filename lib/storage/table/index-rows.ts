import type { TransactionAction } from '@azure/data-tables'
import { taken, type IndexEntry } from '../index-entries.ts'
import { indexKey, uniqueKey } from '../keys.ts'
import type { AttributeIndex } from '../layout.ts'
import { readRow, type Partition, type ResourcePartition } from './partition.ts'
import { text } from './row.ts'

/** Notes a resource's values in the indexes; fails when a unique one is noted already. */
export function insertEntries(
  partition: Partition,
  id: string,
  entries: readonly IndexEntry[],
): readonly TransactionAction[] {
  return entries.map((entry) => {
    // The value is for sorting: a long one is not in the key as a whole.
    const value = entry.index.unique ? { value: entry.value } : {}
    const row = { ...keyOf(partition, id, entry), id, ...value }
    return entry.index.unique ? ['create', row] : ['upsert', row, 'Replace']
  })
}

/** Takes a resource's values out of the indexes; they must be noted there. */
export function removeEntries(
  partition: Partition,
  id: string,
  entries: readonly IndexEntry[],
): readonly TransactionAction[] {
  return entries.map((entry) => ['delete', keyOf(partition, id, entry)])
}

function keyOf(
  { partitionKey }: Partition,
  id: string,
  { index, value }: IndexEntry,
): { partitionKey: string; rowKey: string } {
  const rowKey = index.unique ? uniqueKey(index.name, value) : indexKey(index.name, value, id)
  return { partitionKey, rowKey }
}

/** A unique value that a resource has. */
export interface Holder {
  readonly index: AttributeIndex
  readonly id: string
}

/** Looks who holds the unique values among the entries. */
export async function holdersOf(
  partition: Partition,
  entries: readonly IndexEntry[],
): Promise<readonly Holder[]> {
  const unique = entries.filter(({ index }) => index.unique)
  const holders = await Promise.all(
    unique.map(async ({ index, value }) => {
      const row = await readRow(partition, uniqueKey(index.name, value))
      return row === undefined ? undefined : { index, id: text(row, 'id') }
    }),
  )
  return holders.filter((holder) => holder !== undefined)
}

/** @throws ScimError `uniqueness` when one of the values is held by another resource than `id`. */
export function refuseTaken(
  { resourceType }: ResourcePartition,
  id: string,
  holders: readonly Holder[],
): void {
  const other = holders.find((holder) => holder.id !== id)
  if (other !== undefined) throw taken(resourceType, other.index)
}
