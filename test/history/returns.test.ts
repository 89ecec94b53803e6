import { expect, test } from 'vitest'
import { runHistoryOf } from '../support/history/faulty-app.ts'
import { RETURN_FAULTS } from '../support/history/return-faults.ts'

const run = (
  operations: string,
  fault?: (typeof RETURN_FAULTS)[number],
): ReturnType<typeof runHistoryOf> =>
  runHistoryOf(['--returns', '--seed', '1', '--operations', operations], fault)

test('people who are deleted and come again, while the storage fails, have the account back once', async () => {
  const { text, code } = await run('5000')
  expect(text).toMatch(
    /^seed 1: 50\d\d operations, \d{3} of unknown outcome, \d{2,3} returns, \d+ calls of the storage, 2\d % of which failed, nothing wrong$/m,
  )
  expect(code).toBe(0)
})

test.each(RETURN_FAULTS)('it is noticed when $name', async (fault) => {
  const { code, text } = await run('1000', fault)
  expect(text).toContain('This cannot be: ')
  expect(code).toBe(1)
})
