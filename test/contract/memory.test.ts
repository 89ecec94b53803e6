import { describe } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { resourceStoreContract } from './resource-store.ts'

describe('resources in memory', () => {
  const { resources: store, memberships } = memoryStores()
  resourceStoreContract(() => ({ store, memberships }))
})
