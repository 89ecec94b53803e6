import { checkDeadline } from '../deadline.ts'
import { compareIds } from '../keys.ts'
import { DEFAULT_LAYOUTS, groupLayout, type LayoutOptions, type StorageLayout } from '../layout.ts'
import type { Change, Scope } from '../port.ts'
import { compareInMemberOf } from '../membership-keys.ts'
import {
  inheritingTeam,
  leavingTeam,
  losingTeam,
  mergedMembers,
  type IdPage,
} from '../team-members.ts'
import type { Succession } from '../member-parts.ts'
import { looseName, nameIndexOf, nameTaken, teamFold } from '../team-names.ts'
import type { Team, TeamMemberOutcome, TeamStore } from '../team-port.ts'
import { uniqueNameOf } from '../unique-values.ts'
import type { MemoryState } from './state.ts'

/**
 * Teams made by hand in memory, with the behaviour of those in tables.
 * @param state shared with the store of the resources, which adopts them.
 */
export function memoryTeams(
  state: MemoryState,
  { layouts = DEFAULT_LAYOUTS }: LayoutOptions = {},
): TeamStore {
  const layout = groupLayout(layouts)
  return { ...teamWrites(state, layout), ...teamReads(state, layout), uniqueName: uniqueNameOf }
}

/** @throws ScimError `uniqueness` when a group, or another team made by hand, has the name. */
function refuseTaken(
  state: MemoryState,
  layout: StorageLayout,
  scope: Scope,
  team: Pick<Team, 'id' | 'name'>,
): void {
  const folded = teamFold(team.name)
  const group = namesOfGroups(state, layout, scope.partitionKey).find(
    (each) => teamFold(each.name) === folded,
  )
  if (group !== undefined) throw nameTaken({ id: group.id, is: 'group' })
  const other = teamOfName(state, scope, team)
  if (other === undefined) return
  throw nameTaken({ id: other.id, is: other.adopted ? 'adopted' : 'team' })
}

/** Another team made by hand that has the name. */
function teamOfName(
  state: MemoryState,
  { partitionKey }: Scope,
  { id, name }: Pick<Team, 'id' | 'name'>,
): Team | undefined {
  const folded = teamFold(name)
  const teams = [...state.teams(partitionKey).byId.values()]
  return teams.find((each) => each.id !== id && teamFold(each.name) === folded)
}

function namesOfGroups(
  state: MemoryState,
  layout: StorageLayout,
  partitionKey: string,
): readonly { readonly id: string; readonly name: string }[] {
  const { path } = nameIndexOf(layout)
  return [...state.resources(partitionKey, layout).values()].flatMap(({ id, attributes }) => {
    const name = attributes[path]
    return typeof name === 'string' ? [{ id, name }] : []
  })
}

function teamWrites(
  state: MemoryState,
  layout: StorageLayout,
): Pick<TeamStore, 'create' | 'bring' | 'rename' | 'delete' | 'changeMember'> {
  const journalOf = ({ partitionKey }: Scope): ReturnType<MemoryState['journal']> =>
    state.journal(partitionKey, layout)
  const teamsIn = ({ partitionKey, deadline }: Scope): Map<string, Team> => {
    checkDeadline(deadline)
    return state.teams(partitionKey).byId
  }
  const isAsRead = (scope: Scope, { id, version }: Team): boolean => {
    const team = teamsIn(scope).get(id)
    return team?.version === version && !team.adopted
  }
  return {
    async create(scope, { id, name }, change) {
      if (journalOf(scope).has(change) || teamsIn(scope).has(id)) return
      refuseTaken(state, layout, scope, { id, name })
      const { stamp } = change
      teamsIn(scope).set(id, { id, name, created: stamp.lastModified, ...stamp, adopted: false })
      journalOf(scope).add(change)
    },
    async bring(scope, team, change) {
      if (journalOf(scope).has(change)) return 'brought'
      const there = teamsIn(scope).get(team.id)
      if (there !== undefined) return there.version === team.version ? 'there' : 'other'
      const other = teamOfName(state, scope, team)
      if (other !== undefined) throw uniqueNameOf(other).taken()
      teamsIn(scope).set(team.id, team)
      journalOf(scope).add(change)
      return 'brought'
    },
    async rename(scope, before, name, change) {
      if (journalOf(scope).has(change)) return true
      if (!isAsRead(scope, before)) return false
      refuseTaken(state, layout, scope, { id: before.id, name })
      teamsIn(scope).set(before.id, { ...before, name, ...change.stamp })
      journalOf(scope).add(change)
      return true
    },
    async delete(scope, before, change) {
      if (journalOf(scope).has(change)) return true
      if (!isAsRead(scope, before)) return false
      teamsIn(scope).delete(before.id)
      journalOf(scope).add(change)
      loseMembers(state, layout, scope, before.id, change)
      return true
    },
    changeMember: async (scope, teamId, member, change) => {
      checkDeadline(scope.deadline)
      return changeMember(state, layout, scope, teamId, member, change)
    },
  }
}

function changeMember(
  state: MemoryState,
  layout: StorageLayout,
  { partitionKey }: Scope,
  teamId: string,
  { personId, to }: { readonly personId: string; readonly to: 'present' | 'absent' },
  change: Change,
): TeamMemberOutcome {
  const journal = state.journal(partitionKey, layout)
  if (journal.has(change)) return 'changed'
  const { byId, members } = state.teams(partitionKey)
  const isThere = byId.has(teamId) || state.resources(partitionKey, layout).has(teamId)
  if (!isThere) return 'noTeam'
  const people = members.get(teamId) ?? new Set<string>()
  if (people.has(personId) === (to === 'present')) return 'unchanged'
  if (to === 'present') people.add(personId)
  else people.delete(personId)
  members.set(teamId, people)
  journal.add(change, [{ member: { value: personId, type: 'User' }, to }])
  return 'changed'
}

function loseMembers(
  state: MemoryState,
  layout: StorageLayout,
  { partitionKey }: Scope,
  teamId: string,
  deletion: Change,
): void {
  const { members } = state.teams(partitionKey)
  const people = [...(members.get(teamId) ?? [])].toSorted(compareIds)
  for (const part of losingTeam(teamId, people, deletion)) {
    if (part.members.length > 0) state.journal(partitionKey, layout).add(part.change, part.members)
  }
  members.delete(teamId)
}

/** Removes what was made by hand of a user or a group that was deleted; of a group that is a team again nothing. */
export function removeByHand(
  state: MemoryState,
  layout: StorageLayout,
  scope: Scope,
  id: string,
  isGroup: boolean,
  deletion: Change,
): void {
  const { byId, members } = state.teams(scope.partitionKey)
  if (isGroup) {
    if (!byId.has(id)) loseMembers(state, layout, scope, id, deletion)
    return
  }
  const member = { personId: id, to: 'absent' } as const
  for (const [teamId, people] of members) {
    if (!people.has(id)) continue
    changeMember(state, layout, scope, teamId, member, leavingTeam(teamId, deletion))
  }
}

/** Puts the heir of somebody who is gone into the teams that this one was put into by hand. */
export function passOnByHand(
  state: MemoryState,
  layout: StorageLayout,
  { partitionKey }: Scope,
  succession: Succession,
  deletion: Change,
): void {
  const { from, heir } = succession
  for (const [teamId, people] of state.teams(partitionKey).members) {
    if (!people.delete(from)) continue
    const coming = people.has(heir) ? [] : [{ value: heir, type: 'User' } as const]
    people.add(heir)
    state
      .journal(partitionKey, layout)
      .add(inheritingTeam(teamId, succession, deletion), [
        ...coming.map((member) => ({ member, to: 'present' }) as const),
        { member: { value: from, type: 'User' }, to: 'absent' },
      ])
  }
}

function teamReads(
  state: MemoryState,
  layout: StorageLayout,
): Pick<
  TeamStore,
  'get' | 'all' | 'members' | 'membersByHand' | 'teamsOf' | 'teamsBehind' | 'groupsLike'
> {
  const open = ({ partitionKey, deadline }: Scope): ReturnType<MemoryState['teams']> => {
    checkDeadline(deadline)
    return state.teams(partitionKey)
  }
  const reads: ReturnType<typeof teamReads> = {
    get: async (scope, id) => open(scope).byId.get(id),
    all: async (scope) =>
      [...open(scope).byId.values()].toSorted((one, other) => compareIds(one.id, other.id)),
    async members(scope, teamId, { after, count }) {
      const manual = open(scope).members.get(teamId) ?? []
      const scim = state.members(scope.partitionKey).get(teamId)?.keys() ?? []
      return mergedMembers(pageOf(scim, after, count), pageOf(manual, after, count), count)
    },
    membersByHand: async (scope, teamId, { after, count }) =>
      pageOf(open(scope).members.get(teamId) ?? [], after, count),
    async teamsOf(scope, personIds) {
      const { members } = open(scope)
      const found = personIds.map((personId) => {
        const teams = [...members].filter(([, people]) => people.has(personId))
        return [personId, teams.map(([teamId]) => teamId).toSorted(compareIds)] as const
      })
      return new Map(found.filter(([, teamIds]) => teamIds.length > 0))
    },
    async teamsBehind(scope, personId) {
      const people = [
        ...new Set(Array.from(open(scope).members.values(), (each) => Array.from(each)).flat()),
      ]
      const behind = people.filter(
        (id) => personId === undefined || compareInMemberOf(id, personId) > 0,
      )
      return { groupsOf: await reads.teamsOf(scope, behind), isComplete: () => true }
    },
    async groupsLike({ partitionKey, deadline }, names) {
      checkDeadline(deadline)
      const groups = namesOfGroups(state, layout, partitionKey)
      const found = names.map((name) => {
        const like = groups.filter((group) => looseName(group.name) === looseName(name))
        return [name, like.map(({ id }) => id)] as const
      })
      return new Map(found.filter(([, ids]) => ids.length > 0))
    },
  }
  return reads
}

function pageOf(all: Iterable<string>, after: string | undefined, count: number): IdPage {
  const behind = [...all]
    .filter((id) => after === undefined || compareIds(id, after) > 0)
    .toSorted(compareIds)
  return { ids: behind.slice(0, count), more: behind.length > count }
}
