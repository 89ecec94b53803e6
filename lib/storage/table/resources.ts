import { positionOf } from '../keys.ts'
import type { HiddenAccounts } from '../hidden-port.ts'
import { DEFAULT_LAYOUTS, distinctLayouts, layoutOf, type LayoutOptions } from '../layout.ts'
import type { MembershipCascade, MembershipLookup, ResourceStore, Scope } from '../port.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import { uniqueValuesOf } from '../unique-values.ts'
import { createOrRestore } from './arrive.ts'
import { bringHidden, bringResource, rehearseHidden, rehearseResource } from './bring.ts'
import { createResource } from './create.ts'
import { deleteResource, resumeDeletion, sweepDeletions } from './delete.ts'
import { readAll, readResource } from './get.ts'
import { readHidden } from './hidden-rows.ts'
import { deleteHidden, hideResource, listHidden, replaceHidden, restoreHidden } from './hidden.ts'
import { tableInvitations } from './invitation-rows.ts'
import { deleteLevel, fillLevels, readLevels } from './levels.ts'
import { list, listFrom } from './list.ts'
import { partitionOf, type ResourcePartition, type ResourceTables } from './partition.ts'
import { reindex } from './reindex.ts'
import { replaceResource } from './replace.ts'
import { searchResources } from './search.ts'
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
  const partition: OpenPartition = (scope, resourceType) =>
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

    bring: async (scope, resourceType, resource, change) =>
      bringResource(partition(scope, resourceType), resource, change),

    bringHidden: async (scope, resourceType, account, change) =>
      bringHidden(partition(scope, resourceType), account, change),

    uniqueValues: (resourceType, resource) =>
      uniqueValuesOf(layoutOf(layouts, resourceType), resourceType, resource),

    rehearse: async (scope, resourceType, resource) =>
      rehearseResource(partition(scope, resourceType), resource),

    rehearseHidden: async (scope, resourceType, account) =>
      rehearseHidden(partition(scope, resourceType), account),

    ...hiddenAccounts(partition, memberships),
    ...tableInvitations(partition),

    levels: async (scope, resourceType) => readLevels(partition(scope, resourceType)),

    deleteLevel: async (scope, resourceType, name) =>
      deleteLevel(partition(scope, resourceType), name),

    search: async (scope, resourceType, query) =>
      searchResources(partition(scope, resourceType), query),

    finishDelete: async (scope, resourceType, id) =>
      resumeDeletion(partition(scope, resourceType), id, memberships),

    async sweep(scope, resourceTypes) {
      const finished = await Promise.all(
        resourceTypes.map(async (each) => {
          await fillLevels(partition(scope, each))
          return sweepDeletions(partition(scope, each), memberships)
        }),
      )
      return finished.reduce((sum, deletions) => sum + deletions, 0)
    },

    reindex: async (scope, resourceType, query) =>
      reindex(partition(scope, resourceType), memberships, query),

    list: async (scope, resourceType, query) =>
      list(partition(scope, resourceType), memberships, query),

    listFrom: async (scope, resourceType, query) =>
      listFrom(partition(scope, resourceType), memberships, query),

    positionBehind: positionOf,

    sorted: async (scope, resourceType, { filter, sort }) =>
      sorted(partition(scope, resourceType), memberships, filter, sort),
  }
}

type OpenPartition = (scope: Scope, resourceType: ResourceType) => ResourcePartition

function hiddenAccounts(partition: OpenPartition, memberships: MembershipCascade): HiddenAccounts {
  return {
    hide: async (scope, resourceType, before, change) =>
      hideResource(partition(scope, resourceType), before, memberships, change),

    createOrRestore: async (scope, resourceType, resource, change) =>
      createOrRestore(partition(scope, resourceType), resource, memberships, change),

    getHidden: async (scope, resourceType, id) => readHidden(partition(scope, resourceType), id),

    listHidden: async (scope, resourceType, query) =>
      listHidden(partition(scope, resourceType), query),

    async restore(scope, resourceType, hidden, attributes, change, returner) {
      const revision = returner?.revision
      if (returner !== undefined && revision === undefined) return undefined
      const joining = returner && { ...returner, revision: revision ?? '' }
      const how = { hidden, attributes, returner: joining }
      return restoreHidden(partition(scope, resourceType), memberships, how, change)
    },

    replaceHidden: async (scope, resourceType, hidden, attributes, change) =>
      replaceHidden(partition(scope, resourceType), hidden, attributes, change),

    deleteHidden: async (scope, resourceType, hidden, change) =>
      deleteHidden(partition(scope, resourceType), hidden, change),
  }
}
