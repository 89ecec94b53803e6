import { eraseTenantResources } from '../../lib/storage/table/erase.ts'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { tablePartitions } from '../../lib/storage/table/partitions.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import type { Backing } from './run.ts'

/** What the commands need of the tables. */
export function backingOn(tables: Tables): Backing {
  const resources = tableResourceStore(tables, tableMemberships(tables))
  return {
    store: tableTenantStore(tables),
    partitions: tablePartitions(tables),
    erase: eraseTenantResources(tables),
    sweep: (partitionKey) => resources.sweep(partitionKey),
    createTables: () => createTables(tables),
  }
}
