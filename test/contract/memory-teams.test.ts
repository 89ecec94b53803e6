import { describe } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { teamStoreContract } from './team-store.ts'

describe('teams in memory', () => {
  teamStoreContract(() => memoryStores())
})
