import { inParallel } from '../../in-parallel.ts'
import { memberOfRange, memberRange } from '../keys.ts'
import { leavingGroup, losingGroup } from '../member-parts.ts'
import type { Change, RemovalOptions } from '../port.ts'
import { eraseRow } from './erase.ts'
import { passOn } from './heirs.ts'
import { removeLosses, type Losses } from './losses.ts'
import { changePart } from './membership-change.ts'
import { PAIR_COLUMNS, pairOf, type Pair } from './membership-rows.ts'
import { readRows, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'
import { leaveTeams, removeTeamMembers } from './team-members.ts'

const TRANSACTIONS_AT_ONCE = 4

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
  { isGone, heir, resumedAt }: RemovalOptions = {},
): Promise<void> {
  if (heir !== undefined) return passOn(partition, { from: id, heir, resumedAt }, deletion)
  await Promise.all([
    leaveGroups(partition, id, deletion, { isGone }),
    // Only people are put into teams by hand.
    isGroup ? undefined : leaveTeams(partition, id, deletion, isGone),
  ])
  if (!isGroup) return
  // The groups that it was in show it until here; its own members nobody can see any more.
  await Promise.all([
    removeLosses(partition, lossesOf(partition, id, deletion, resumedAt)),
    removeTeamMembers(partition, id, deletion, resumedAt),
  ])
}

/** The members of a group that is gone. */
export function lossesOf(
  partition: Partition,
  groupId: string,
  deletion: Change,
  resumedAt?: string,
): Losses {
  const { resourceType } = partition.layout
  return {
    range: memberRange(groupId),
    column: 'memberId',
    pairOf: (memberId) => pairOf(partition, groupId, memberId),
    partsOf: (ids) => losingGroup(resourceType, groupId, ids, deletion, resumedAt),
  }
}

/** How what was deleted leaves the groups that it was in. */
export interface Leaving {
  /** See `RemovalOptions`. */
  readonly isGone?: RemovalOptions['isGone']
  /** Removes a membership of a group that is gone. */
  readonly erase?: (pair: Pair) => Promise<unknown>
}

/** Takes what was deleted out of all groups that it was in. */
export async function leaveGroups(
  partition: Partition,
  id: string,
  deletion: Change,
  { isGone, erase = async (pair) => eraseBoth(partition, pair) }: Leaving,
): Promise<void> {
  const query = { range: memberOfRange(id), select: PAIR_COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    if (rows.length > 0 && isGone !== undefined && !(await isGone())) return
    await inParallel(rows, TRANSACTIONS_AT_ONCE, async (row) =>
      leave(partition, deletion, row, erase),
    )
  }
}

async function leave(
  partition: Partition,
  deletion: Change,
  row: Row,
  erase: (pair: Pair) => Promise<unknown>,
): Promise<void> {
  const [groupId, memberId] = [text(row, 'groupId'), text(row, 'memberId')]
  const part = leavingGroup(partition.layout.resourceType, groupId, memberId, deletion)
  if ((await changePart(partition, groupId, part)) !== 'noGroup') return
  // The group is gone and its clean-up was stopped: there is nothing to stamp.
  await erase(pairOf(partition, groupId, memberId))
}

async function eraseBoth(
  { table, deadline }: Partition,
  { member, memberOf }: Pair,
): Promise<void> {
  await eraseRow(table, member, deadline)
  await eraseRow(table, memberOf, deadline)
}
