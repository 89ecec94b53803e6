import type { Stores } from '../../lib/runtime.ts'
import type { ChangeStamp } from '../../lib/scim/resource.ts'
import { newChangeStamp } from '../../lib/storage/memberships.ts'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryTenantStore } from '../../lib/storage/memory/tenants.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
import { eraseTenantResources } from '../../lib/storage/table/erase.ts'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import type { EraseResources } from '../../lib/storage/tenant-port.ts'

/** All stores of an app, and how to remove what one tenant has in them. */
export type OpenStores = Stores & { readonly erase: EraseResources }

/**
 * Empty stores in memory.
 * @param newStamp for the groups that a deleted resource was in.
 */
export function memoryStores(newStamp: () => ChangeStamp = newChangeStamp): OpenStores {
  const state = memoryState()
  const memberships = memoryMemberships(state, { newStamp })
  return {
    resources: memoryResourceStore(state, memberships),
    memberships,
    tenants: memoryTenantStore(),
    erase: async () => 0,
  }
}

/**
 * The tables of a table service, which are created where they are missing.
 * @param newStamp for the groups that a deleted resource was in.
 */
export async function tableStores(
  connectionString: string,
  newStamp: () => ChangeStamp = newChangeStamp,
): Promise<OpenStores> {
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  const memberships = tableMemberships(tables, { newStamp })
  return {
    resources: tableResourceStore(tables, memberships),
    memberships,
    tenants: tableTenantStore(tables),
    erase: eraseTenantResources(tables),
  }
}
