import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { NO_DEADLINE } from '../../lib/storage/deadline.ts'
import { tablePartitions } from '../../lib/storage/table/partitions.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import type { Backing } from './run.ts'

/** What the commands need of the tables. */
export function backingOn(tables: Tables): Backing {
  const { resources, tenants, erase } = tableStores(tables)
  return {
    store: tenants,
    people: resources,
    partitions: tablePartitions(tables),
    erase,
    sweep: (partitionKey) =>
      resources.sweep({ partitionKey, deadline: NO_DEADLINE }, DEFAULT_RESOURCE_TYPES),
    createTables: () => createTables(tables),
  }
}
