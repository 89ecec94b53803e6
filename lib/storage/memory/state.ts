import type { Member, StoredResource } from '../../scim/resource.ts'
import type {
  ChangeEntry,
  DayFacts,
  HourCounts,
  PeopleCount,
  RefusalFacts,
  RefusalNote,
} from '../activity-port.ts'
import { factsOf, type JournalFacts } from '../journal-entry.ts'
import type { StorageLayout } from '../layout.ts'
import type { MemberChange } from '../member-parts.ts'
import type { Change } from '../port.ts'
import type { Team } from '../team-port.ts'

/** The resources of one tenant and type by id, in no particular order. */
export type MemoryRows = Map<string, StoredResource>

/** The members of one group by id. */
export type GroupMembers = Map<string, Member>

/** The journal of one table by the positions of changes. */
export interface MemoryJournal {
  has(change: Change): boolean
  /** @param moving the members that really move. */
  add(change: Change, moving?: readonly MemberChange[]): void
  readonly entries: Map<string, JournalFacts>
}

/** What was made by hand in a tenant: teams by id, and the people who were put into a team or a group, by its id. */
export interface MemoryTeams {
  readonly byId: Map<string, Team>
  readonly members: Map<string, Set<string>>
}

/** What is kept of a tenant's use, by the positions of refusals, and by hour or day, and instance. */
export interface MemoryActivity {
  readonly refusals: Map<string, KeptRefusal>
  readonly hours: Map<string, HourCounts>
  readonly days: Map<string, DayFacts>
  readonly people: Map<string, PeopleCount>
}

/** Equal refusals: as they were noted last, and what each instance has counted. */
export interface KeptRefusal {
  readonly facts: RefusalFacts
  readonly counted: ReadonlyMap<string, Pick<RefusalNote, 'first' | 'at' | 'count'>>
}

/** What the stores in memory share: memberships must see which groups exist, and stamp them. */
export interface MemoryState {
  /** The one map of a tenant and type; made when it is first asked for. */
  resources(partitionKey: string, layout: Pick<StorageLayout, 'resourceType'>): MemoryRows
  /** The accounts of a tenant and type that are kept out of sight; made when it is first asked for. */
  hidden(partitionKey: string, layout: Pick<StorageLayout, 'resourceType'>): MemoryRows
  /** The spellings of levels of a tenant and type by their folds; made when they are first asked for. */
  levels(
    partitionKey: string,
    layout: Pick<StorageLayout, 'resourceType'>,
  ): Map<string, ReadonlySet<string>>
  /** The one map of a tenant's groups that have members. */
  members(partitionKey: string): Map<string, GroupMembers>
  teams(partitionKey: string): MemoryTeams
  /** The journal of a tenant's changes, for each table that they are in. */
  journal(partitionKey: string, of: { readonly table: ChangeEntry['table'] }): MemoryJournal
  activity(partitionKey: string): MemoryActivity
  /** A concurrency token that was never used before, for `StoredResource.revision`. */
  newRevision(): string
  /** The PartitionKeys that have anything, ordered. */
  partitions(): readonly string[]
  /** How many resources, memberships, teams, refusals and counts a partition has. */
  count(partitionKey: string): number
  /** Removes all that a partition has but the journal of what is in the table `tenants`. */
  erase(partitionKey: string): void
  /** Removes the journal of what is in the table `tenants`. */
  eraseTenant(partitionKey: string): void
}

/** An empty state; every store made on it sees what the others write. */
export function memoryState(): MemoryState {
  const resources = new Map<string, Map<string, MemoryRows>>()
  const hidden = new Map<string, Map<string, MemoryRows>>()
  const levels = new Map<string, Map<string, Map<string, ReadonlySet<string>>>>()
  const memberships = new Map<string, Map<string, GroupMembers>>()
  const teams = new Map<string, MemoryTeams>()
  const journals = new Map<string, Map<string, MemoryJournal>>()
  const ofTenants = new Map<string, MemoryJournal>()
  const activities = new Map<string, MemoryActivity>()
  let revisions = 0
  const count = (partitionKey: string): number => {
    const { refusals, hours, days, people } = activities.get(partitionKey) ?? emptyActivity()
    const { byId, members } = teams.get(partitionKey) ?? emptyTeams()
    return sizeOf([
      byId,
      ...members.values(),
      ...(resources.get(partitionKey)?.values() ?? []),
      ...(hidden.get(partitionKey)?.values() ?? []),
      ...(memberships.get(partitionKey)?.values() ?? []),
      refusals,
      hours,
      days,
      people,
    ])
  }
  const isEmpty = (partitionKey: string): boolean => {
    const kept = [...(journals.get(partitionKey)?.values() ?? [])].map(({ entries }) => entries)
    return count(partitionKey) + sizeOf(kept) === 0
  }
  return {
    resources: (partitionKey, { resourceType }) =>
      madeOnce(partOf(resources, partitionKey), resourceType, () => new Map()),
    hidden: (partitionKey, { resourceType }) =>
      madeOnce(partOf(hidden, partitionKey), resourceType, () => new Map()),
    levels: (partitionKey, { resourceType }) =>
      madeOnce(partOf(levels, partitionKey), resourceType, () => new Map()),
    members: (partitionKey) => partOf(memberships, partitionKey),
    teams: (partitionKey) => madeOnce(teams, partitionKey, emptyTeams),
    journal: (partitionKey, { table }) =>
      table === 'tenants'
        ? madeOnce(ofTenants, partitionKey, emptyJournal)
        : madeOnce(partOf(journals, partitionKey), table, emptyJournal),
    activity: (partitionKey) => madeOnce(activities, partitionKey, emptyActivity),
    newRevision: () => String(++revisions),
    partitions: () => {
      const maps = [resources, hidden, memberships, teams, journals, activities]
      const keys = new Set(maps.flatMap((each): string[] => Array.from(each.keys())))
      return [...keys].filter((partitionKey) => !isEmpty(partitionKey)).toSorted()
    },
    count,
    erase(partitionKey) {
      for (const each of [resources, hidden, levels, memberships, teams, journals, activities]) {
        each.delete(partitionKey)
      }
    },
    eraseTenant(partitionKey) {
      ofTenants.delete(partitionKey)
    },
  }
}

function sizeOf(kept: readonly { readonly size: number }[]): number {
  return kept.reduce((sum, { size }) => sum + size, 0)
}

/** What one partition has of something. */
function partOf<Value>(
  values: Map<string, Map<string, Value>>,
  partitionKey: string,
): Map<string, Value> {
  return madeOnce(values, partitionKey, () => new Map<string, Value>())
}

function madeOnce<Value>(values: Map<string, Value>, key: string, make: () => Value): Value {
  let value = values.get(key)
  if (value === undefined) values.set(key, (value = make()))
  return value
}

function emptyTeams(): MemoryTeams {
  return { byId: new Map(), members: new Map() }
}

function emptyActivity(): MemoryActivity {
  return { refusals: new Map(), hours: new Map(), days: new Map(), people: new Map() }
}

function emptyJournal(): MemoryJournal {
  const entries = new Map<string, JournalFacts>()
  return {
    entries,
    has: ({ position }) => entries.has(position),
    add(change, moving) {
      entries.set(change.position, factsOf(change, moving))
    },
  }
}
