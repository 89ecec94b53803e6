import type { GroupsBehind, MembershipStore } from '../storage/port.ts'
import type { TeamStore } from '../storage/team-port.ts'

/** What is asked of memberships to show people. */
type Shown = Pick<MembershipStore, 'groupsOf' | 'groupsBehind' | 'groupNames'>

/**
 * Memberships as an application has them: those of SCIM and those made by hand, of groups and of teams. Both sides are read
 * at once.
 */
export function withTeams(
  memberships: MembershipStore,
  teams: Pick<TeamStore, 'all' | 'teamsOf' | 'teamsBehind'>,
): MembershipStore {
  const shown: Shown = {
    async groupsOf(scope, memberIds) {
      const [scim, manual] = await Promise.all([
        memberships.groupsOf(scope, memberIds),
        teams.teamsOf(scope, memberIds),
      ])
      return united(scim, manual)
    },
    async groupsBehind(scope, memberId): Promise<GroupsBehind> {
      const [scim, manual] = await Promise.all([
        memberships.groupsBehind(scope, memberId),
        teams.teamsBehind(scope, memberId),
      ])
      return {
        groupsOf: united(scim.groupsOf, manual.groupsOf),
        isComplete: (id) => scim.isComplete(id) && manual.isComplete(id),
      }
    },
    async groupNames(scope, groupIds) {
      const [groups, made] = await Promise.all([
        memberships.groupNames(scope, groupIds),
        teams.all(scope),
      ])
      const asked = new Set(groupIds)
      const names = made.flatMap(({ id, name }) => (asked.has(id) ? [[id, name] as const] : []))
      // While it is adopted it is called as the group is.
      return new Map([...names, ...groups])
    },
  }
  return { ...memberships, ...shown }
}

/** The ids that each has on either side, each once. */
function united(
  one: ReadonlyMap<string, readonly string[]>,
  other: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const all = new Map(one)
  for (const [id, ids] of other) all.set(id, [...new Set([...(all.get(id) ?? []), ...ids])])
  return all
}
