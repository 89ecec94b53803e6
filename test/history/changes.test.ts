import { expect, test } from 'vitest'
import { runHistoryOf } from '../support/history/faulty-app.ts'
import { SEEDED_FAULTS } from '../support/history/seeded-faults.ts'

/** Faults of the storage layer that show in the journal. */
const SHOWN = new Set([
  'a change leaves no row in the journal',
  'an unknown outcome passes for a success',
])

test('10,000 changes of a tenant under lost answers, 503 and 412 leave one row each where the client saw success, and none where it was refused', async () => {
  const { text, code } = await runHistoryOf(['--changes', '--seed', '7', '--operations', '10000'])
  expect(text).toMatch(
    /^seed 7: 10\d{3} changes, 8\d{3} succeeded, \d{3} were refused, \d{3} of unknown outcome, \d{3} of which were made, \d+ calls of the storage, 2[01] % of which failed, 1\d{4} rows in the journal, none wrong$/m,
  )
  expect(code).toBe(0)
})

test.each(SEEDED_FAULTS.filter(({ name }) => SHOWN.has(name)))(
  'the journal is not right when $name',
  async (fault) => {
    const options = ['--changes', '--seed', '1', '--operations', '1000']
    const { code, text } = await runHistoryOf(options, fault)
    expect(text).toContain('The journal is wrong: ')
    expect(code).toBe(1)
  },
)
