import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { tableService } from '../support/table-service/service.ts'
import type { Request, Response } from '../support/tables.ts'
import {
  begin,
  BOTH_STEPS,
  checkHistory,
  providerStep,
  STEPS,
  vendorStep,
} from '../support/teams-history.ts'
import { openSides, type Sides } from '../support/two-sides.ts'

/** Two instances on one table service, whose requests arrive in the order that the scheduler decides from now on. */
async function interleaved(scheduler: fc.Scheduler): Promise<{
  readonly sides: readonly Sides[]
  readonly mix: () => void
}> {
  const service = tableService()
  let sendRequest = (request: Request): Promise<Response> => service.sendRequest(request)
  const connection = {
    kind: 'connectionString',
    connectionString: service.connectionString,
  } as const
  const all = await Promise.all(
    [0, 1].map(() =>
      openTables(connection, { httpClient: { sendRequest: (request) => sendRequest(request) } }),
    ),
  )
  for (const tables of all.slice(0, 1)) await createTables(tables)
  return {
    sides: await openSides(
      all.map((tables) => tableStores(tables)),
      'acme',
    ),
    mix: () => {
      sendRequest = scheduler.scheduleFunction(sendRequest)
    },
  }
}

describe('what the identity provider and the vendor say of teams, members and levels', () => {
  test('one after the other, in any order, is so afterwards, and counted', async () => {
    const law = fc.asyncProperty(STEPS, async (steps) => {
      const [both] = await openSides([memoryStores()], 'acme')
      if (both === undefined) throw new Error('there is no instance')
      const history = await begin(both)
      for (const each of steps) {
        if ('provider' in each) await providerStep(both, history, each.provider)
        else await vendorStep(both, history, each.vendor)
        await checkHistory(both, history)
      }
    })
    const { counterexample, errorInstance } = await fc.check(law, { numRuns: 100 })
    expect([errorInstance, fc.stringify(counterexample)]).toEqual([null, 'null'])
  }, 120_000)

  test('at the same moment, in any interleaving of the two, is so afterwards, and counted', async () => {
    const law = fc.asyncProperty(fc.scheduler(), BOTH_STEPS, async (scheduler, both) => {
      const { sides, mix } = await interleaved(scheduler)
      const [one, other] = sides
      if (one === undefined || other === undefined) throw new Error('there are no two instances')
      const history = await begin(one)
      mix()
      const [providerSteps, vendorSteps] = both
      const acting = Promise.all([
        (async () => {
          for (const each of providerSteps) await providerStep(one, history, each)
        })(),
        (async () => {
          for (const each of vendorSteps) await vendorStep(other, history, each)
        })(),
      ])
      await scheduler.waitFor(acting)
      await scheduler.waitFor(checkHistory(other, history))
    })
    const { counterexample, errorInstance } = await fc.check(law, { numRuns: 100 })
    // What the scheduler has done is too long to be read.
    const steps = fc.stringify(counterexample?.slice(1) ?? null)
    expect([errorInstance, steps]).toEqual([null, 'null'])
  }, 120_000)
})
