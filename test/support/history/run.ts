import { createHash } from 'node:crypto'
import { playBackend, type StoryOptions, type StoryReport } from './backend-story.ts'
import { checkChanges, type ChangeReport } from './change-check.ts'
import { recordChanges, type ChangeRecord } from './change-record.ts'
import { violationsOf, type Violation } from './check.ts'
import { recordPeople, type PeopleReport } from './people-record.ts'
import { seeded } from './random.ts'
import { record, type HistoryOptions } from './record.ts'
import { recordReturns, type ReturnsReport } from './returns.ts'
import { startVirtualTime } from './virtual-time.ts'

/** What came of a history. */
export interface Report {
  readonly operations: number
  /** Operations of which nobody knows whether they had an effect. */
  readonly unknown: number
  /** Calls of the table service, and how many of them failed. */
  readonly calls: number
  readonly failed: number
  /** Tells histories apart. */
  readonly fingerprint: string
  readonly violations: readonly Violation[]
}

/**
 * Records a history and checks it: once in a process, whose timers it replaces. The same options give the same history.
 */
export async function runHistory(options: HistoryOptions): Promise<Report> {
  const time = startVirtualTime(Date.UTC(2026, 0, 1), seeded(options.seed))
  const history = await time.passUntil(record(options, time))
  const { events, calls, failed, inconsistencies } = history
  return {
    operations: events.length,
    unknown: events.filter(({ returned }) => returned === Infinity).length,
    calls,
    failed,
    fingerprint: createHash('sha256').update(JSON.stringify(events)).digest('hex').slice(0, 12),
    violations: [
      ...violationsOf(history),
      ...inconsistencies.map((about) => ({ about, operations: [] })),
    ],
  }
}

/** Records changes and holds the journal against them: once in a process, as `runHistory`. */
export async function runChanges(
  options: HistoryOptions,
): Promise<ChangeReport & Pick<ChangeRecord, 'calls' | 'failed'>> {
  const time = startVirtualTime(Date.UTC(2026, 0, 1), seeded(options.seed))
  const recorded = await time.passUntil(recordChanges(options, time))
  const { calls, failed, inconsistencies } = recorded
  const { wrong, ...report } = checkChanges(recorded)
  return { ...report, wrong: [...wrong, ...inconsistencies], calls, failed }
}

/** Records users that go and return, and looks at what is left of it: once in a process, as `runHistory`. */
export async function runReturns(options: HistoryOptions): Promise<ReturnsReport> {
  const time = startVirtualTime(Date.UTC(2026, 0, 1), seeded(options.seed))
  return time.passUntil(recordReturns(options, time))
}

/** Has a backend follow people, and compares its copy: once in a process, as `runHistory`. */
export async function runPeople(options: HistoryOptions): Promise<PeopleReport> {
  const time = startVirtualTime(Date.UTC(2026, 0, 1), seeded(options.seed))
  return time.passUntil(recordPeople(options, time))
}

/** Has a backend load people and keep in step with a sync: once in a process, as `runHistory`. */
export async function runBackendStory(options: StoryOptions): Promise<StoryReport> {
  const time = startVirtualTime(Date.UTC(2026, 0, 1), seeded(options.seed))
  return time.passUntil(playBackend(options, time))
}
