import { expect, test } from 'vitest'
import { Repeats } from '../../../lib/backup/repeats.ts'

test('what came once is told from what came more often, however many there are', () => {
  const repeats = new Repeats()
  for (let n = 0; n < 5000; n += 1) repeats.add(`once ${n}`)
  for (const text of ['twice', 'often', 'often', 'twice', 'often']) repeats.add(text)
  const isRepeated = repeats.find()
  expect(['twice', 'often'].map(isRepeated)).toEqual([true, true])
  expect(['once 0', 'once 4999', 'never'].map(isRepeated)).toEqual([false, false, false])
})

test('nothing has come', () => {
  expect(new Repeats().find()('nothing')).toBe(false)
})
