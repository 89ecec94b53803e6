import { inParallel } from '../../in-parallel.ts'
import { memberOfRange, type KeyRange } from '../keys.ts'
import { inheritingGroup, type MemberChange, type Succession } from '../member-parts.ts'
import type { Change } from '../port.ts'
import { teamMemberKey, teamOfRange } from '../team-keys.ts'
import { inheritingTeam } from '../team-members.ts'
import { eraseRow } from './erase.ts'
import { commitOnce } from './journal.ts'
import { changePart } from './membership-change.ts'
import { pairOf, type Pair } from './membership-rows.ts'
import { readRow, readRows, type Partition } from './partition.ts'
import { text } from './row.ts'
import { anchorOf, pairActions, pairOf as pairInTeam } from './team-members.ts'

const TRANSACTIONS_AT_ONCE = 4

/**
 * Puts the heir of an account that is gone into its place in all groups and teams, each in one transaction: whoever is put
 * into one or taken out of it meanwhile is so before or behind that. Looks again until there is nothing to be passed on;
 * stopped anywhere, it does the rest when it is called again.
 */
export async function passOn(
  partition: Partition,
  succession: Omit<Succession, 'round'>,
  deletion: Change,
): Promise<void> {
  for (let round = 0; ; round += 1) {
    const [groups, teams] = await Promise.all([
      passGroups(partition, { ...succession, round }, deletion),
      passTeams(partition, { ...succession, round }, deletion),
    ])
    if (groups + teams === 0) return
  }
}

/** What became of one membership. */
type Passed = 'passed' | 'notThere' | 'noTeam'

/** How many were passed on. */
async function passGroups(
  partition: Partition,
  succession: Succession,
  deletion: Change,
): Promise<number> {
  const { from } = succession
  const { resourceType } = partition.layout
  return passEach(partition, memberOfRange(from), 'groupId', {
    pass: async (groupId) => {
      const part = inheritingGroup(resourceType, groupId, succession, deletion)
      const outcome = await changePart(partition, groupId, part)
      if (outcome === 'noGroup') return 'noTeam'
      return outcome === 'changed' ? 'passed' : 'notThere'
    },
    pairIn: (groupId) => pairOf(partition, groupId, from),
  })
}

async function passTeams(
  partition: Partition,
  succession: Succession,
  deletion: Change,
): Promise<number> {
  return passEach(partition, teamOfRange(succession.from), 'teamId', {
    pass: async (teamId) =>
      passTeam(partition, teamId, succession, inheritingTeam(teamId, succession, deletion)),
    pairIn: (teamId) => pairInTeam(partition, teamId, succession.from),
  })
}

async function passEach(
  partition: Partition,
  range: KeyRange,
  column: string,
  { pass, pairIn }: Passing,
): Promise<number> {
  const { table, deadline } = partition
  let passed = 0
  const query = { range, select: [column] }
  for await (const { rows } of readRows(partition, query)) {
    await inParallel(rows, TRANSACTIONS_AT_ONCE, async (row) => {
      const id = text(row, column)
      const outcome = await pass(id)
      if (outcome === 'passed') passed += 1
      if (outcome !== 'noTeam') return
      const { member, memberOf } = pairIn(id)
      await eraseRow(table, member, deadline)
      await eraseRow(table, memberOf, deadline)
    })
  }
  return passed
}

/** How a membership is passed on, and where it is. */
interface Passing {
  readonly pass: (id: string) => Promise<Passed>
  readonly pairIn: (id: string) => Pair
}

/** One team in one transaction, as `changePart` does it with a group. */
async function passTeam(
  partition: Partition,
  teamId: string,
  { from, heir }: Succession,
  change: Change,
): Promise<Passed> {
  const { partitionKey } = partition
  const leaving: MemberChange = { member: { value: from, type: 'User' }, to: 'absent' }
  const coming: MemberChange = { member: { value: heir, type: 'User' }, to: 'present' }
  let open: readonly MemberChange[] = [coming, leaving]
  return commitOnce<Passed>(partition, change, {
    rows: async () => {
      const anchor = await anchorOf(partition, teamId)
      if (anchor === undefined) return []
      return [
        ['update', { partitionKey, rowKey: anchor }, 'Merge', { etag: '*' }],
        ...open.flatMap(({ member: { value: personId }, to }) =>
          pairActions(pairInTeam(partition, teamId, personId), { teamId, personId }, to),
        ),
      ]
    },
    moving: () => open,
    committed: 'passed',
    givenUp: 'notThere',
    explain: async (refusal) => {
      const [found, oldRow, ownRow] = await Promise.all([
        anchorOf(partition, teamId),
        readRow(partition, teamMemberKey(teamId, from), ['RowKey']),
        readRow(partition, teamMemberKey(teamId, heir), ['RowKey']),
      ])
      if (found === undefined) return { result: 'noTeam' }
      if (oldRow === undefined) return { result: 'notThere', isReversible: true }
      open = ownRow === undefined ? [coming, leaving] : [leaving]
      return { again: refusal?.error }
    },
  })
}
