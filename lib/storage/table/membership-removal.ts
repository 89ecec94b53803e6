import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import { memberOfRange, memberRange } from '../keys.ts'
import { leavingGroup } from '../member-parts.ts'
import type { Change } from '../port.ts'
import { eraseRow } from './erase.ts'
import { changePart } from './membership-change.ts'
import { PAIR_COLUMNS, pairOf, type Pair } from './membership-rows.ts'
import { readRows, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'
import { submit } from './transaction.ts'

const TRANSACTIONS_AT_ONCE = 4
/** Two rows each, 100 to a transaction. */
const PAIRS_PER_TRANSACTION = 50

/**
 * Removes the memberships of a resource that was deleted: the groups it was in lose it and get the deletion's stamp; a
 * group's own members go without a trace. Stopped anywhere, it does the rest when it is called again. Once a group's guard
 * is gone nobody can add to it, so what is read here is all there will ever be.
 * @param isGroup whether it had members of its own.
 * @param isGone see `MembershipCascade`.
 */
export async function removeMemberships(
  partition: Partition,
  id: string,
  isGroup: boolean,
  deletion: Change,
  isGone?: () => Promise<boolean>,
): Promise<void> {
  const query = { range: memberOfRange(id), select: PAIR_COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    if (rows.length > 0 && isGone !== undefined && !(await isGone())) return
    await inParallel(rows, TRANSACTIONS_AT_ONCE, async (row) => leave(partition, deletion, row))
  }
  // The groups that it was in show it until here; its own members nobody can see any more.
  if (isGroup) await removeOwnMembers(partition, id)
}

async function leave(partition: Partition, deletion: Change, row: Row): Promise<void> {
  const [groupId, memberId] = [text(row, 'groupId'), text(row, 'memberId')]
  const part = leavingGroup(partition.layout.resourceType, groupId, memberId, deletion)
  if ((await changePart(partition, groupId, part)) !== 'noGroup') return
  // The group is gone and its clean-up was stopped: there is nothing to stamp.
  const { member, memberOf } = pairOf(partition, groupId, memberId)
  await eraseRow(partition.table, member, partition.deadline)
  await eraseRow(partition.table, memberOf, partition.deadline)
}

async function removeOwnMembers(partition: Partition, groupId: string): Promise<void> {
  const query = { range: memberRange(groupId), select: PAIR_COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    const pairs = rows.map((row) => pairOf(partition, groupId, text(row, 'memberId')))
    const parts: Pair[][] = []
    while (pairs.length > 0) parts.push(pairs.splice(0, PAIRS_PER_TRANSACTION))
    await inParallel(parts, TRANSACTIONS_AT_ONCE, async (part) => erasePairs(partition, part))
  }
}

async function erasePairs(partition: Partition, pairs: readonly Pair[]): Promise<void> {
  const actions = pairs.flatMap(({ member, memberOf }): TransactionAction[] => [
    ['delete', { ...member }],
    ['delete', { ...memberOf }],
  ])
  const outcome = await submit(partition, actions)
  if (outcome.committed) return
  // One of them is gone (the answer was lost, or two of us are at it), and with it the whole transaction.
  await inParallel(pairs, TRANSACTIONS_AT_ONCE, async ({ member, memberOf }) => {
    // The row by which the pair was found goes last, or what is left of it could not be found again.
    await eraseRow(partition.table, memberOf, partition.deadline)
    await eraseRow(partition.table, member, partition.deadline)
  })
}
