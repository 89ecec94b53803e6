import type { StoredResource } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'

/** The resources of one tenant and type by id, in no particular order. */
export type MemoryRows = Map<string, StoredResource>

/** What the stores in memory share: memberships must see which groups exist, and stamp them. */
export interface MemoryState {
  /** The one map of a tenant and type; made when it is first asked for. */
  resources(tenantId: string, resourceType: ResourceType['name']): MemoryRows
  /** A concurrency token that was never used before, for `StoredResource.revision`. */
  newRevision(): string
}

/** An empty state; every store made on it sees what the others write. */
export function memoryState(): MemoryState {
  const tenants = new Map<string, Map<string, MemoryRows>>()
  let revisions = 0
  return {
    resources(tenantId, resourceType) {
      const tenant = tenants.get(tenantId) ?? new Map<string, MemoryRows>()
      tenants.set(tenantId, tenant)
      const rows: MemoryRows = tenant.get(resourceType) ?? new Map()
      tenant.set(resourceType, rows)
      return rows
    },
    newRevision: () => String(++revisions),
  }
}
