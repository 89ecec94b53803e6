import { describe, expect, test } from 'vitest'
import { RequestRates } from '../../../lib/http/request-rates.ts'
import { refusalOf } from '../../support/refusal.ts'

/** Rates with a clock that stands still until it is moved. */
function rates(): { rates: RequestRates; clock: { now: number } } {
  const clock = { now: 1_000_000 }
  return { rates: new RequestRates(() => new Date(clock.now)), clock }
}

function admitted(of: RequestRates, tenant: string, perSecond: number, requests: number): number {
  let count = 0
  for (let sent = 0; sent < requests; sent += 1) {
    try {
      of.admit(tenant, perSecond)
      count += 1
    } catch {
      // Refused.
    }
  }
  return count
}

describe('a tenant', () => {
  test('may send two seconds of its rate at once, then its rate', () => {
    const { rates: of, clock } = rates()
    expect(admitted(of, 'a', 100, 500)).toBe(200)
    for (let second = 0; second < 5; second += 1) {
      clock.now += 1000
      expect(admitted(of, 'a', 100, 500)).toBe(100)
    }
  })

  test('is told in whole seconds when to go on, and is let in then', async () => {
    const { rates: of, clock } = rates()
    admitted(of, 'a', 25, 50)
    const refusal = await refusalOf(() => of.admit('a', 25))
    expect(refusal.kind).toBe('tooManyRequests')
    expect(refusal.status).toBe(429)
    expect(refusal.detail).toContain('25 requests a second')
    expect(refusal.headers['retry-after']).toBe('1')
    clock.now += 1000
    expect(admitted(of, 'a', 25, 1)).toBe(1)
  })

  test('loses nothing by what was refused', () => {
    const { rates: of, clock } = rates()
    expect(admitted(of, 'a', 100, 10_000)).toBe(200)
    clock.now += 10
    expect(admitted(of, 'a', 100, 10)).toBe(1)
  })

  test('takes nothing of another one', () => {
    const { rates: of } = rates()
    admitted(of, 'a', 100, 1000)
    expect(admitted(of, 'b', 100, 150)).toBe(150)
  })

  test('is not locked out by a clock that is set back', () => {
    const { rates: of, clock } = rates()
    admitted(of, 'a', 100, 200)
    clock.now -= 3_600_000
    of.reserve('a', 100, 1000)
    clock.now += 5000
    expect(admitted(of, 'a', 100, 100)).toBe(100)
  })
})

describe('what waits', () => {
  test('waits as long as its rate says, and counts for those that do not', () => {
    const { rates: of } = rates()
    const waits = Array.from({ length: 150 }, () => of.reserve('a', 100, 1000))
    expect(waits.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 0))
    expect(waits.at(-1)).toBeCloseTo(500, 5)
    // Half a second of the rate is left to what does not wait.
    expect(admitted(of, 'a', 100, 100)).toBe(50)
  })

  test('is refused, and does not count, when it would wait for too long', async () => {
    const { rates: of } = rates()
    for (let n = 0; n < 150; n += 1) of.reserve('a', 100, 1000)
    const refusal = await refusalOf(() => of.reserve('a', 100, 100))
    expect(refusal.kind).toBe('tooManyRequests')
    expect(of.reserve('a', 100, 1000)).toBeCloseTo(510, 5)
  })
})

test('no more than 2,000 tenants are remembered, those that asked last', () => {
  const { rates: of } = rates()
  admitted(of, 'idle', 25, 50)
  admitted(of, 'busy', 25, 50)
  for (let n = 0; n < 1999; n += 1) of.admit(`tenant-${n}`, 25)
  expect(admitted(of, 'busy', 25, 1)).toBe(0)
  expect(admitted(of, 'idle', 25, 1)).toBe(1)
})
