import { positionOf } from '../keys.ts'
import { DEFAULT_LAYOUTS, distinctLayouts, type LayoutOptions } from '../layout.ts'
import type { MembershipCascade, MembershipLookup, ResourceStore, Scope } from '../port.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import { createResource } from './create.ts'
import { deleteResource, resumeDeletion, sweepDeletions } from './delete.ts'
import { readAll, readResource } from './get.ts'
import { list, listFrom } from './list.ts'
import { partitionOf, type ResourcePartition, type ResourceTables } from './partition.ts'
import { replaceResource } from './replace.ts'
import { sorted } from './sorted.ts'

/**
 * Keeps resources in the tables `users` and `groups`: a tenant is a partition in each, so that a resource, its index
 * rows, its counter and its entry in the journal change in one transaction. lib/storage/keys.ts tells the rows.
 */
export function tableResourceStore(
  tables: ResourceTables,
  memberships: MembershipCascade & MembershipLookup,
  { layouts = DEFAULT_LAYOUTS }: LayoutOptions = {},
): ResourceStore {
  distinctLayouts(layouts)
  const partition = (scope: Scope, resourceType: ResourceType): ResourcePartition =>
    partitionOf(tables, layouts, scope, resourceType)
  return {
    get: async (scope, resourceType, id) => readResource(partition(scope, resourceType), id),

    getAll: async (scope, resourceType, ids) => readAll(partition(scope, resourceType), ids),

    create: async (scope, resourceType, resource, change) =>
      createResource(partition(scope, resourceType), resource, change),

    replace: async (scope, resourceType, before, attributes, change) =>
      replaceResource(partition(scope, resourceType), before, attributes, change),

    delete: async (scope, resourceType, before, change) =>
      deleteResource(partition(scope, resourceType), before, memberships, change),

    finishDelete: async (scope, resourceType, id) =>
      resumeDeletion(partition(scope, resourceType), id, memberships),

    async sweep(scope, resourceTypes) {
      const finished = await Promise.all(
        resourceTypes.map((each) => sweepDeletions(partition(scope, each), memberships)),
      )
      return finished.reduce((sum, deletions) => sum + deletions, 0)
    },

    list: async (scope, resourceType, query) =>
      list(partition(scope, resourceType), memberships, query),

    listFrom: async (scope, resourceType, query) =>
      listFrom(partition(scope, resourceType), memberships, query),

    positionBehind: positionOf,

    sorted: async (scope, resourceType, { filter, sort }) =>
      sorted(partition(scope, resourceType), memberships, filter, sort),
  }
}
