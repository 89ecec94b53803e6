import { expect, test } from 'vitest'
import { count, countInto, countOutcome, METRICS } from '../../../lib/telemetry/metrics.ts'
import { countedBy } from '../../support/counted.ts'

test('counts go nowhere unless somebody takes them', async () => {
  expect(() => count('maintenance.sweeps', 'done')).not.toThrow()
  expect(await countedBy(() => count('maintenance.sweeps', 'done'))).toEqual([
    'maintenance.sweeps: done',
  ])
  countInto(undefined)
  expect(() => count('maintenance.sweeps', 'done')).not.toThrow()
})

test('work is counted by what it comes to, which it still comes to', async () => {
  const kinds = {
    kindOf: (n: number) => (n > 1 ? 'complete' : 'incomplete'),
    failed: 'failed',
  } as const
  const counted = await countedBy(async () => {
    expect(await countOutcome('maintenance.runs', async () => 2, kinds)).toBe(2)
    expect(await countOutcome('maintenance.runs', async () => 1, kinds)).toBe(1)
    const failing = countOutcome('maintenance.runs', () => Promise.reject(new Error('lost')), kinds)
    await expect(failing).rejects.toThrow('lost')
  })
  expect(counted).toEqual([
    'maintenance.runs: complete',
    'maintenance.runs: incomplete',
    'maintenance.runs: failed',
  ])
})

test('names and kinds are told apart by the case-blind columns of a query, too', () => {
  const all = Object.entries(METRICS).flatMap(([name, kinds]) =>
    kinds.map((kind) => `${name} ${kind}`.toLowerCase()),
  )
  expect(new Set(all).size).toBe(all.length)
  expect(all.filter((text) => !/^[a-z]+\.[a-z]+ [a-z0-9 -]+$/.test(text))).toEqual([])
})
