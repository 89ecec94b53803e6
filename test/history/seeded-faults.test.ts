import { expect, test } from 'vitest'
import { runHistoryOf } from '../support/history/faulty-app.ts'
import { SEEDED_FAULTS } from '../support/history/seeded-faults.ts'

/** A fault shows when others come in between: in most of these histories, not in each. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

test('there are twelve faults at least', () => {
  expect(SEEDED_FAULTS.length).toBeGreaterThanOrEqual(12)
})

test.concurrent.each(SEEDED_FAULTS)('$name: it is noticed', async (fault) => {
  const texts: string[] = []
  for (const seed of new Set([fault.seed ?? 1, ...SEEDS])) {
    const options = ['--seed', String(seed), '--operations', '1000']
    const { code, text } = await runHistoryOf(options, fault)
    texts.push(text)
    if (code === 1) break
  }
  expect(texts.join('\n')).toContain('Nothing explains ')
})
