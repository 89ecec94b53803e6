import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'

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
  const tenants = new Map<string, { readonly User: MemoryRows; readonly Group: MemoryRows }>()
  let revisions = 0
  return {
    resources(tenantId, resourceType) {
      const tenant = tenants.get(tenantId) ?? { User: new Map(), Group: new Map() }
      tenants.set(tenantId, tenant)
      return tenant[resourceType]
    },
    newRevision: () => String(++revisions),
  }
}
