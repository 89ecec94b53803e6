import { describe } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { aClock, activityStoreContract } from './activity-store.ts'

describe('the activity in memory', () => {
  const stores = memoryStores({ now: aClock() })
  activityStoreContract(() => ({
    stores,
    count: countCalls,
    insert: async ({ partitionKey }, facts) => {
      const { entries } = stores.state.journal(partitionKey, { table: 'users' })
      for (const each of facts) entries.set(each.position, each)
    },
  }))
})
