import { describe } from 'vitest'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
import { resourceStoreContract } from './resource-store.ts'

describe('resources in memory', () => {
  const state = memoryState()
  const memberships = memoryMemberships(state)
  const store = memoryResourceStore(state, memberships)
  resourceStoreContract(() => ({ store, memberships }))
})
