import { deletionKey, uniqueKey } from '../keys.ts'
import { TEAM_RANGE, teamKey } from '../team-keys.ts'
import { teamOfBehind } from '../membership-keys.ts'
import { DEFAULT_LAYOUTS, groupLayout, type LayoutOptions } from '../layout.ts'
import type { Change, MembershipCascade, Scope } from '../port.ts'
import { nameIndexOf, nameTaken, teamFold, type NameHolder } from '../team-names.ts'
import type { Team, TeamStore } from '../team-port.ts'
import { uniqueNameOf } from '../unique-values.ts'
import { bringTeam } from './bring.ts'
import { finishDeletion } from './delete.ts'
import { toDeletionMark } from './entity.ts'
import { readBehind } from './membership-lookup.ts'
import { commitOnce, isCommitted } from './journal.ts'
import { readAllRows, readRow, type Partition, type ResourceTables } from './partition.ts'
import { text } from './row.ts'
import { groupsLike } from './similar-names.ts'
import {
  changeTeamMember,
  listMembersByHand,
  listTeamMembers,
  teamsOfPeople,
} from './team-members.ts'
import {
  freeName,
  holdName,
  readName,
  readTeam,
  toTeam,
  toTeamRow,
  type NameRow,
} from './team-rows.ts'

/** Teams made by hand, in the table of the groups: so a transaction can write both. */
export function tableTeams(
  tables: ResourceTables,
  memberships: MembershipCascade,
  { layouts = DEFAULT_LAYOUTS }: LayoutOptions = {},
): TeamStore {
  const layout = groupLayout(layouts)
  const table = tables[layout.table]
  const groups = ({ partitionKey, deadline }: Scope): Partition => {
    return { table, layout, partitionKey, deadline }
  }
  return {
    get: async (scope, id) => readTeam(groups(scope), id),
    all: async (scope) => (await readAllRows(groups(scope), { range: TEAM_RANGE })).map(toTeam),
    create: async (scope, team, change) => createTeam(groups(scope), team, change),
    rename: async (scope, before, name, change) => renameTeam(groups(scope), before, name, change),
    delete: async (scope, before, change) => deleteTeam(groups(scope), before, memberships, change),
    changeMember: async (scope, teamId, member, change) =>
      changeTeamMember(groups(scope), teamId, member, change),
    members: async (scope, teamId, page) => listTeamMembers(groups(scope), teamId, page),
    membersByHand: async (scope, teamId, page) => listMembersByHand(groups(scope), teamId, page),
    bring: async (scope, team, change) => bringTeam(groups(scope), team, change),
    uniqueName: uniqueNameOf,
    teamsOf: async (scope, personIds) => teamsOfPeople(groups(scope), personIds),
    teamsBehind: async (scope, personId) =>
      readBehind(groups(scope), teamOfBehind(personId), { member: 'personId', group: 'teamId' }),
    groupsLike: async (scope, names) => groupsLike(groups(scope), names),
  }
}

/** What is kept under a name that is to be given, and who has it. */
interface Wanted {
  readonly row: NameRow
  readonly holder?: NameHolder
}

/**
 * The name's row is read first, then whether a group has the name: whoever creates one between the two or later has written
 * that row, too, and so one of us is refused.
 */
async function readWanted(partition: Partition, name: string, teamId: string): Promise<Wanted> {
  const folded = teamFold(name)
  const row = await readName(partition, folded)
  const { index } = nameIndexOf(partition.layout)
  const group = await readRow(partition, uniqueKey(index, folded), ['id'])
  if (group !== undefined) return { row, holder: { id: text(group, 'id'), is: 'group' } }
  const { held } = row
  if (held === undefined || held.team === teamId) return { row }
  return { row, holder: { id: held.team, is: held.adopted ? 'adopted' : 'team' } }
}

async function createTeam(
  partition: Partition,
  { id, name }: Pick<Team, 'id' | 'name'>,
  change: Change,
): Promise<void> {
  const { stamp } = change
  const team: Team = { id, name, created: stamp.lastModified, ...stamp, adopted: false }
  await commitOnce(partition, change, {
    rows: async () => {
      const { row, holder } = await readWanted(partition, name, id)
      if (holder !== undefined || row.held !== undefined) return []
      return [['create', toTeamRow(partition, team)], holdName(partition, row, team)]
    },
    committed: undefined,
    explain: async (refusal) => {
      const { row, holder } = await readWanted(partition, name, id)
      // Ids are never used twice: this very team is there.
      if (holder === undefined && row.held !== undefined) return { result: undefined }
      if (holder !== undefined) throw nameTaken(holder)
      return { again: refusal?.error }
    },
  })
}

/** Whether nobody has changed, adopted or deleted the team since: its name's row moves with each of that. */
function isAsRead({ held }: NameRow, { id, version, adopted }: Team): boolean {
  return held?.team === id && held.version === version && !held.adopted && !adopted
}

async function renameTeam(
  partition: Partition,
  before: Team,
  name: string,
  change: Change,
): Promise<boolean> {
  const { partitionKey } = partition
  const after: Team = { ...before, name, ...change.stamp }
  const [from, to] = [teamFold(before.name), teamFold(name)]
  return commitOnce(partition, change, {
    rows: async () => {
      const wanted = await readWanted(partition, name, before.id)
      const old = from === to ? wanted.row : await readName(partition, from)
      if (wanted.holder !== undefined || !isAsRead(old, before)) return []
      const entity = { partitionKey, rowKey: teamKey(before.id), name, ...change.stamp }
      return [
        ['update', entity, 'Merge', { etag: '*' }],
        ...(from === to ? [] : [freeName(partition, old)]),
        holdName(partition, wanted.row, after),
      ]
    },
    committed: true,
    explain: async (refusal) => {
      const old = await readName(partition, from)
      if (!isAsRead(old, before)) return { result: await isCommitted(partition, change) }
      const { holder } = await readWanted(partition, name, before.id)
      if (holder !== undefined) throw nameTaken(holder)
      return { again: refusal?.error }
    },
  })
}

async function deleteTeam(
  partition: Partition,
  before: Team,
  memberships: MembershipCascade,
  change: Change,
): Promise<boolean> {
  const { partitionKey, layout } = partition
  const mark = toDeletionMark(partition, before.id, change)
  const isDeleted = await commitOnce(partition, change, {
    rows: async () => {
      const name = await readName(partition, teamFold(before.name))
      if (!isAsRead(name, before)) return []
      return [
        ['delete', { partitionKey, rowKey: teamKey(before.id) }],
        freeName(partition, name),
        ['upsert', { ...mark, rowKey: deletionKey(layout, before.id) }, 'Replace'],
      ]
    },
    committed: true,
    explain: async (refusal) => {
      const name = await readName(partition, teamFold(before.name))
      if (isAsRead(name, before)) return { again: refusal?.error }
      return { result: await isCommitted(partition, change) }
    },
  })
  if (isDeleted) await finishDeletion(partition, mark, memberships)
  return isDeleted
}
