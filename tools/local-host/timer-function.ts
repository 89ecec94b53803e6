import { parseSchedule, type Schedule } from './schedule.ts'
import type { Trigger, TriggeredFunction } from './trigger.ts'

/** A function with a timer trigger. */
export interface TimerFunction extends TriggeredFunction {
  readonly schedule: Schedule
  readonly runOnStartup: boolean
  /** Whether its last and next run are kept over starts, so that one that was missed is made up for. */
  readonly isMonitored: boolean
}

const MINUTE = 60_000

/** @throws Error for a schedule that cannot be read */
export function toTimer({ function: registered, trigger, binding }: Trigger): TimerFunction {
  const schedule = parseSchedule(binding.schedule ?? '')
  const first = schedule.next(new Date())
  const isFrequent = schedule.next(first).getTime() - first.getTime() < MINUTE
  return {
    function: registered,
    trigger,
    schedule,
    runOnStartup: binding.runOnStartup === true,
    // As the host: what runs several times a minute is never monitored.
    isMonitored: binding.useMonitor !== false && !isFrequent,
  }
}
