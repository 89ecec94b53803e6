import { describe, expect, test } from 'vitest'
import { NO_DEADLINE, type Deadline } from '../../../lib/storage/deadline.ts'
import { workThrough } from '../../../lib/storage/event-loop.ts'
import { PASSED } from '../../support/changes.ts'

/** Keeps the event loop. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

const items = Array.from({ length: 100 }, (_, n) => n)

describe('workThrough', () => {
  test('gives what is not undefined, in order', async () => {
    const even = await workThrough(items, NO_DEADLINE, (n) => (n % 2 === 0 ? n : undefined))
    expect(even).toEqual(items.filter((n) => n % 2 === 0))
  })

  test('lets others have their turn', async () => {
    let turns = 0
    const waiting = (): void => {
      turns += 1
      timer = setImmediate(waiting)
    }
    let timer = setImmediate(waiting)
    await workThrough(items, NO_DEADLINE, () => work(3))
    clearImmediate(timer)
    // 300 ms of work; a turn ends behind 10 ms and what was begun then.
    expect(turns).toBeGreaterThan(10)
  })

  test('lets others have their turn behind short work too', async () => {
    let turns = 0
    const other = setImmediate(() => (turns += 1))
    await workThrough([1], NO_DEADLINE, (n) => n)
    clearImmediate(other)
    expect(turns).toBe(1)
  })

  test('ends when the deadline passes, in the middle of a batch', async () => {
    let done = 0
    const deadline: Deadline = { ...NO_DEADLINE, remaining: () => (done < 10 ? 1 : 0) }
    const working = workThrough(items, deadline, () => {
      work(3)
      done += 1
    })
    await expect(working).rejects.toMatchObject({ kind: 'unavailable' })
    expect(done).toBeLessThan(20)
    await expect(workThrough([], PASSED, () => 1)).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
