import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import {
  contentsOf,
  exportOf,
  importOf,
  partsOn,
  storesOn,
  type BackedStores,
} from '../support/backup.ts'
import { STEP, take } from '../support/backup-history.ts'

const HISTORY = fc.array(STEP, { minLength: 1, maxLength: 40 })

/** Fails for a history behind which the copy is another. */
async function failureIn(runs: number, open: () => Promise<BackedStores>): Promise<unknown> {
  const [from, to] = [await open(), await open()]
  let tenants = 0
  const law = fc.asyncProperty(HISTORY, async (steps) => {
    tenants += 1
    const id = `t-${tenants}`
    const now = new Date()
    for (const stores of [from, to]) await createTenant(stores.tenants, { id, now })
    for (const step of steps) await take(from, id, step)
    const file = await exportOf(partsOn(from), id)
    const imported = await importOf(partsOn(to), id, file)
    expect(imported).toMatchObject({ whole: true, there: 0, left: { count: 0 } })
    const [original, copy] = await Promise.all([contentsOf(from, id), contentsOf(to, id)])
    expect(copy).toEqual(original)
    const twice = await importOf(partsOn(to), id, file, { resume: true })
    expect(twice).toMatchObject({ brought: { users: 0, groups: 0 }, left: { count: 0 } })
    expect(await contentsOf(to, id)).toEqual(original)
  })
  const { failed, counterexample, errorInstance } = await fc.check(law, { numRuns: runs })
  return failed ? { counterexample, errorInstance } : undefined
}

test('a tenant in memory is the same behind an export and an import, whatever it has been through', async () => {
  expect(await failureIn(100, async () => memoryStores())).toBeUndefined()
})

test('so is one in tables', async () => {
  expect(await failureIn(40, storesOn)).toBeUndefined()
})
