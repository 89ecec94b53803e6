import { describe } from 'vitest'
import { memoryTenantStore } from '../../lib/storage/memory/tenants.ts'
import { tenantStoreContract } from './tenant-store.ts'

describe('tenants in memory', () => {
  tenantStoreContract(memoryTenantStore)
})
