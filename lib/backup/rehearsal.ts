import type { UniqueValue } from '../storage/bringing-port.ts'
import type { Scope } from '../storage/port.ts'
import type { TeamStore } from '../storage/team-port.ts'
import type { BackupParts } from './backup-parts.ts'

type Rehearsed = Pick<BackupParts, 'resources' | 'memberships' | 'teams'>

/** What is known of the values of which there is one at most. */
interface Rehearsal {
  /** Whether two in the file may have a value. */
  readonly isContested: (key: string) => boolean
  /** Whether the tenant may have something. */
  readonly resume: boolean
}

/** The same stores, but that nothing is written: what is brought comes to what it would come to. */
export function rehearsing(stores: Rehearsed, { isContested, resume }: Rehearsal): Rehearsed {
  const { resources, memberships } = stores
  const held = new Map<string, UniqueValue>()
  const hold = (values: readonly UniqueValue[]): void => {
    const contested = values.filter(({ key }) => isContested(key))
    for (const { key } of contested) {
      const other = held.get(key)
      if (other !== undefined) throw other.taken()
    }
    for (const value of contested) held.set(value.key, value)
  }
  return {
    resources: {
      ...resources,
      async bring(scope, resourceType, resource) {
        const values = resources.uniqueValues(resourceType, resource)
        const outcome = resume ? await resources.rehearse(scope, resourceType, resource) : 'brought'
        if (outcome === 'brought') hold(values)
        return outcome
      },
      bringHidden: async (scope, resourceType, account) =>
        resources.rehearseHidden(scope, resourceType, account),
    },
    memberships: { ...memberships, changeMembers: async () => 'changed' },
    teams: {
      ...stores.teams,
      bring: bringTeamIn(stores.teams, resume, hold),
      changeMember: async () => 'changed',
    },
  }
}

function bringTeamIn(
  teams: TeamStore,
  resume: boolean,
  hold: (values: readonly UniqueValue[]) => void,
): TeamStore['bring'] {
  let names: ReadonlyMap<string, UniqueValue> | undefined
  const namesIn = async (scope: Scope): Promise<ReadonlyMap<string, UniqueValue>> => {
    const present = resume ? await teams.all(scope) : []
    return new Map(present.map((each) => teams.uniqueName(each)).map((each) => [each.key, each]))
  }
  return async (scope, team) => {
    const there = resume ? await teams.get(scope, team.id) : undefined
    if (there !== undefined) return there.version === team.version ? 'there' : 'other'
    const name = teams.uniqueName(team)
    names ??= await namesIn(scope)
    const other = names.get(name.key)
    if (other !== undefined) throw other.taken()
    hold([name])
    return 'brought'
  }
}
