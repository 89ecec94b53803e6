import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import { memberOfRange, memberRange } from '../keys.ts'
import { leavingGroup, losingGroup, type MembersPart } from '../member-parts.ts'
import type { Change, RemovalOptions } from '../port.ts'
import { eraseRow } from './erase.ts'
import { commitOnce } from './journal.ts'
import { changePart } from './membership-change.ts'
import { PAIR_COLUMNS, pairOf, type Pair } from './membership-rows.ts'
import { readRow, readRows, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'

const TRANSACTIONS_AT_ONCE = 4
/** The same where each takes fewer members than it could, since it has a row of the journal. */
const LOSSES_AT_ONCE = 5
const READS_AT_ONCE = 16

/**
 * Removes the memberships of a resource that was deleted: the groups it was in lose it and get the deletion's stamp; of a
 * group's own members the journal says that they have lost it. Stopped anywhere, it does the rest when it is called again.
 * Once a group's guard is gone nobody can add to it, so what is read here is all there will ever be.
 * @param isGroup whether it had members of its own.
 * @param options see `MembershipCascade`.
 */
export async function removeMemberships(
  partition: Partition,
  id: string,
  isGroup: boolean,
  deletion: Change,
  { isGone, resumedAt }: RemovalOptions = {},
): Promise<void> {
  const query = { range: memberOfRange(id), select: PAIR_COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    if (rows.length > 0 && isGone !== undefined && !(await isGone())) return
    await inParallel(rows, TRANSACTIONS_AT_ONCE, async (row) => leave(partition, deletion, row))
  }
  // The groups that it was in show it until here; its own members nobody can see any more.
  if (isGroup) await removeOwnMembers(partition, id, deletion, resumedAt)
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

async function removeOwnMembers(
  partition: Partition,
  groupId: string,
  deletion: Change,
  resumedAt: string | undefined,
): Promise<void> {
  const { resourceType } = partition.layout
  const query = { range: memberRange(groupId), select: PAIR_COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    if (rows.length === 0) continue
    const ids = rows.map((row) => text(row, 'memberId'))
    const parts = losingGroup(resourceType, groupId, ids, deletion, resumedAt)
    await inParallel(parts, LOSSES_AT_ONCE, async (part) => removePart(partition, groupId, part))
  }
}

/** In one transaction with the row of the journal: whoever loses the group has one, and nobody has two. */
async function removePart(
  partition: Partition,
  groupId: string,
  { change, members }: MembersPart,
): Promise<void> {
  let open = members
  await commitOnce<void>(partition, change, {
    rows: () => open.flatMap((each) => removalOf(pairOf(partition, groupId, each.member.value))),
    moving: () => open,
    committed: undefined,
    explain: async (refusal) => {
      // Two of us are at it.
      const still = await inParallel(members, READS_AT_ONCE, async (each) =>
        isWhole(partition, pairOf(partition, groupId, each.member.value)),
      )
      open = members.filter((_, at) => still[at] === true)
      return open.length === 0 ? { result: undefined } : { again: refusal?.error }
    },
  })
}

function removalOf({ member, memberOf }: Pair): readonly TransactionAction[] {
  return [
    ['delete', { ...member }],
    ['delete', { ...memberOf }],
  ]
}

/** Whether both rows of a membership are there; one that is there alone goes. */
async function isWhole(partition: Partition, { member, memberOf }: Pair): Promise<boolean> {
  const { table, deadline } = partition
  const [one, other] = await Promise.all(
    [member, memberOf].map(async ({ rowKey }) => readRow(partition, rowKey, ['RowKey'])),
  )
  if (one !== undefined && other !== undefined) return true
  if (one !== undefined) await eraseRow(table, member, deadline)
  if (other !== undefined) await eraseRow(table, memberOf, deadline)
  return false
}
