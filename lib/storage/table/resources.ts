import { DEFAULT_RESOURCE_TYPES } from '../../scim/default-resource-types.ts'
import type { ResolvedFilter } from '../../scim/filter/filter.ts'
import type {
  ListQuery,
  MembershipCascade,
  MembershipLookup,
  ResourcePage,
  ResourceStore,
} from '../port.ts'
import { pageByIndex, pageByPosition, requirePosition } from '../page.ts'
import { createResource } from './create.ts'
import { deleteResource, resumeDeletion, sweepDeletions } from './delete.ts'
import { findResources, readResource } from './find.ts'
import { pageOfAll } from './list.ts'
import { MAX_PAGE_SIZE, partitionOf, type Partition } from './partition.ts'
import { replaceResource } from './replace.ts'
import { scanResources } from './scan.ts'
import { indexOfNames, pageByName } from './sorted.ts'
import type { Tables } from './tables.ts'

/** How long lost races and outages are tried again, in milliseconds. */
const PATIENCE = 20_000

/** A store of resources in Azure Table Storage. */
export interface TableResourceStore extends ResourceStore {
  /** Finishes deletions of a tenant that were interrupted after the resource had gone; tells how many. */
  sweep(tenantId: string): Promise<number>
}

/**
 * Keeps users and groups in the tables `users` and `groups`: a tenant is a partition in each, so that a resource, its
 * index rows and its counter change in one transaction. lib/storage/keys.ts tells the rows.
 * @param patience milliseconds for which lost races and outages are tried again.
 */
export function tableResourceStore(
  tables: Pick<Tables, 'users' | 'groups'>,
  memberships: MembershipCascade & MembershipLookup,
  { patience = PATIENCE }: { readonly patience?: number } = {},
): TableResourceStore {
  return {
    get: (tenantId, resourceType, id) =>
      readResource(partitionOf(tables, tenantId, resourceType), id),

    create: (tenantId, resourceType, resource) =>
      createResource(partitionOf(tables, tenantId, resourceType), resource, patience),

    replace: (tenantId, resourceType, before, after) =>
      replaceResource(partitionOf(tables, tenantId, resourceType), before, after, patience),

    delete: (tenantId, resourceType, before) =>
      deleteResource(partitionOf(tables, tenantId, resourceType), before, memberships, patience),

    finishDelete: (tenantId, resourceType, id) =>
      resumeDeletion(partitionOf(tables, tenantId, resourceType), id, memberships),

    list: (tenantId, resourceType, query) =>
      list(partitionOf(tables, tenantId, resourceType), memberships, query),

    async listFrom(tenantId, resourceType, { filter, after, count }) {
      requirePosition(after)
      const partition = partitionOf(tables, tenantId, resourceType)
      const matching =
        filter === undefined
          ? scanResources(partition, { ...position(after), firstPageSize: pageSize(count) })
          : findResources(partition, memberships, filter, after)
      return pageByPosition(matching, { ...position(after), count })
    },

    async sweep(tenantId) {
      const finished = await Promise.all(
        DEFAULT_RESOURCE_TYPES.map((resourceType) =>
          sweepDeletions(partitionOf(tables, tenantId, resourceType), memberships),
        ),
      )
      return finished.reduce((sum, deletions) => sum + deletions, 0)
    },
  }
}

async function list(
  partition: Partition,
  memberships: MembershipLookup,
  query: ListQuery,
): Promise<ResourcePage> {
  const { filter, sort, startIndex, count } = query
  if (filter !== undefined) return listMatches(partition, memberships, filter, query)
  if (sort === undefined) return pageOfAll(partition, startIndex, count)
  const names = indexOfNames(partition, sort)
  if (names !== undefined) return pageByName(partition, names, sort, query)
  return pageByIndex(partition.resourceType, scanResources(partition, {}), query)
}

/** So many resources at most have their groups read before it is known which of them match. */
const MOST_FORESEEN = 10

/** A lookup by an index knows the ids before the resources: their groups are read beside them. */
async function listMatches(
  partition: Partition,
  memberships: MembershipLookup,
  filter: ResolvedFilter,
  query: ListQuery,
): Promise<ResourcePage> {
  const groups: ReturnType<MembershipLookup['groupsOf']>[] = []
  const foresee = (ids: readonly string[]): void => {
    if (query.withGroups !== true || ids.length === 0 || ids.length > MOST_FORESEEN) return
    const reading = memberships.groupsOf(partition.tenantId, ids)
    // Awaited when the resources are there.
    reading.catch(() => undefined)
    groups.push(reading)
  }
  const matching = findResources(partition, memberships, filter, '', foresee)
  const page = await pageByIndex(partition.resourceType, matching, query)
  const groupsOf = await groups[0]
  return groupsOf === undefined ? page : { ...page, groupsOf }
}

/** One more than the page holds tells whether there is another. */
function pageSize(count: number): number {
  return Math.min(MAX_PAGE_SIZE, count + 1)
}

function position(after: string | undefined): { after?: string } {
  return after === undefined ? {} : { after }
}
