import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import { guardKey, memberKey, memberRange, rangeBehind, type KeyRange } from '../keys.ts'
import { teamKey, teamMemberKey, teamMemberRange, teamOfKey, teamOfRange } from '../team-keys.ts'
import type { MemberChange } from '../member-parts.ts'
import { compareInMemberOf } from '../membership-keys.ts'
import type { Change, RemovalOptions } from '../port.ts'
import { leavingTeam, losingTeam, mergedMembers, type IdPage } from '../team-members.ts'
import type { TeamMemberOutcome, TeamMemberPage } from '../team-port.ts'
import { eraseRow } from './erase.ts'
import { commitOnce } from './journal.ts'
import { removalOf, removeLosses } from './losses.ts'
import { countBefore, readTogether } from './membership-lookup.ts'
import type { Pair } from './membership-rows.ts'
import { readAllRows, readRow, readRows, type Partition } from './partition.ts'
import { readAmong, text } from './row.ts'

const AT_ONCE = 4
const READS_AT_ONCE = 16
const COLUMNS: readonly string[] = ['teamId', 'personId']

/** A person, and whether that one is to be in the team. */
export interface TeamMemberChange {
  readonly personId: string
  readonly to: MemberChange['to']
}

/** The rows that tell that a person was put into a team. */
export function pairOf({ partitionKey }: Partition, teamId: string, personId: string): Pair {
  return {
    member: { partitionKey, rowKey: teamMemberKey(teamId, personId) },
    memberOf: { partitionKey, rowKey: teamOfKey(personId, teamId) },
  }
}

/** Puts a person into a team or a group, or takes the person out, in one transaction. */
export async function changeTeamMember(
  partition: Partition,
  teamId: string,
  { personId, to }: TeamMemberChange,
  change: Change,
): Promise<TeamMemberOutcome> {
  const { partitionKey } = partition
  let anchor: string | undefined
  return commitOnce<TeamMemberOutcome>(partition, change, {
    rows: async () => {
      anchor = await anchorOf(partition, teamId)
      if (anchor === undefined) return []
      return [
        ['update', { partitionKey, rowKey: anchor }, 'Merge', { etag: '*' }],
        ...pairActions(pairOf(partition, teamId, personId), { teamId, personId }, to),
      ]
    },
    moving: () => [{ member: { value: personId, type: 'User' }, to }],
    committed: 'changed',
    givenUp: 'unchanged',
    explain: async (refusal) => {
      const [found, row] = await Promise.all([
        anchorOf(partition, teamId),
        readRow(partition, teamMemberKey(teamId, personId), ['RowKey']),
      ])
      if (found === undefined) return { result: 'noTeam' }
      const isThere = row !== undefined
      if (isThere === (to === 'present')) return { result: 'unchanged', isReversible: true }
      return { again: refusal?.error }
    },
  })
}

export function pairActions(
  pair: Pair,
  ids: { readonly teamId: string; readonly personId: string },
  to: MemberChange['to'],
): readonly TransactionAction[] {
  if (to === 'absent') return removalOf(pair)
  return [
    ['create', { ...pair.member, ...ids }],
    ['create', { ...pair.memberOf, ...ids }],
  ]
}

/** The row that goes with the team, so that nobody joins one that is gone: its own, or a group's guard. */
export async function anchorOf(partition: Partition, teamId: string): Promise<string | undefined> {
  const keys = [teamKey(teamId), guardKey(teamId)]
  const rows = await Promise.all(keys.map((key) => readRow(partition, key, ['RowKey'])))
  return keys.find((_, index) => rows[index] !== undefined)
}

/**
 * Takes a person who was deleted out of all teams, and leaves a row in the journal for each.
 * @param isGone see `RemovalOptions`.
 */
export async function leaveTeams(
  partition: Partition,
  personId: string,
  deletion: Change,
  isGone?: RemovalOptions['isGone'],
): Promise<void> {
  const query = { range: teamOfRange(personId), select: COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    if (rows.length > 0 && isGone !== undefined && !(await isGone())) return
    await inParallel(rows, AT_ONCE, async (row) => {
      const teamId = text(row, 'teamId')
      const leaving = { personId: text(row, 'personId'), to: 'absent' } as const
      const change = leavingTeam(teamId, deletion)
      if ((await changeTeamMember(partition, teamId, leaving, change)) !== 'noTeam') return
      const { member, memberOf } = pairOf(partition, teamId, leaving.personId)
      for (const key of [member, memberOf]) {
        await eraseRow(partition.table, key, partition.deadline)
      }
    })
  }
}

/** Removes all that were put by hand into a team or a group that is gone, so that nobody can join it any more. */
export async function removeTeamMembers(
  partition: Partition,
  teamId: string,
  deletion: Change,
  resumedAt?: string,
): Promise<void> {
  await removeLosses(partition, {
    range: teamMemberRange(teamId),
    column: 'personId',
    pairOf: (personId) => pairOf(partition, teamId, personId),
    partsOf: (ids) => losingTeam(teamId, ids, deletion, resumedAt),
  })
}

interface PageQuery {
  readonly after?: string
  readonly count: number
}

/** Members from both sides behind an id, by one read of each. */
export async function listTeamMembers(
  partition: Partition,
  teamId: string,
  page: PageQuery,
): Promise<TeamMemberPage> {
  const { after, count } = page
  const range = memberRange(teamId)
  const behind = after === undefined ? range : rangeBehind(range, memberKey(teamId, after))
  const [guard, scim, manual] = await Promise.all([
    readRow(partition, guardKey(teamId), ['RowKey']),
    firstIds(partition, { ...behind, beginning: range.from }, 'memberId', count),
    listMembersByHand(partition, teamId, page),
  ])
  // What is left of a group that was deleted is nobody's.
  return mergedMembers(guard === undefined ? { ids: [], more: false } : scim, manual, count)
}

/** Those who were put into a team or a group by hand, behind an id. */
export async function listMembersByHand(
  partition: Partition,
  teamId: string,
  { after, count }: PageQuery,
): Promise<IdPage> {
  const range = teamMemberRange(teamId)
  const behind = after === undefined ? range : rangeBehind(range, teamMemberKey(teamId, after))
  return firstIds(partition, { ...behind, beginning: range.from }, 'personId', count)
}

async function firstIds(
  partition: Partition,
  { beginning, ...range }: KeyRange & { readonly beginning: string },
  column: string,
  count: number,
): Promise<IdPage> {
  const ids: string[] = []
  const query = { range, select: [column], pageSize: count }
  for await (const { rows, more } of readRows(partition, query)) {
    ids.push(...readAmong(partition, beginning, () => rows.map((row) => text(row, column))))
    if (ids.length >= count) return { ids, more }
  }
  return { ids, more: false }
}

/**
 * The teams and groups that each of these people was put into; people in none are absent. Few are put into any by hand: one
 * range has all of many people.
 */
export async function teamsOfPeople(
  partition: Partition,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = [...new Set(personIds)].toSorted(compareInMemberOf)
  const found = new Map(ids.map((id): [string, string[]] => [id, []]))
  const range = { from: teamOfRange(ids[0] ?? '').from, to: teamOfRange(ids.at(-1) ?? '').to }
  const complete = await readTogether(partition, { range, select: COLUMNS }, ids.length, {
    note: (row) => found.get(text(row, 'personId'))?.push(text(row, 'teamId')),
    completeAt: (row) => countBefore(ids, (id) => compareInMemberOf(id, text(row, 'personId')) < 0),
  })
  await inParallel(ids.slice(complete), READS_AT_ONCE, async (personId) => {
    const rows = await readAllRows(partition, { range: teamOfRange(personId), select: COLUMNS })
    found.set(
      personId,
      rows.map((row) => text(row, 'teamId')),
    )
  })
  return new Map([...found].filter(([, teamIds]) => teamIds.length > 0))
}
