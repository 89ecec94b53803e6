import type { StoredResource } from '../../scim/resource.ts'
import type { StorageLayout } from '../layout.ts'
import type { Change, JournalOperation } from '../port.ts'

/** The resources of one tenant and type by id, in no particular order. */
export type MemoryRows = Map<string, StoredResource>

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
  /** The journal of a tenant's changes, for each table that they are in. */
  journal(partitionKey: string, layout: Pick<StorageLayout, 'table'>): MemoryJournal
  /** A concurrency token that was never used before, for `StoredResource.revision`. */
  newRevision(): string
}

/** An empty state; every store made on it sees what the others write. */
export function memoryState(): MemoryState {
  const resources = new Map<string, MemoryRows>()
  const journals = new Map<string, MemoryJournal>()
  let revisions = 0
  return {
    resources: (partitionKey, { resourceType }) =>
      madeOnce(resources, JSON.stringify([partitionKey, resourceType]), () => new Map()),
    journal: (partitionKey, { table }) =>
      madeOnce(journals, JSON.stringify([partitionKey, table]), emptyJournal),
    newRevision: () => String(++revisions),
  }
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
