import { randomUUID } from 'node:crypto'
import type { StoredResource } from '../../scim/resource.ts'
import { indexEntries } from '../index-entries.ts'
import { DELETION_RANGE, deletionKey, resourceKey } from '../keys.ts'
import type { MembershipCascade } from '../port.ts'
import { countAction, readCounter } from './counters.ts'
import { guardRows } from './create.ts'
import { IDENTITY_COLUMNS, isTombstone, toDeletionMark, toTombstone } from './entity.ts'
import { eraseRow } from './erase.ts'
import { removeEntries } from './index-rows.ts'
import { readAllRows, readRow, type Partition } from './partition.ts'
import { text } from './row.ts'
import { submit, untilDecided, type Attempt } from './transaction.ts'

/**
 * Deletes a resource: one transaction makes its row a tombstone, frees its names and counts it out; then its memberships
 * and the tombstone are cleared away. If that is interrupted, `sweepDeletions` does it.
 * @returns false when it was changed or deleted since it was read.
 * @param patience milliseconds for which lost races for the counter are repeated.
 * @throws ScimError `unavailable`.
 */
export async function deleteResource(
  partition: Partition,
  before: StoredResource,
  memberships: MembershipCascade,
  patience: number,
): Promise<boolean> {
  const deleted = await bury(partition, before, patience)
  if (deleted !== 'changed') await finishDeletion(partition, before.id, memberships)
  return deleted === 'byThis'
}

/** Deleted by this call, by another whose clean-up may be interrupted, or not at all. */
type Deleted = 'byThis' | 'byOther' | 'changed'

async function bury(
  partition: Partition,
  { id, revision, attributes }: StoredResource,
  patience: number,
): Promise<Deleted> {
  if (revision === undefined) return 'changed'
  const deletion = randomUUID()
  const entries = indexEntries(partition.resourceType, attributes)
  return untilDecided(async (): Promise<Attempt<Deleted>> => {
    const counter = await readCounter(partition, id)
    const outcome = await submit(partition, [
      ['update', toTombstone(partition, id, deletion), 'Replace', { etag: revision }],
      ['upsert', toDeletionMark(partition, id), 'Replace'],
      ...guardRows(partition, id, 'delete'),
      ...removeEntries(partition, id, entries),
      countAction(partition, counter, -1),
    ])
    if (outcome.committed) return { result: 'byThis' }
    const row = await readRow(partition, resourceKey(partition.resourceType, id), IDENTITY_COLUMNS)
    if (row === undefined) return { result: 'changed' }
    if (isTombstone(row)) return { result: row['deletion'] === deletion ? 'byThis' : 'byOther' }
    return row['etag'] === revision ? { again: outcome.error } : { result: 'changed' }
  }, patience)
}

/** The tombstone goes last but one: while its mark is there, everything before can be done again. */
async function finishDeletion(
  partition: Partition,
  id: string,
  memberships: MembershipCascade,
): Promise<void> {
  const { table, tenantId, partitionKey, resourceType } = partition
  await memberships.removeAll(tenantId, resourceType, id)
  await eraseRow(table, { partitionKey, rowKey: resourceKey(resourceType, id) })
  await eraseRow(table, { partitionKey, rowKey: deletionKey(id) })
}

/** Finishes the deletion of a resource if its clean-up was interrupted. Harmless beside a deletion under way. */
export async function resumeDeletion(
  partition: Partition,
  id: string,
  memberships: MembershipCascade,
): Promise<void> {
  const mark = await readRow(partition, deletionKey(id), ['RowKey'])
  if (mark !== undefined) await finishDeletion(partition, id, memberships)
}

/** Finishes the deletions whose clean-up was interrupted; tells how many. Harmless beside deletions under way. */
export async function sweepDeletions(
  partition: Partition,
  memberships: MembershipCascade,
): Promise<number> {
  const marks = await readAllRows(partition, { range: DELETION_RANGE })
  for (const mark of marks) await finishDeletion(partition, text(mark, 'id'), memberships)
  return marks.length
}
