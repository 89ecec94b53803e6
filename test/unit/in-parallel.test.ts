import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { inParallel } from '../../lib/in-parallel.ts'

const wait = async (ms: number): Promise<string> => pause(ms, `${String(ms)} ms`)

describe('inParallel', () => {
  test('gives the results in the order of the items', async () => {
    expect(await inParallel([9, 1, 5], 3, wait)).toEqual(['9 ms', '1 ms', '5 ms'])
    expect(await inParallel([], 3, wait)).toEqual([])
  })

  test.each([1, 3, 50])('does at most %i at a time, and as many as it may', async (limit) => {
    let running = 0
    let most = 0
    const items = Array.from({ length: 20 }, (_, index) => index)
    await inParallel(items, limit, async () => {
      running += 1
      most = Math.max(most, running)
      await pause(1)
      running -= 1
    })
    expect(most).toBe(Math.min(limit, 20))
  })

  test('after a failure begins nothing, and waits for what runs', async () => {
    const [begun, ended]: [number[], number[]] = [[], []]
    const done = inParallel([0, 1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item)
      if (item === 1) throw new Error('the second one')
      await pause(10)
      ended.push(item)
    })
    await expect(done).rejects.toThrow('the second one')
    expect(begun).toEqual([0, 1])
    expect(ended).toEqual([0])
  })
})
