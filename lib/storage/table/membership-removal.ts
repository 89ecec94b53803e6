import type { TransactionAction } from '@azure/data-tables'
import type { ChangeStamp } from '../../scim/resource.ts'
import { inParallel } from '../in-parallel.ts'
import { memberOfRange, memberRange } from '../keys.ts'
import { eraseRow } from './erase.ts'
import { changeMembers } from './membership-change.ts'
import { PAIR_COLUMNS, pairOf, type Pair } from './membership-rows.ts'
import { readRows, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'
import { submit } from './transaction.ts'

const TRANSACTIONS_AT_ONCE = 4
/** Two rows each, 100 to a transaction. */
const PAIRS_PER_TRANSACTION = 50

/** A user or a group that was deleted. */
export interface Removal {
  readonly id: string
  readonly isGroup: boolean
  /** For each group that loses it. */
  readonly newStamp: () => ChangeStamp
  /** Milliseconds for which lost races are repeated. */
  readonly patience: number
}

/**
 * Removes the memberships of a resource that was deleted: the groups it was in lose it and are stamped; a group's own
 * members go without a trace. Stopped anywhere, it does the rest when it is called again. Once a group's guard is gone
 * nobody can add to it, so what is read here is all there will ever be.
 */
export async function removeMemberships(partition: Partition, removal: Removal): Promise<void> {
  const query = { range: memberOfRange(removal.id), select: PAIR_COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    await inParallel(rows, TRANSACTIONS_AT_ONCE, async (row) => leave(partition, removal, row))
  }
  // The groups that it was in show it until here; its own members nobody can see any more.
  if (removal.isGroup) await removeOwnMembers(partition, removal.id)
}

async function leave(
  partition: Partition,
  { newStamp, patience }: Removal,
  row: Row,
): Promise<void> {
  const [groupId, memberId] = [text(row, 'groupId'), text(row, 'memberId')]
  const change = { groupId, add: [], remove: [memberId], stamp: newStamp() }
  if ((await changeMembers(partition, change, patience)) === 'changed') return
  // The group is gone and its clean-up was stopped, or someone else was faster: there is no group to stamp.
  const { member, memberOf } = pairOf(partition, groupId, memberId)
  await eraseRow(partition.table, member)
  await eraseRow(partition.table, memberOf)
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
    await eraseRow(partition.table, memberOf)
    await eraseRow(partition.table, member)
  })
}
