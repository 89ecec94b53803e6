import type { TransactionAction } from '@azure/data-tables'
import { indexedWith } from '../index-changes.ts'
import { indexEntries, isInactive, requireStorable } from '../index-entries.ts'
import { guardKey, resourceKey } from '../keys.ts'
import type { Change, NewResource } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { countAction, readCounter } from './counters.ts'
import { IDENTITY_COLUMNS, toEntity } from './entity.ts'
import { holdersOf, insertEntries, refuseTaken } from './index-rows.ts'
import { commitOnce } from './journal.ts'
import { readRow, type Partition, type ResourcePartition } from './partition.ts'

/**
 * Inserts a resource with its index rows and counts it, in one transaction.
 * @throws ScimError `uniqueness`, `invalidValue`, `unavailable`.
 */
export async function createResource(
  partition: ResourcePartition,
  resource: NewResource,
  change: Change,
): Promise<void> {
  const { layout, resourceType } = partition
  const { id, attributes } = resource
  const entries = indexEntries(layout, resourceType, attributes)
  requireStorable(entries)
  const json = storableJson(resourceType, { attributes })
  const indexed = indexedWith(layout, id, entries)
  const holder = { id, isInactive: isInactive(attributes) }
  const rows: readonly TransactionAction[] = [
    ['create', toEntity(partition, { ...resource, ...change.stamp, indexed }, json)],
    ...guardRows(partition, id, 'create'),
    ...insertEntries(partition, holder, entries),
  ]
  await commitOnce(partition, change, {
    rows: async () => [...rows, countAction(partition, await readCounter(partition, id), 1)],
    committed: undefined,
    explain: async (refusal) => {
      const [created, holders] = await Promise.all([
        readRow(partition, resourceKey(layout, id), IDENTITY_COLUMNS),
        holdersOf(partition, entries),
      ])
      // Ids are never used twice, so a row with this id is from this very creation.
      if (created !== undefined) return { result: undefined }
      refuseTaken(partition, id, holders)
      return { again: refusal?.error }
    },
  })
}

/** The row that keeps members from being added to a group that is gone (see `guardKey`); users have none. */
export function guardRows(
  { partitionKey, layout }: Partition,
  id: string,
  action: 'create' | 'delete',
): readonly TransactionAction[] {
  return layout.guarded ? [[action, { partitionKey, rowKey: guardKey(id) }]] : []
}
