import { describe, expect, test } from 'vitest'
import { countCalls, countedCall, measureCalls } from '../../../lib/storage/calls.ts'

/** A call that ends when it is told to. */
function call(): { done: Promise<string>; end: () => void } {
  const ends: (() => void)[] = []
  const done = countedCall(
    () =>
      new Promise<string>((resolve) => {
        ends.push(() => resolve('answer'))
      }),
  )
  return { done, end: () => ends[0]?.() }
}

const quick = (): Promise<string> => countedCall(() => Promise.resolve('answer'))

describe('countCalls', () => {
  test('counts calls that wait for each other', async () => {
    const counted = await countCalls(async () => [await quick(), await quick(), await quick()])
    expect(counted).toEqual({ result: ['answer', 'answer', 'answer'], calls: 3, roundTrips: 3 })
  })

  test('counts calls that overlap as one round trip', async () => {
    const counted = await countCalls(async () => {
      await Promise.all([quick(), quick(), quick()])
      return quick()
    })
    expect(counted).toMatchObject({ calls: 4, roundTrips: 2 })
  })

  test('a call that starts while another is under way is no further round trip', async () => {
    const counted = await countCalls(async () => {
      const [first, second] = [call(), call()]
      first.end()
      await first.done
      const third = call()
      second.end()
      third.end()
      await Promise.all([second.done, third.done])
    })
    expect(counted).toMatchObject({ calls: 3, roundTrips: 1 })
  })

  test('counts calls that fail', async () => {
    const counted = await countCalls(async () => {
      await expect(countedCall(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
      await quick()
    })
    expect(counted).toMatchObject({ calls: 2, roundTrips: 2 })
  })

  test('counts for the one inside and the one around', async () => {
    const outer = await countCalls(async () => {
      await quick()
      return countCalls(quick)
    })
    expect(outer).toMatchObject({ calls: 2, roundTrips: 2, result: { calls: 1, roundTrips: 1 } })
  })

  test('keeps what runs side by side apart', async () => {
    const [one, other] = await Promise.all([
      countCalls(quick),
      countCalls(async () => [await quick(), await quick()]),
    ])
    expect(one.calls).toBe(1)
    expect(other.calls).toBe(2)
  })

  test('calls that nobody measures are made', async () => {
    expect(await quick()).toBe('answer')
  })
})

test('a meter tells at any time what was counted, over several runs', async () => {
  const meter = measureCalls()
  expect(meter).toMatchObject({ calls: 0, roundTrips: 0 })
  await meter.run(async () => {
    await quick()
    expect(meter.calls).toBe(1)
    await quick()
  })
  await quick()
  await meter.run(quick)
  expect(meter).toMatchObject({ calls: 3, roundTrips: 3 })
})
