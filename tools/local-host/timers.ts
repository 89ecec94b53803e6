import { setTimeout as pause } from 'node:timers/promises'
import type { Host } from './host.ts'
import type { TimerFunction } from './timer-function.ts'
import type { TimerStatuses } from './timer-statuses.ts'

/** What timers know the time by. */
export interface Clock {
  now(): Date
  /** Resolves early, too, when the signal is given. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

const SYSTEM_CLOCK: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) => pause(milliseconds, undefined, { signal }).catch(() => {}),
}

/** A machine that slept, or whose clock was set, is noticed within this time; one pause of Node.js has 24 days at most. */
const LONGEST_SLEEP = 60_000

/** What the host has for `Last` before the first run: .NET `DateTime.MinValue`. */
const NEVER = '0001-01-01T00:00:00.000Z'

/**
 * Runs the timer functions at their times; none of them beside itself: what comes due during a run is left out, as on Azure.
 * A run that was missed while nothing ran is made up for at once.
 * @returns ends it, but no run that is under way.
 */
export function startTimers(
  host: Pick<Host, 'timers' | 'run'>,
  statuses: TimerStatuses,
  clock: Clock = SYSTEM_CLOCK,
): () => void {
  const end = new AbortController()
  for (const timer of host.timers) void keepTime(host, timer, statuses, clock, end.signal)
  return () => end.abort()
}

async function keepTime(
  host: Pick<Host, 'run'>,
  timer: TimerFunction,
  statuses: TimerStatuses,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { name } = timer.function.metadata
  const keep = async (last: string): Promise<void> => {
    if (!timer.isMonitored) return
    const now = clock.now()
    const next = timer.schedule.next(now).toISOString()
    await statuses.set(name, { last, next, lastUpdated: now.toISOString() })
  }
  const run = async (isPastDue: boolean): Promise<void> => {
    const started = clock.now().toISOString()
    await host.run(timer, isPastDue)
    await keep(started)
  }
  const before = timer.isMonitored ? statuses.get(name) : undefined
  const isPastDue = before !== undefined && Date.parse(before.next) <= clock.now().getTime()
  if (isPastDue || timer.runOnStartup) await run(isPastDue)
  else if (before === undefined) await keep(NEVER)
  while (await isTime(timer.schedule.next(clock.now()), clock, signal)) await run(false)
}

/** Waits for that time; false when the end came first. */
async function isTime(time: Date, clock: Clock, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const left = time.getTime() - clock.now().getTime()
    if (signal.aborted || left <= 0) return !signal.aborted
    await clock.sleep(Math.min(left, LONGEST_SLEEP), signal)
  }
}
