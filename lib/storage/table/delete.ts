import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { keysOfAll } from '../index-changes.ts'
import { deletionKey, deletionRange, deletionsOf, resourceKey } from '../keys.ts'
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
import { invitationRows } from './invitation-rows.ts'
import { finishJoining, isJoiningMark, isKept } from './joining.ts'
import { commitOnce } from './journal.ts'
import { levelMove } from './levels.ts'
import { readAllRows, readRow, type Partition, type ResourcePartition } from './partition.ts'
import type { Row } from './row.ts'
import { finishReturn, isReturnMark, toReturnMark } from './team-return.ts'
import { dropName, nameColumn, readTeam, returnRows } from './team-rows.ts'

/**
 * Deletes a resource: one transaction makes its row a tombstone, frees its names and counts it out; then its memberships
 * and the tombstone are cleared away. If that is interrupted, `sweepDeletions` does it. A group that was a team made by
 * hand is that again.
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
  const marked = await markDeleted(partition, before, change, kept)
  if (marked === 'changed') return false
  if (marked === 'deletedByOther') await resumeDeletion(partition, before.id, memberships)
  else await finishDeletion(partition, marked, memberships)
  return marked !== 'deletedByOther'
}

/** The mark of this deletion, or that it was another's, whose clean-up may be interrupted, or none. */
type Marked = Row | 'deletedByOther' | 'changed'

async function markDeleted(
  partition: ResourcePartition,
  before: StoredResource,
  change: Change,
  kept: readonly TransactionAction[],
): Promise<Marked> {
  const { id, revision } = before
  if (revision === undefined) return 'changed'
  const { layout, resourceType } = partition
  const rows: readonly TransactionAction[] = [
    ...guardRows(partition, id, 'delete'),
    ...removeRows(partition, keysOfAll(layout, resourceType, before)),
    ...invitationRows(partition, before, undefined),
    ...kept,
  ]
  let mark = { ...toDeletionMark(partition, id, change), ...nameColumn(partition, before) }
  const outcome = await commitOnce<'deleted' | 'deletedByOther' | 'changed'>(partition, change, {
    rows: async () => {
      const [counter, team] = await Promise.all([
        readCounter(partition, id),
        layout.guarded ? readTeam(partition, id) : undefined,
      ])
      if (team !== undefined) mark = toReturnMark(partition, id, change)
      return [
        ...deletionRows(partition, { id, revision }, change, mark),
        ...rows,
        ...(team === undefined ? [] : returnRows(partition, team, change.stamp)),
        countAction(partition, counter, -1, levelMove(partition, before.attributes, undefined)),
      ]
    },
    committed: 'deleted',
    explain: async (refusal) => {
      const row = await readRow(partition, resourceKey(layout, id), IDENTITY_COLUMNS)
      if (row !== undefined && isTombstone(row)) return { result: 'deletedByOther' }
      return row?.['etag'] === revision ? { again: refusal?.error } : { result: 'changed' }
    },
  })
  return outcome === 'deleted' ? mark : outcome
}

/** What makes a resource a tombstone, if nobody has written it since, with the mark by which its clean-up is found again. */
export function deletionRows(
  partition: Partition,
  { id, revision }: { readonly id: string; readonly revision: string },
  change: Change,
  mark = toDeletionMark(partition, id, change),
): readonly TransactionAction[] {
  return [
    ['update', toTombstone(partition, id, change), 'Replace', { etag: revision }],
    ['upsert', mark, 'Replace'],
  ]
}

/** The tombstone goes last but one: while its mark is there, everything before can be done again. */
export async function finishDeletion(
  partition: Partition,
  mark: Row,
  memberships: MembershipCascade,
  resumedAt?: string,
): Promise<void> {
  if (isReturnMark(mark)) return finishReturn(partition, mark, resumedAt)
  if (isJoiningMark(mark)) return finishJoining(partition, mark, memberships, resumedAt)
  const { table, partitionKey, layout, deadline } = partition
  const { id, change } = fromDeletionMark(mark)
  if (change.note.hidden === true) {
    return finishHiding(partition, id, memberships, change, resumedAt)
  }
  const options = { resumedAt }
  await Promise.all([
    memberships.removeAll({ partitionKey, deadline }, id, layout.guarded, change, options),
    dropName(partition, mark),
  ])
  await eraseRow(table, { partitionKey, rowKey: resourceKey(layout, id) }, deadline)
  await eraseRow(table, { partitionKey, rowKey: deletionKey(layout, id) }, deadline)
}

/** Finishes the deletion of a resource if its clean-up was interrupted. Harmless beside a deletion under way. */
export async function resumeDeletion(
  partition: Partition,
  id: string,
  memberships: MembershipCascade,
): Promise<void> {
  const marks = await readAllRows(partition, { range: deletionsOf(partition.layout, id) })
  for (const mark of marks.filter((each) => each['id'] === id)) {
    await finishDeletion(partition, mark, memberships, new Date().toISOString())
  }
}

/** Finishes the deletions whose clean-up was interrupted; tells how many. Harmless beside deletions under way. */
export async function sweepDeletions(
  partition: Partition,
  memberships: MembershipCascade,
): Promise<number> {
  const marks = await readAllRows(partition, { range: deletionRange(partition.layout) })
  for (const mark of marks) {
    await finishDeletion(partition, mark, memberships, new Date().toISOString())
  }
  return marks.filter((mark) => !isKept(mark)).length
}
