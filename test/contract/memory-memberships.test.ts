import { describe } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { membershipStoreContract } from './membership-store.ts'

describe('memberships in memory', () => {
  membershipStoreContract(() => memoryStores())
})
