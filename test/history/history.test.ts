import { expect, test } from 'vitest'
import { runHistoryOf } from '../support/history/faulty-app.ts'

function fingerprint(text = ''): string | undefined {
  return /history (\w+)/.exec(text)?.[1]
}

test('20,000 operations of 8 clients on two instances are as if made one after the other', async () => {
  const { text } = await runHistoryOf(['--seed', '9', '--operations', '20000'])
  expect(text).toMatch(
    /^seed 9: 2\d{4} operations, .* 20 % of which failed, .* no contradictions$/m,
  )
})

test('a seed always gives the same history, and another one another', async () => {
  const options = ['--operations', '300', '--seed']
  const [one, same, other] = await Promise.all(
    ['1', '1', '2'].map((seed) => runHistoryOf([...options, seed])),
  )
  expect(one?.text).toMatch(/^seed 1: \d+ operations, .* no contradictions$/m)
  expect(same).toEqual(one)
  expect(fingerprint(other?.text)).not.toBe(fingerprint(one?.text))
})
