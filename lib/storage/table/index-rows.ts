import type { TransactionAction } from '@azure/data-tables'
import type { IndexEntry } from '../index-entries.ts'
import { indexKey, uniqueKey } from '../keys.ts'
import { taken } from '../taken.ts'
import { readRow, type Partition } from './partition.ts'
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

/**
 * Looks who holds the unique values among the entries.
 * @throws ScimError `uniqueness` when one is held by another resource than `id`.
 */
export async function refuseTaken(
  partition: Partition,
  id: string,
  entries: readonly IndexEntry[],
): Promise<void> {
  const unique = entries.filter(({ index }) => index.unique)
  await Promise.all(
    unique.map(async ({ index, value }) => {
      const row = await readRow(partition, uniqueKey(index.name, value))
      if (row !== undefined && text(row, 'id') !== id) throw taken(partition.resourceType, index)
    }),
  )
}
