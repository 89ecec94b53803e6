import { RESOURCE_TYPES } from '../../scim/resource-type.ts'
import type { ListQuery, MembershipCascade, MembershipLookup, ResourceStore } from '../port.ts'
import { pageByIndex, pageByPosition, requirePosition } from '../page.ts'
import { createResource } from './create.ts'
import { deleteResource, resumeDeletion, sweepDeletions } from './delete.ts'
import { findResources, readResource } from './find.ts'
import { pageOfAll } from './list.ts'
import { MAX_PAGE_SIZE, partitionOf, type Partition } from './partition.ts'
import { replaceResource } from './replace.ts'
import { scanResources } from './scan.ts'
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
        RESOURCE_TYPES.map((resourceType) =>
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
): ReturnType<ResourceStore['list']> {
  const { filter, sort, startIndex, count } = query
  if (filter !== undefined) {
    const matching = findResources(partition, memberships, filter)
    return pageByIndex(partition.resourceType, matching, query)
  }
  if (sort === undefined) return pageOfAll(partition, startIndex, count)
  return pageByIndex(partition.resourceType, scanResources(partition, {}), query)
}

/** One more than the page holds tells whether there is another. */
function pageSize(count: number): number {
  return Math.min(MAX_PAGE_SIZE, count + 1)
}

function position(after: string | undefined): { after?: string } {
  return after === undefined ? {} : { after }
}
