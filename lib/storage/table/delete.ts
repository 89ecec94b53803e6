import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { indexEntries } from '../index-entries.ts'
import { deletionKey, deletionRange, resourceKey } from '../keys.ts'
import type { Change, MembershipCascade } from '../port.ts'
import { countAction, readCounter } from './counters.ts'
import { guardRows } from './create.ts'
import {
  fromDeletionMark,
  IDENTITY_COLUMNS,
  isTombstone,
  toDeletionMark,
  toTombstone,
} from './entity.ts'
import { eraseRow } from './erase.ts'
import { removeEntries } from './index-rows.ts'
import { commitOnce } from './journal.ts'
import { readAllRows, readRow, type Partition, type ResourcePartition } from './partition.ts'

/**
 * Deletes a resource: one transaction makes its row a tombstone, frees its names and counts it out; then its memberships
 * and the tombstone are cleared away. If that is interrupted, `sweepDeletions` does it.
 * @returns false when it was changed or deleted since it was read.
 * @throws ScimError `unavailable`.
 */
export async function deleteResource(
  partition: ResourcePartition,
  before: StoredResource,
  memberships: MembershipCascade,
  change: Change,
): Promise<boolean> {
  const outcome = await markDeleted(partition, before, change)
  if (outcome === 'deleted') await finishDeletion(partition, before.id, memberships, change)
  if (outcome === 'deletedByOther') await resumeDeletion(partition, before.id, memberships)
  return outcome === 'deleted'
}

/** Deleted by this call, by another whose clean-up may be interrupted, or not at all. */
type DeleteOutcome = 'deleted' | 'deletedByOther' | 'changed'

async function markDeleted(
  partition: ResourcePartition,
  { id, revision, attributes }: StoredResource,
  change: Change,
): Promise<DeleteOutcome> {
  if (revision === undefined) return 'changed'
  const { layout, resourceType } = partition
  const rows: readonly TransactionAction[] = [
    ['update', toTombstone(partition, id), 'Replace', { etag: revision }],
    ['upsert', toDeletionMark(partition, id, change), 'Replace'],
    ...guardRows(partition, id, 'delete'),
    ...removeEntries(partition, id, indexEntries(layout, resourceType, attributes)),
  ]
  return commitOnce<DeleteOutcome>(partition, change, {
    rows: async () => [...rows, countAction(partition, await readCounter(partition, id), -1)],
    committed: 'deleted',
    explain: async (refusal) => {
      const row = await readRow(partition, resourceKey(layout, id), IDENTITY_COLUMNS)
      if (row !== undefined && isTombstone(row)) return { result: 'deletedByOther' }
      return row?.['etag'] === revision ? { again: refusal?.error } : { result: 'changed' }
    },
  })
}

/** The tombstone goes last but one: while its mark is there, everything before can be done again. */
async function finishDeletion(
  partition: Partition,
  id: string,
  memberships: MembershipCascade,
  change: Change,
): Promise<void> {
  const { table, partitionKey, layout, deadline } = partition
  await memberships.removeAll({ partitionKey, deadline }, id, layout.guarded, change)
  await eraseRow(table, { partitionKey, rowKey: resourceKey(layout, id) }, deadline)
  await eraseRow(table, { partitionKey, rowKey: deletionKey(layout, id) }, deadline)
}

/** Finishes the deletion of a resource if its clean-up was interrupted. Harmless beside a deletion under way. */
export async function resumeDeletion(
  partition: Partition,
  id: string,
  memberships: MembershipCascade,
): Promise<void> {
  const mark = await readRow(partition, deletionKey(partition.layout, id))
  if (mark === undefined) return
  await finishDeletion(partition, id, memberships, fromDeletionMark(mark).change)
}

/** Finishes the deletions whose clean-up was interrupted; tells how many. Harmless beside deletions under way. */
export async function sweepDeletions(
  partition: Partition,
  memberships: MembershipCascade,
): Promise<number> {
  const marks = await readAllRows(partition, { range: deletionRange(partition.layout) })
  for (const { id, change } of marks.map(fromDeletionMark)) {
    await finishDeletion(partition, id, memberships, change)
  }
  return marks.length
}
