import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { changesEqualSets } from '../contract/membership-store.ts'

test('changes of members in any order come to what they come to with sets', async () => {
  const law = changesEqualSets(() => memoryStores())
  expect(await fc.check(law)).toMatchObject({ failed: false, counterexample: null })
})
