import { expect, test } from 'vitest'
import { runHistoryOf } from '../support/history/faulty-app.ts'

test('a copy of people that follows 2,000 changes under lost answers, 503 and 412 is what is there, and nobody is let in behind the answer to active=false', async () => {
  const { text, code } = await runHistoryOf(['--people', '--seed', '1', '--operations', '2000'])
  expect(text).toMatch(
    /^seed 1: 1\d{3} changes, \d+ of unknown outcome, \d{3} look-ups, \d{3} pages of people, \d+ people in the end, [1-9]\d* checks of its rows, \d+ calls of the storage, \d\d % of which failed, none wrong$/m,
  )
  expect(code).toBe(0)
})
