import type { TransactionAction } from '@azure/data-tables'
import { taken, type Holder, type IndexEntry } from '../index-entries.ts'
import { entryKey } from '../index-changes.ts'
import { uniqueKey } from '../keys.ts'
import type { AttributeIndex } from '../layout.ts'
import { readRow, type Partition, type ResourcePartition } from './partition.ts'
import { text, type Entity } from './row.ts'

/** Notes a resource's values in the indexes; fails when a unique one is noted already. */
export function insertEntries(
  partition: Partition,
  holder: Holder,
  entries: readonly IndexEntry[],
): readonly TransactionAction[] {
  return entries.map((entry) => {
    const row = toRow(partition, holder, entry)
    return entry.index.unique ? ['create', row] : ['upsert', row, 'Replace']
  })
}

/** Notes unique values anew that the resource has, and nobody else can have meanwhile: its own row is written with them. */
export function updateEntries(
  partition: Partition,
  holder: Holder,
  entries: readonly IndexEntry[],
): readonly TransactionAction[] {
  return entries.map((entry) => ['upsert', toRow(partition, holder, entry), 'Replace'])
}

/** The row of an entry. */
export function toRow(partition: Partition, { id, isInactive }: Holder, entry: IndexEntry): Entity {
  const key = { partitionKey: partition.partitionKey, rowKey: entryKey(id, entry) }
  if (!entry.index.unique) return { ...key, id }
  // The value is for sorting: a long one is not in the key as a whole.
  return { ...key, id, value: entry.value, ...(isInactive ? { inactive: true } : {}) }
}

/** Takes rows out of the indexes; they must be there. */
export function removeRows(
  { partitionKey }: Partition,
  keys: readonly string[],
): readonly TransactionAction[] {
  return keys.map((rowKey) => ['delete', { partitionKey, rowKey }])
}

/** A unique value that is taken, and who has it. */
interface TakenValue {
  readonly index: AttributeIndex
  readonly value: string
  readonly holder: Holder
}

/** Looks who holds the unique values among the entries. */
export async function holdersOf(
  partition: Partition,
  entries: readonly IndexEntry[],
): Promise<readonly TakenValue[]> {
  const unique = entries.filter(({ index }) => index.unique)
  const holders = await Promise.all(
    unique.map(async ({ index, value }) => {
      const row = await readRow(partition, uniqueKey(index.name, value))
      if (row === undefined) return undefined
      return { index, value, holder: { id: text(row, 'id'), isInactive: row['inactive'] === true } }
    }),
  )
  return holders.filter((each) => each !== undefined)
}

/** @throws ScimError `uniqueness` when one of the values is held by another resource than `id`. */
export function refuseTaken(
  { resourceType }: ResourcePartition,
  id: string,
  holders: readonly TakenValue[],
): void {
  const other = holders.find(({ holder }) => holder.id !== id)
  if (other !== undefined) throw taken(resourceType, other.index, other.holder)
}
