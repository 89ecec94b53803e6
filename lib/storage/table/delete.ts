import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { keysOfAll } from '../index-changes.ts'
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
import { finishHiding } from './hide.ts'
import { removeRows } from './index-rows.ts'
import { commitOnce } from './journal.ts'
import { readAllRows, readRow, type Partition, type ResourcePartition } from './partition.ts'

/**
 * Deletes a resource: one transaction makes its row a tombstone, frees its names and counts it out; then its memberships
 * and the tombstone are cleared away. If that is interrupted, `sweepDeletions` does it.
 * @param kept rows that are written with it.
 * @returns false when it was changed or deleted since it was read.
 * @throws ScimError `unavailable`.
 */
export async function deleteResource(
  partition: ResourcePartition,
  before: StoredResource,
  memberships: MembershipCascade,
  change: Change,
  kept: readonly TransactionAction[] = [],
): Promise<boolean> {
  const outcome = await markDeleted(partition, before, change, kept)
  if (outcome === 'deleted') await finishDeletion(partition, before.id, memberships, change)
  if (outcome === 'deletedByOther') await resumeDeletion(partition, before.id, memberships)
  return outcome === 'deleted'
}

/** Deleted by this call, by another whose clean-up may be interrupted, or not at all. */
type DeleteOutcome = 'deleted' | 'deletedByOther' | 'changed'

async function markDeleted(
  partition: ResourcePartition,
  before: StoredResource,
  change: Change,
  kept: readonly TransactionAction[],
): Promise<DeleteOutcome> {
  const { id, revision } = before
  if (revision === undefined) return 'changed'
  const { layout, resourceType } = partition
  const rows: readonly TransactionAction[] = [
    ...deletionRows(partition, { id, revision }, change),
    ...guardRows(partition, id, 'delete'),
    ...removeRows(partition, keysOfAll(layout, resourceType, before)),
    ...kept,
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

/** What makes a resource a tombstone, if nobody has written it since, with the mark by which its clean-up is found again. */
export function deletionRows(
  partition: Partition,
  { id, revision }: { readonly id: string; readonly revision: string },
  change: Change,
): readonly TransactionAction[] {
  return [
    ['update', toTombstone(partition, id, change), 'Replace', { etag: revision }],
    ['upsert', toDeletionMark(partition, id, change), 'Replace'],
  ]
}

/** The tombstone goes last but one: while its mark is there, everything before can be done again. */
export async function finishDeletion(
  partition: Partition,
  id: string,
  memberships: MembershipCascade,
  change: Change,
  resumedAt?: string,
): Promise<void> {
  const { table, partitionKey, layout, deadline } = partition
  if (change.note.hidden === true) {
    return finishHiding(partition, id, memberships, change, resumedAt)
  }
  const options = { resumedAt }
  await memberships.removeAll({ partitionKey, deadline }, id, layout.guarded, change, options)
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
  const { change } = fromDeletionMark(mark)
  await finishDeletion(partition, id, memberships, change, new Date().toISOString())
}

/** Finishes the deletions whose clean-up was interrupted; tells how many. Harmless beside deletions under way. */
export async function sweepDeletions(
  partition: Partition,
  memberships: MembershipCascade,
): Promise<number> {
  const marks = await readAllRows(partition, { range: deletionRange(partition.layout) })
  for (const { id, change } of marks.map(fromDeletionMark)) {
    await finishDeletion(partition, id, memberships, change, new Date().toISOString())
  }
  return marks.length
}
