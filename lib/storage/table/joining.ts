import { deletionKey, resourceKey } from '../keys.ts'
import type { Change, MembershipCascade } from '../port.ts'
import { fromDeletionMark, IDENTITY_COLUMNS, isTombstone, toDeletionMark } from './entity.ts'
import { eraseRow } from './erase.ts'
import { readRow, type Partition } from './partition.ts'
import { filled, type Entity, type Row } from './row.ts'

/**
 * Milliseconds for which the mark of an account that was joined stays, longer than any request takes: groups and accounts are in
 * two tables, so who was seen before it went may be put into a group behind that.
 */
const LATENESS = 10 * 60 * 1000

/** The row by which an account that went into another is found again, with that one. */
export function toJoiningMark(
  partition: Partition,
  id: string,
  heir: string,
  change: Change,
): Entity {
  return { ...toDeletionMark(partition, id, change), heir }
}

/** Whether an account went into another. */
export function isJoiningMark(row: Row): boolean {
  return filled(row, 'heir') !== undefined
}

/** Whether such a mark stays, though what was found is done. */
export function isKept(mark: Row): boolean {
  const age = Date.now() - Date.parse(fromDeletionMark(mark).change.stamp.lastModified)
  // A clock may be wrong, but no mark must stay for good.
  return isJoiningMark(mark) && Math.abs(age) < LATENESS
}

/**
 * Gives what the account was in, by whichever side, to the one that it went into; takes it out of everything where that has gone
 * as well, or goes meanwhile.
 */
export async function finishJoining(
  partition: Partition,
  mark: Row,
  memberships: MembershipCascade,
  resumedAt?: string,
): Promise<void> {
  const { table, partitionKey, layout, deadline } = partition
  const { id, change } = fromDeletionMark(mark)
  const scope = { partitionKey, deadline }
  const other = filled(mark, 'heir') ?? ''
  const isGone = async (): Promise<boolean> => !(await isThere(partition, other))
  const heir = (await isGone()) ? undefined : other
  await memberships.removeAll(scope, id, false, change, { heir, resumedAt })
  if (heir !== undefined && (await isGone())) {
    await memberships.removeAll(scope, heir, false, change, { isGone, resumedAt })
  }
  await eraseRow(table, { partitionKey, rowKey: resourceKey(layout, id) }, deadline)
  if (isKept(mark)) return
  await eraseRow(table, { partitionKey, rowKey: deletionKey(layout, id) }, deadline)
}

async function isThere(partition: Partition, id: string): Promise<boolean> {
  const row = await readRow(partition, resourceKey(partition.layout, id), IDENTITY_COLUMNS)
  return row !== undefined && !isTombstone(row)
}
