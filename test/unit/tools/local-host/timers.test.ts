import { describe, expect, test } from 'vitest'
import { parseSchedule } from '../../../../tools/local-host/schedule.ts'
import type { TimerFunction } from '../../../../tools/local-host/timer-function.ts'
import { toTimer } from '../../../../tools/local-host/timer-function.ts'
import { memoryStatuses, type TimerStatuses } from '../../../../tools/local-host/timer-statuses.ts'
import { type Clock, startTimers } from '../../../../tools/local-host/timers.ts'

const START = Date.parse('2026-11-27T10:02:03.500Z')

function timer(more: Partial<TimerFunction> = {}, name = 'poll'): TimerFunction {
  return {
    function: { metadata: { name, bindings: {} }, callback: () => undefined },
    trigger: 'timer',
    schedule: parseSchedule('0 */5 * * * *'),
    runOnStartup: false,
    isMonitored: true,
    ...more,
  }
}

/** A clock that goes from one end of a sleep to the next as soon as all that can be done is done. */
class VirtualClock implements Clock {
  longestSleep = 0
  #now = START
  readonly #sleepers: { readonly until: number; readonly wake: () => void }[] = []

  now(): Date {
    return new Date(this.#now)
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.longestSleep = Math.max(this.longestSleep, milliseconds)
    return new Promise((wake) => {
      this.#sleepers.push({ until: this.#now + milliseconds, wake })
      signal.addEventListener('abort', () => wake())
    })
  }

  /** Lets this much time pass. */
  async pass(minutes: number): Promise<void> {
    const end = this.#now + minutes * 60_000
    for (;;) {
      await new Promise(setImmediate)
      const next = this.#sleepers.toSorted((a, b) => a.until - b.until)[0]
      if (next === undefined || next.until > end) break
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1)
      this.#now = Math.max(this.#now, next.until)
      next.wake()
    }
    this.#now = end
  }
}

/** Starts timers whose runs take some minutes each; `runs` has a line for each, when it begins. */
function started(
  timers: readonly TimerFunction[],
  statuses: TimerStatuses = memoryStatuses(),
  minutesOfARun = 0,
): { clock: VirtualClock; runs: string[]; stop: () => void } {
  const clock = new VirtualClock()
  const runs: string[] = []
  const never = new AbortController().signal
  const run = async (each: TimerFunction, isPastDue: boolean): Promise<void> => {
    const time = clock.now().toISOString().slice(11, 19)
    runs.push(`${time} ${each.function.metadata.name}${isPastDue ? ' past due' : ''}`)
    if (minutesOfARun > 0) await clock.sleep(minutesOfARun * 60_000, never)
  }
  return { clock, runs, stop: startTimers({ timers, run }, statuses, clock) }
}

describe('a timer', () => {
  test('runs at its times until the end', async () => {
    const { clock, runs, stop } = started([
      timer(),
      timer({ schedule: parseSchedule('00:07:00') }, 'other'),
    ])
    await clock.pass(14)
    expect(runs).toEqual([
      '10:05:00 poll',
      '10:09:03 other',
      '10:10:00 poll',
      '10:15:00 poll',
      '10:16:03 other',
    ])
    stop()
    await clock.pass(30)
    expect(runs).toHaveLength(5)
  })

  test('never runs beside itself: what comes due during a run is left out', async () => {
    const { clock, runs, stop } = started([timer(), timer({}, 'other')], memoryStatuses(), 6)
    await clock.pass(20)
    stop()
    expect(runs.filter((line) => line.endsWith('poll'))).toEqual(['10:05:00 poll', '10:15:00 poll'])
    expect(runs.filter((line) => line.endsWith('other'))).toHaveLength(2)
  })

  test('sleeps for a minute at most: what comes late by a machine that slept is noticed', async () => {
    const { clock, runs, stop } = started([timer({ schedule: parseSchedule('0 0 12 * * *') })])
    await clock.pass(120)
    stop()
    expect(runs).toEqual(['12:00:00 poll'])
    expect(clock.longestSleep).toBe(60_000)
  })

  test('runs at the start where it says so', async () => {
    const { clock, runs, stop } = started([timer({ runOnStartup: true })])
    await clock.pass(1)
    stop()
    expect(runs).toEqual(['10:02:03 poll'])
  })
})

describe('the runs that are kept', () => {
  test('have the last one and the next', async () => {
    const statuses = memoryStatuses()
    const { clock, stop } = started([timer()], statuses)
    await clock.pass(0)
    expect(statuses.get('poll')).toMatchObject({
      last: '0001-01-01T00:00:00.000Z',
      next: '2026-11-27T10:05:00.000Z',
    })
    await clock.pass(4)
    stop()
    expect(statuses.get('poll')).toEqual({
      last: '2026-11-27T10:05:00.000Z',
      next: '2026-11-27T10:10:00.000Z',
      lastUpdated: '2026-11-27T10:05:00.000Z',
    })
  })

  test('tell that one was missed: it is made up for at once, and once', async () => {
    const statuses = memoryStatuses()
    const missed = { last: '', next: '2026-11-27T09:00:00.000Z', lastUpdated: '' }
    await statuses.set('poll', missed)
    await statuses.set('unmonitored', missed)
    await statuses.set('later', { ...missed, next: '2026-11-27T10:05:00.000Z' })
    const timers = [timer(), timer({ isMonitored: false }, 'unmonitored'), timer({}, 'later')]
    const { clock, runs, stop } = started(timers, statuses)
    await clock.pass(1)
    expect(runs).toEqual(['10:02:03 poll past due'])
    await clock.pass(3)
    stop()
    expect(runs.slice(1).toSorted()).toEqual([
      '10:05:00 later',
      '10:05:00 poll',
      '10:05:00 unmonitored',
    ])
    expect(statuses.get('unmonitored')).toEqual(missed)
  })
})

test.each([
  ['once a minute', { schedule: '0 * * * * *' }, true],
  ['twice a minute', { schedule: '*/30 * * * * *' }, false],
  ['each 59 seconds', { schedule: '00:00:59' }, false],
  ['each hour', { schedule: '01:00:00' }, true],
  ['where it says no', { schedule: '01:00:00', useMonitor: false }, false],
])('what runs %s is monitored: %s %s', (_case, binding, expected) => {
  const { function: registered } = timer()
  const made = toTimer({
    function: registered,
    trigger: 'timer',
    binding: { type: 'timerTrigger', direction: 'in', ...binding },
  })
  expect(made.isMonitored).toBe(expected)
})
