import { isObject } from '../../scim/json.ts'
import type { StoredResource } from '../../scim/resource.ts'
import { checkDeadline } from '../deadline.ts'
import { workThrough } from '../event-loop.ts'
import {
  indexedValues,
  indexEntries,
  isInactive,
  taken,
  uniqueEntries,
  type IndexEntry,
} from '../index-entries.ts'
import { isOverfull } from '../index-limits.ts'
import { withInvitation } from '../invitations.ts'
import { positionOf } from '../keys.ts'
import {
  DEFAULT_LAYOUTS,
  distinctLayouts,
  layoutOf,
  type LayoutOptions,
  type StorageLayout,
} from '../layout.ts'
import { lookUpMemberships } from '../membership-filter.ts'
import {
  emptyPage,
  inOrderOfIds,
  pageByIndex,
  pageByPosition,
  requirePosition,
  type Matches,
} from '../page.ts'
import type { Levels } from '../people-port.ts'
import type {
  Change,
  ListQuery,
  MembershipCascade,
  MembershipLookup,
  NewResource,
  ResourceStore,
} from '../port.ts'
import { matchesStored, planQuery } from '../query.ts'
import { sortedEntries } from '../sorted-entries.ts'
import { storableJson } from '../stored-size.ts'
import { adopting, releaseTeam, setAdopted } from './adoption.ts'
import { memoryBringing } from './bringing.ts'
import { memoryHiddenAccounts } from './hidden.ts'
import { memoryInvitations } from './invitations.ts'
import { memoryLevels, noteLevel } from './levels.ts'
import { isCurrent, readable, type MemoryPartition, type Open } from './partition.ts'
import { reindexMemory } from './reindex.ts'
import { memorySearch } from './search.ts'
import type { MemoryState } from './state.ts'

/**
 * Keeps resources in memory: the reference of what the port promises, for tests and trials. Filters are matched against
 * every resource, without indexes.
 */
export function memoryResourceStore(
  state: MemoryState,
  memberships: MembershipCascade & MembershipLookup,
  { layouts = DEFAULT_LAYOUTS }: LayoutOptions = {},
): ResourceStore {
  distinctLayouts(layouts)
  const open = openIn(state, layouts)
  const write: Write = (partition, resource, before) => {
    const stored = storable(partition, resource, before)
    noteLevel(partition, resource.attributes)
    partition.rows.set(stored.id, { ...stored, revision: state.newRevision() })
  }

  return {
    ...reads(open, memberships),
    ...memoryHiddenAccounts({ open, write, memberships, newRevision: () => state.newRevision() }),
    ...memoryInvitations(open, () => state.newRevision()),
    ...memoryBringing({ layouts, open, refuseTaken, newRevision: () => state.newRevision() }),

    create: async (scope, resourceType, resource, change) =>
      createOrAdopt(state, write, open(scope, resourceType), resource, change),

    async replace(scope, resourceType, before, attributes, change) {
      const partition = open(scope, resourceType)
      if (partition.journal.has(change)) return true
      if (!isCurrent(partition, before)) return false
      const after = withInvitation(before, { ...before, attributes, ...change.stamp }, change)
      write(partition, after, before)
      partition.journal.add(change)
      return true
    },

    async delete(scope, resourceType, before, change) {
      const { rows, journal, layout, ...partition } = open(scope, resourceType)
      if (journal.has(change)) return true
      if (!isCurrent({ rows }, before)) return false
      rows.delete(before.id)
      journal.add(change)
      releaseTeam(state, { ...partition, layout }, before.id, change)
      await memberships.removeAll(partition, before.id, layout.guarded, change)
      return true
    },

    // Nothing interrupts a deletion here.
    finishDelete: async () => undefined,
    sweep: async () => 0,

    async reindex(scope, resourceType, query) {
      const { layout, rows } = open(scope, resourceType)
      const all = inOrderOfIds(rows.values()).map((kept) => readable(resourceType, kept))
      return reindexMemory(layout, resourceType, all, query)
    },
  }
}

type Write = (partition: MemoryPartition, resource: StoredResource, before?: StoredResource) => void

function createOrAdopt(
  state: MemoryState,
  write: Write,
  partition: MemoryPartition,
  resource: NewResource,
  change: Change,
): string {
  const made = partition.journal.entries.get(change.position)
  // New ids are never used twice: with another change too this is the same creation once more.
  if (made !== undefined || partition.rows.has(resource.id)) return made?.subject ?? resource.id
  const { team, id, note } = adopting(state, partition, resource, change)
  write(partition, withInvitation(undefined, { ...resource, ...change.stamp, id }, change))
  if (team !== undefined) setAdopted(state, partition, team, true, change)
  partition.journal.add({ ...change, note })
  return id
}

function openIn(state: MemoryState, layouts: readonly StorageLayout[]): Open {
  return ({ partitionKey, deadline }, resourceType) => {
    checkDeadline(deadline)
    const layout = layoutOf(layouts, resourceType)
    const rows = state.resources(partitionKey, layout)
    const hidden = state.hidden(partitionKey, layout)
    const journal = state.journal(partitionKey, layout)
    const levels = state.levels(partitionKey, layout)
    return { partitionKey, deadline, layout, resourceType, rows, hidden, journal, levels }
  }
}

function reads(
  open: Open,
  memberships: MembershipLookup,
): Pick<
  ResourceStore,
  'get' | 'getAll' | 'list' | 'listFrom' | 'positionBehind' | 'search' | 'sorted' | keyof Levels
> {
  return {
    async get(scope, resourceType, id) {
      const kept = open(scope, resourceType).rows.get(id)
      return kept && readable(resourceType, kept)
    },

    async getAll(scope, resourceType, ids) {
      const { rows } = open(scope, resourceType)
      const page = emptyPage(ids.length)
      for (const kept of ids.map((id) => rows.get(id))) {
        if (kept !== undefined && !page.add(readable(resourceType, kept))) break
      }
      return page.resources
    },

    async list(scope, resourceType, query) {
      return pageByIndex(matching(memberships, open(scope, resourceType), query), query)
    },

    async listFrom(scope, resourceType, query) {
      requirePosition(query.after)
      return pageByPosition(matching(memberships, open(scope, resourceType), query), query)
    },

    ...memorySearch(open),
    ...memoryLevels(open),

    positionBehind: positionOf,

    async sorted(scope, resourceType, { filter, sort }) {
      const found = matching(memberships, open(scope, resourceType), { filter })
      return sortedEntries(resourceType, found, sort, scope.deadline)
    },
  }
}

/** The resource as a store keeps it that keeps text, its attributes as `toStored` has them. */
function storable(
  partition: MemoryPartition,
  resource: StoredResource,
  before: StoredResource | undefined,
): StoredResource {
  const { layout, resourceType } = partition
  const { hidden: _, ...visible } = resource
  const entries = indexEntries(layout, resourceType, resource.attributes)
  const [had, has] = [before, resource].map((each) =>
    indexedValues(layout, resourceType, each?.attributes ?? {}),
  )
  isOverfull(had ?? [], has ?? [])
  const json = storableJson(resourceType, resource)
  refuseTaken(partition, resource.id, entries, before)
  const parsed: unknown = JSON.parse(json)
  return { ...visible, attributes: isObject(parsed) ? parsed : {}, characters: json.length }
}

const entriesOf = new WeakMap<StoredResource, readonly IndexEntry[]>()

function refuseTaken(
  { layout, resourceType, rows }: MemoryPartition,
  id: string,
  entries: readonly IndexEntry[],
  before?: StoredResource,
): void {
  // Two may have had a value when it was declared to be unique: it keeps neither from being changed otherwise.
  const had = before === undefined ? [] : uniqueEntries(layout, resourceType, before.attributes)
  const unique = entries.filter(({ index, value }) => {
    return index.unique && !had.some((one) => one.index.name === index.name && one.value === value)
  })
  for (const kept of rows.values()) {
    if (kept.id === id) continue
    const other = readable(resourceType, kept)
    let held = entriesOf.get(other)
    if (held === undefined) {
      held = uniqueEntries(layout, resourceType, other.attributes)
      entriesOf.set(other, held)
    }
    for (const { index, value } of unique) {
      if (held.some((entry) => entry.index.name === index.name && entry.value === value)) {
        const holder = { id: other.id, isInactive: isInactive(other.attributes) }
        throw taken(resourceType, index, holder)
      }
    }
  }
}

const BATCH_SIZE = 1000

async function* matching(
  lookup: MembershipLookup,
  partition: MemoryPartition,
  {
    filter,
    after = '',
  }: { readonly filter?: ListQuery['filter'] | undefined; readonly after?: string },
): Matches {
  const { layout, resourceType, rows, deadline } = partition
  const behind = inOrderOfIds(rows.values())
    .filter(({ id }) => positionOf(id) > after)
    .map((kept) => readable(resourceType, kept))
  if (filter === undefined) {
    yield behind
    return
  }
  const { comparedIds } = planQuery(layout, resourceType, filter)
  const membershipsOf = await lookUpMemberships(lookup, partition, resourceType, comparedIds)
  for (let start = 0; start < behind.length; start += BATCH_SIZE) {
    yield await workThrough(behind.slice(start, start + BATCH_SIZE), deadline, (stored) =>
      matchesStored(resourceType, filter, stored, membershipsOf) ? stored : undefined,
    )
  }
}
