import { isObject, type JsonObject } from '../../scim/json.ts'
import type { StoredResource } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import { indexEntries, type IndexEntry } from '../index-entries.ts'
import { positionOf } from '../keys.ts'
import { viewMemberships } from '../membership-filter.ts'
import type { MemoryRows, MemoryState } from './state.ts'
import {
  inOrderOfIds,
  pageByIndex,
  pageByPosition,
  requirePosition,
  type Matches,
} from '../page.ts'
import type { ListQuery, MembershipCascade, MembershipLookup, ResourceStore } from '../port.ts'
import { matchesStored, planQuery } from '../query.ts'
import { storableJson } from '../stored-size.ts'
import { taken } from '../taken.ts'

/**
 * Keeps users and groups in memory: the reference of what the port promises, for tests and trials. Filters are matched
 * against every resource, without indexes.
 */
export function memoryResourceStore(
  state: MemoryState,
  memberships: MembershipCascade & MembershipLookup,
): ResourceStore {
  const rowsOf = (tenantId: string, resourceType: ResourceType): MemoryRows =>
    state.resources(tenantId, resourceType.name)
  const write = (tenantId: string, resourceType: ResourceType, resource: StoredResource): void => {
    const attributes = storable(resourceType, resource)
    const rows = rowsOf(tenantId, resourceType)
    refuseTaken(resourceType, rows, resource.id, indexEntries(resourceType, attributes))
    rows.set(resource.id, { ...resource, attributes, revision: state.newRevision() })
  }

  return {
    async get(tenantId, resourceType, id) {
      return rowsOf(tenantId, resourceType).get(id)
    },

    async create(tenantId, resourceType, resource) {
      // Ids are never used twice: this is the same creation once more.
      if (rowsOf(tenantId, resourceType).has(resource.id)) return
      write(tenantId, resourceType, resource)
    },

    async replace(tenantId, resourceType, before, after) {
      if (!isCurrent(rowsOf(tenantId, resourceType), before)) return false
      write(tenantId, resourceType, { ...after, id: before.id })
      return true
    },

    async delete(tenantId, resourceType, before) {
      const rows = rowsOf(tenantId, resourceType)
      if (!isCurrent(rows, before)) return false
      rows.delete(before.id)
      await memberships.removeAll(tenantId, resourceType, before.id)
      return true
    },

    // Nothing interrupts a deletion here.
    finishDelete: async () => undefined,

    async list(tenantId, resourceType, query) {
      const rows = rowsOf(tenantId, resourceType)
      const found = matching(memberships, tenantId, resourceType, rows, query)
      return pageByIndex(resourceType, found, query)
    },

    async listFrom(tenantId, resourceType, query) {
      requirePosition(query.after)
      const rows = rowsOf(tenantId, resourceType)
      return pageByPosition(matching(memberships, tenantId, resourceType, rows, query), query)
    },
  }
}

function isCurrent(rows: MemoryRows, before: StoredResource): boolean {
  return before.revision !== undefined && rows.get(before.id)?.revision === before.revision
}

/** The attributes as they come back from a store that keeps text. */
function storable(resourceType: ResourceType, resource: StoredResource): JsonObject {
  const entries = indexEntries(resourceType, resource.attributes)
  const parsed: unknown = JSON.parse(storableJson(resourceType, resource, entries))
  return isObject(parsed) ? parsed : {}
}

const entriesOf = new WeakMap<StoredResource, readonly IndexEntry[]>()

function refuseTaken(
  resourceType: ResourceType,
  rows: MemoryRows,
  id: string,
  entries: readonly IndexEntry[],
): void {
  const unique = entries.filter(({ index }) => index.unique)
  for (const other of rows.values()) {
    if (other.id === id) continue
    let held = entriesOf.get(other)
    if (held === undefined) {
      held = indexEntries(resourceType, other.attributes).filter(({ index }) => index.unique)
      entriesOf.set(other, held)
    }
    for (const { index, value } of unique) {
      if (held.some((entry) => entry.index.name === index.name && entry.value === value)) {
        throw taken(resourceType, index)
      }
    }
  }
}

async function* matching(
  lookup: MembershipLookup,
  tenantId: string,
  resourceType: ResourceType,
  rows: MemoryRows,
  { filter, after = '' }: Pick<ListQuery, 'filter'> & { readonly after?: string },
): Matches {
  const behind = inOrderOfIds(rows.values()).filter(({ id }) => positionOf(id) > after)
  if (filter === undefined) {
    yield behind
    return
  }
  const { memberships } = planQuery(resourceType, filter)
  const view = await viewMemberships(lookup, { tenantId, resourceType }, memberships)
  yield behind.filter((stored) => matchesStored(resourceType, filter, stored, view))
}
