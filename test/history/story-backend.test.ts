import { expect, test } from 'vitest'
import { runToolOf } from '../support/history/faulty-app.ts'
import { SEEDED_FAULTS } from '../support/history/seeded-faults.ts'

const TOOL = 'tools/story-backend.ts'

test('a backend that loads 1,000 people and follows 2,000 changes under faults has in the end what is there', async () => {
  const { code, text } = await runToolOf(TOOL, ['--seed', '1'])
  expect(text).toMatch(/ nothing wrong\n$/)
  expect(code).toBe(0)
  const told = (what: RegExp): number => Number(what.exec(text)?.[1])
  expect(told(/(\d+) people loaded/)).toBeGreaterThan(950)
  expect(told(/(\d+) changes/)).toBeGreaterThanOrEqual(2000)
  expect(told(/(\d+) rounds/)).toBeGreaterThan(5)
  expect(told(/stopped (\d+) times/)).toBeGreaterThan(0)
  expect(told(/(\d+) people came again in the same version/)).toBeGreaterThan(1000)
  expect(told(/(\d+) people in the end/)).toBeGreaterThan(950)
})

test('it notices a change that the journal does not have', async () => {
  const fault = SEEDED_FAULTS.find(({ name }) => name === 'a change leaves no row in the journal')
  expect(fault).toBeDefined()
  const options = ['--seed', '1', '--people', '100', '--changes', '200']
  const { code, text } = await runToolOf(TOOL, options, fault)
  expect(text).toMatch(/^This is wrong: the copy has \{.*\}, and there is \{.*\}$/m)
  expect(code).toBe(1)
})
