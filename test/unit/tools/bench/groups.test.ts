import { expect, test } from 'vitest'
import { openBenchApp } from '../../../../tools/bench/backing.ts'
import { benchGroups } from '../../../../tools/bench/groups.ts'

test('groups in memory are filled, changed and read', async () => {
  const app = await openBenchApp(undefined)
  const steps: string[] = []
  const table = await benchGroups(app, [3, 2500], (step) => steps.push(step))
  await app.remove()
  expect(steps[2]).toMatch(/2,500 members/)
  const cells = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  expect(cells.map((row) => row[1])).toEqual([
    'members',
    expect.stringMatching(/^-+:$/),
    '3',
    '2,500',
  ])
  // Each member is an object with value, $ref and type.
  const [few = NaN, many = NaN] = cells.slice(2).map((row) => Number(row[10]))
  expect(few).toBeLessThan(2)
  expect(many).toBeGreaterThan(250)
  expect(await app.stores.tenants.get(app.tenantId)).toBeUndefined()
})
