import { expect, test } from 'vitest'
import { USER } from '../../../../lib/scim/default-resource-types.ts'
import { parseFilter } from '../../../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../../../lib/scim/filter/resolve.ts'
import { memoryStores } from '../../../../lib/storage/memory/stores.ts'
import { aChange, scopeOf } from '../../../support/changes.ts'
import { workingTime } from '../../../support/working-time.ts'

test('a filter that takes long lets other requests have their turn', async () => {
  const { resources } = memoryStores()
  const tenant = scopeOf('acme')
  for (let n = 0; n < 200; n += 1) {
    const attributes = { userName: `user-${n}`, profileUrl: `https://x/${'a'.repeat(60_000)}` }
    const user = { id: String(n), created: '2026-01-01T00:00:00.000Z', attributes }
    await resources.create(tenant, USER, user, aChange('create'))
  }
  const conditions = Array.from({ length: 60 }, (_, n) => `profileUrl co "q${n}"`).join(' or ')
  const filter = resolveFilter(USER, parseFilter(conditions))
  let turns = 0
  const other = setInterval(() => (turns += 1), 1)
  const worked = workingTime()
  const page = await resources.list(tenant, USER, { startIndex: 1, count: 10, filter })
  const taken = worked()
  clearInterval(other)
  expect(page.totalResults).toBe(0)
  // One turn behind each 10 ms, and half of them on a machine that others use too.
  expect(turns).toBeGreaterThanOrEqual(Math.floor(taken / 40))
})
