import type { Member, StoredResource } from '../../scim/resource.ts'
import type { StorageLayout } from '../layout.ts'
import type { Change, JournalOperation } from '../port.ts'

/** The resources of one tenant and type by id, in no particular order. */
export type MemoryRows = Map<string, StoredResource>

/** The members of one group by id. */
export type GroupMembers = Map<string, Member>

/** What the journal keeps of a change. */
export interface JournalEntry {
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string
  readonly version: string
  readonly operation: JournalOperation
  /** The id of the request that asked for the change. */
  readonly request: string
}

/** The journal of one table by the positions of changes. */
export interface MemoryJournal {
  has(change: Change): boolean
  add(change: Change): void
  readonly entries: ReadonlyMap<string, JournalEntry>
}

/** What the stores in memory share: memberships must see which groups exist, and stamp them. */
export interface MemoryState {
  /** The one map of a tenant and type; made when it is first asked for. */
  resources(partitionKey: string, layout: Pick<StorageLayout, 'resourceType'>): MemoryRows
  /** The one map of a tenant's groups that have members. */
  members(partitionKey: string): Map<string, GroupMembers>
  /** The journal of a tenant's changes, for each table that they are in. */
  journal(partitionKey: string, layout: Pick<StorageLayout, 'table'>): MemoryJournal
  /** A concurrency token that was never used before, for `StoredResource.revision`. */
  newRevision(): string
  /** The PartitionKeys that have resources or memberships, ordered. */
  partitions(): readonly string[]
  /** How many resources and memberships a partition has. */
  count(partitionKey: string): number
  /** Removes all that a partition has. */
  erase(partitionKey: string): void
}

/** An empty state; every store made on it sees what the others write. */
export function memoryState(): MemoryState {
  const resources = new Map<string, Map<string, MemoryRows>>()
  const memberships = new Map<string, Map<string, GroupMembers>>()
  const journals = new Map<string, Map<string, MemoryJournal>>()
  let revisions = 0
  const count = (partitionKey: string): number => {
    const ofResources = [...(resources.get(partitionKey)?.values() ?? [])]
    const ofGroups = [...(memberships.get(partitionKey)?.values() ?? [])]
    const kept: readonly { readonly size: number }[] = [...ofResources, ...ofGroups]
    return kept.reduce((sum, { size }) => sum + size, 0)
  }
  return {
    resources: (partitionKey, { resourceType }) =>
      madeOnce(partOf(resources, partitionKey), resourceType, () => new Map()),
    members: (partitionKey) => partOf(memberships, partitionKey),
    journal: (partitionKey, { table }) =>
      madeOnce(partOf(journals, partitionKey), table, emptyJournal),
    newRevision: () => String(++revisions),
    partitions: () =>
      [...new Set([...resources.keys(), ...memberships.keys()])]
        .filter((partitionKey) => count(partitionKey) > 0)
        .toSorted(),
    count,
    erase(partitionKey) {
      for (const each of [resources, memberships, journals]) each.delete(partitionKey)
    },
  }
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

function emptyJournal(): MemoryJournal {
  const entries = new Map<string, JournalEntry>()
  return {
    entries,
    has: ({ position }) => entries.has(position),
    add({ position, stamp, operation, requestId }) {
      const { version, lastModified: at } = stamp
      entries.set(position, { at, version, operation, request: requestId })
    },
  }
}
