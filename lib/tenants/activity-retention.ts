import * as z from 'zod'
import {
  forgottenUntil,
  retain,
  turnAfter,
  turnsFrom,
  type RetentionParts,
} from '../activity/retention.ts'
import { inParallel } from '../in-parallel.ts'
import type {
  MaintenanceStore,
  TaskState,
  TenantStore,
  TenantSummary,
} from '../storage/tenant-port.ts'
import { countOutcome } from '../telemetry/metrics.ts'
import type { Tell } from './maintenance-events.ts'
import { readSettings } from './settings.ts'

const TASK = 'activity'
const AT_ONCE = 8

/** Tenants whose turn goes on with the next run are kept by their ids; so many, so that it is no large row. */
const MOST_PENDING = 200

/** What a run leaves to the next one. Times are milliseconds since 1970. */
const LEFT = z.object({
  /** Of the turns that were not taken. */
  since: z.number().optional(),
  /** Turns that were begun: whose, and since when names are looked for. */
  begun: z.array(z.tuple([z.string(), z.number()])).default([]),
})

/** What the step works with. */
export interface RetentionStep extends RetentionParts {
  readonly store: TenantStore
  readonly runs: MaintenanceStore
  readonly tell: Tell
  readonly isOver: () => boolean
  /** Runs one tenant's work; what fails there is told, and keeps no other waiting. @returns whether it went well. */
  readonly each: (summary: TenantSummary, work: () => Promise<void>) => Promise<boolean>
}

/** A tenant whose turn it is. */
interface Turn {
  readonly summary: TenantSummary
  /** When it was its turn. */
  readonly at: Date
  /** Deletions since then may have left names. */
  readonly since: number
  /** Whether an earlier run has begun it. */
  readonly isBegun: boolean
}

/** Gives each tenant its turn about once a day; what there is no time for is done by the next run. */
export async function retainActivity(
  step: RetentionStep,
  summaries: readonly TenantSummary[],
): Promise<{ readonly purged: number; readonly forgotten: number }> {
  const { runs, now, isOver } = step
  const state = await runs.task(TASK)
  const end = now()
  const left = leftBy(state)
  const turns = turnsIn(left, summaries, end)
  const waiting = new Set(turns)
  const pending: Turn[] = []
  const sums = { purged: 0, forgotten: 0 }
  await inParallel(turns, AT_ONCE, async (turn) => {
    if (isOver()) return
    waiting.delete(turn)
    let isDone = false
    const wentWell = await step.each(turn.summary, async () => {
      const { purged, forgotten, complete } = await retainOne(step, turn)
      sums.purged += purged
      sums.forgotten += forgotten
      isDone = complete
    })
    if (!wentWell || !isDone) pending.push(turn)
  })
  await runs.keepTask(TASK, nextState(left, end, { waiting: [...waiting], pending }))
  return sums
}

async function retainOne(
  step: RetentionStep,
  { summary, since }: Turn,
): Promise<Awaited<ReturnType<typeof retain>>> {
  const { store, isOver, tell } = step
  const tenant = await store.get(summary.id)
  if (tenant?.partitionKey !== summary.partitionKey || tenant.status === 'deleting') {
    return { purged: 0, forgotten: 0, complete: true }
  }
  const days = readSettings(tenant.settings).activityDays
  const done = await countOutcome(
    'maintenance.purges',
    () => retain(step, tenant, { days, since: new Date(since) }, isOver),
    { kindOf: ({ complete }) => (complete ? 'complete' : 'incomplete'), failed: 'failed' },
  )
  const { purged: rows, forgotten: names } = done
  if (rows + names > 0) tell({ event: 'activity purged', tenant: tenant.id, rows, names })
  return done
}

/** How far the turns are. */
interface Left {
  /** Absent before the very first run. */
  readonly last: Date | undefined
  readonly since: number | undefined
  readonly begun: ReadonlyMap<string, number>
}

function leftBy(state: TaskState | undefined): Left {
  const { since, begun } = LEFT.parse(JSON.parse(state?.after ?? '{}'))
  return {
    last: state === undefined ? undefined : new Date(state.started),
    since,
    begun: new Map(begun),
  }
}

/** Those that were begun first, then those whose turn has come, in their order. */
function turnsIn(left: Left, summaries: readonly TenantSummary[], end: Date): readonly Turn[] {
  const from = turnsFrom(left.last, end)
  const since = sinceOf(left, end)
  const turns = summaries.flatMap((summary): readonly Turn[] => {
    const before = left.begun.get(summary.id)
    if (before !== undefined) return [{ summary, at: from, since: before, isBegun: true }]
    const at = turnAfter(summary, from)
    return at <= end ? [{ summary, at, since, isBegun: false }] : []
  })
  return turns.toSorted((one, other) => one.at.getTime() - other.at.getTime())
}

function sinceOf({ last, since }: Left, end: Date): number {
  return since ?? forgottenUntil(last ?? end).getTime()
}

/** The next run begins before the first turn that was not taken. */
function nextState(
  left: Left,
  end: Date,
  { waiting, pending }: { readonly waiting: readonly Turn[]; readonly pending: readonly Turn[] },
): TaskState {
  const begun = [...waiting.filter(({ isBegun }) => isBegun), ...pending]
  const untaken = waiting.find(({ isBegun }) => !isBegun)
  const isTooMuch = begun.length > MOST_PENDING
  const listed = begun.slice(0, MOST_PENDING).map(({ summary, since }) => [summary.id, since])
  const behind = untaken === undefined ? end : new Date(untaken.at.getTime() - 1)
  const started = isTooMuch ? (left.last ?? end) : behind
  const isAll = untaken === undefined && !isTooMuch
  const content = { ...(isAll ? {} : { since: sinceOf(left, end) }), begun: listed }
  return {
    started: started.toISOString(),
    ...(isAll && listed.length === 0 ? {} : { after: JSON.stringify(content) }),
  }
}
