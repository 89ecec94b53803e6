import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SideBySide } from '../../../lib/backup/side-by-side.ts'

test('so much is done at a time, and what is for one key in its turn', async () => {
  const [begun, done]: [string[], string[]] = [[], []]
  let most = 0
  const work = new SideBySide(3)
  for (const [key, milliseconds] of [
    ['a', 20],
    ['b', 1],
    ['a', 1],
    ['c', 1],
    ['a', 1],
    ['d', 5],
  ] as const) {
    const name = `${key}${begun.length + done.length}`
    await work.add(key, async () => {
      begun.push(name)
      most = Math.max(most, begun.length - done.length)
      await pause(milliseconds)
      done.push(name)
    })
  }
  await work.done()
  expect(done).toHaveLength(6)
  expect(most).toBeLessThanOrEqual(3)
  const [began, ended] = [begun, done].map((all) => all.filter((name) => name.startsWith('a')))
  expect(ended).toEqual(began)
})

test('behind a failure nothing is begun, and it is told once all that ran is done', async () => {
  let begun = 0
  let isOver = false
  const work = new SideBySide(2)
  await work.add('slow', async () => {
    await pause(10)
    isOver = true
  })
  await work.add('wrong', async () => Promise.reject(new TypeError('no')))
  await work
    .add('next', async () => {
      begun += 1
    })
    .catch(() => undefined)
  await expect(work.done()).rejects.toThrow('no')
  expect([begun, isOver]).toEqual([0, true])
})
