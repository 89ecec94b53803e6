import type { ManageDomain } from '../../lib/manage/domain.ts'
import { tenantDomain } from '../../lib/manage/tenant-domain.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'

/** What the manage API works with, in memory; counting people is somebody else's. */
export function manageDomain(): ManageDomain {
  return tenantDomain(memoryStores().tenants, USER, async () => ({ users: 3, groups: 1 }))
}
