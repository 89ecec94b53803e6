import { describe } from 'vitest'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
import { membershipStoreContract } from './membership-store.ts'

describe('memberships in memory', () => {
  membershipStoreContract(() => {
    const state = memoryState()
    const memberships = memoryMemberships(state)
    return { memberships, resources: memoryResourceStore(state, memberships) }
  })
})
