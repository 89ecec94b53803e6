import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { inOrder } from '../../../../lib/storage/table/in-order.ts'

describe('inOrder', () => {
  test('gives results in the order of the items, however long each takes', async () => {
    const results: number[] = []
    const working = inOrder([1, 2, 3, 4, 5], 2, async (item) => {
      await pause(item === 1 ? 20 : 1)
      return item * 10
    })
    for await (const result of working) results.push(result)
    expect(results).toEqual([10, 20, 30, 40, 50])
  })

  test.each([
    [1, 1],
    [3, 3],
    [8, 5],
  ])('with %i at once works on %i', async (atOnce, expected) => {
    let [running, most] = [0, 0]
    const work = async (): Promise<void> => {
      running += 1
      most = Math.max(most, running)
      await pause(1)
      running -= 1
    }
    for await (const _ of inOrder([1, 2, 3, 4, 5], atOnce, work)) expect(most).toBeGreaterThan(0)
    expect(most).toBe(expected)
  })

  test('starts no more when the consumer stops, and lets what fails then fail quietly', async () => {
    const started: number[] = []
    const work = async (item: number): Promise<number> => {
      started.push(item)
      await pause(1)
      if (item > 1) throw new Error('too late')
      return item
    }
    for await (const result of inOrder([1, 2, 3, 4, 5], 2, work)) {
      expect(result).toBe(1)
      break
    }
    await pause(10)
    expect(started).toEqual([1, 2, 3])
  })

  test('throws the failure of an item in its turn', async () => {
    const results: number[] = []
    const read = async (): Promise<void> => {
      const working = inOrder([1, 2, 3], 3, async (item) => {
        if (item === 2) throw new Error('broken')
        await pause(5)
        return item
      })
      for await (const result of working) results.push(result)
    }
    await expect(read()).rejects.toThrow('broken')
    expect(results).toEqual([1])
  })
})
