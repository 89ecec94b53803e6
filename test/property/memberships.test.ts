import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
import { changesEqualSets } from '../contract/membership-store.ts'

test('changes of members in any order come to what they come to with sets', async () => {
  const law = changesEqualSets(() => {
    const state = memoryState()
    const memberships = memoryMemberships(state)
    return { memberships, resources: memoryResourceStore(state, memberships) }
  })
  expect(await fc.check(law)).toMatchObject({ failed: false, counterexample: null })
})
