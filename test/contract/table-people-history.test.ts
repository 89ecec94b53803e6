import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { tablesThrough } from '../support/tables.ts'
import {
  begin,
  BOTH_STEPS,
  checkHistory,
  providerStep,
  vendorStep,
} from '../support/teams-history.ts'
import { openSides } from '../support/two-sides.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>

beforeAll(async () => {
  azurite = await startAzurite()
  await createTables(await tablesThrough(azurite.connectionString))
})

afterAll(() => azurite.stop())

// In the order in which Azurite happens to answer: test/property has any interleaving, on a service of its own.
test('what provider and vendor say of teams, members and levels at the same time is so afterwards, and counted', async () => {
  const tables = [
    await tablesThrough(azurite.connectionString),
    await tablesThrough(azurite.connectionString),
  ]
  const law = fc.asyncProperty(BOTH_STEPS, async ([providerSteps, vendorSteps]) => {
    const id = `t${randomUUID().slice(0, 8)}`
    const [one, other] = await openSides(
      tables.map((each) => tableStores(each)),
      id,
    )
    if (one === undefined || other === undefined) throw new Error('there are no two instances')
    const history = await begin(one)
    await Promise.all([
      (async () => {
        for (const each of providerSteps) await providerStep(one, history, each)
      })(),
      (async () => {
        for (const each of vendorSteps) await vendorStep(other, history, each)
      })(),
    ])
    await checkHistory(other, history)
  })
  const { counterexample, errorInstance } = await fc.check(law, { numRuns: 15 })
  expect([errorInstance, fc.stringify(counterexample)]).toEqual([null, 'null'])
})
