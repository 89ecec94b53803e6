import { inParallel } from '../in-parallel.ts'
import type { ActivityStore } from '../storage/activity-port.ts'
import type {
  EraseResources,
  MaintenanceStore,
  PartitionStore,
  TenantStore,
  TenantSummary,
} from '../storage/tenant-port.ts'
import { count, countOutcome } from '../telemetry/metrics.ts'
import { retainActivity } from './activity-retention.ts'
import { purgeAttributes, type TakeOutValues } from './attribute-purge.ts'
import { continueDeletion, eraseLate } from './deletions.ts'
import { fillAllIndexes, type FillIndexes } from './index-filling.ts'
import { isNear, warnOfExpiries } from './expiry-warnings.ts'
import type { MaintenanceEvent, Tell } from './maintenance-events.ts'
import { reportOrphans } from './orphan-report.ts'
import { randomText } from './random-text.ts'
import { isDue, repairTenant } from './summary-repair.ts'

const SECOND = 1000
const HOUR = 60 * 60 * SECOND

/** Seconds that a run takes at most: it comes every five minutes, and the next goes on. */
export const RUN_SECONDS = 60

/** The lease outlives its run, as what is under way at the end of the time is still carried out. */
const LEASE_MARGIN_SECONDS = 60

/** The part of its time that a run gives to deletions when there is more to do. */
const SHARE_OF_DELETIONS = 2 / 3

const AT_ONCE = 8
const PAGE = 999

/** How often it is looked for tenants without a summary, which there are only after an upgrade. */
const UNLISTED_HOURS = 24
const UNLISTED = 'unlisted'

/** What the maintenance works with. */
export interface MaintenanceParts {
  readonly store: TenantStore
  readonly runs: MaintenanceStore
  readonly partitions: PartitionStore
  readonly erase: EraseResources
  /** Finishes interrupted deletions of users and groups; tells how many. */
  readonly sweep: (partitionKey: string) => Promise<number>
  readonly countPeople: (
    partitionKey: string,
  ) => Promise<{ readonly users: number; readonly groups: number }>
  readonly activity: Pick<ActivityStore, 'purge' | 'forgetDeleted' | 'notePeople'>
  /** Takes the values of attributes out that tenants have removed. */
  readonly takeOut: TakeOutValues
  /** Brings the index rows of users in line with what tenants have declared, and with what this version has. */
  readonly fillIndexes: FillIndexes
  readonly now: () => Date
  /** Resolves after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** When it has to end; what is left is done by the next run. */
  readonly until: Date
  readonly tell: Tell
}

/** What a run did. */
export interface MaintenanceReport {
  /** False: another run is under way, and nothing was done. */
  readonly ran: boolean
  /** Whether there was time for all. */
  readonly complete: boolean
  /** Ids of tenants whose deletion came to its end, and of those where it goes on. */
  readonly deleted: readonly string[]
  readonly deleting: readonly string[]
  /** Rows of users, groups and memberships that were removed. */
  readonly rows: number
  /** Interrupted deletions of users and groups that were finished. */
  readonly swept: number
  /** Summaries that were made anew, and those that no tenant had. */
  readonly repaired: number
  readonly dropped: number
  readonly warnings: number
  /** Rows of the activity that were too old, and rows that have lost the names of whom was deleted. */
  readonly purged: number
  readonly forgotten: number
  /** PartitionKeys that no tenant owns, as far as this run has looked. */
  readonly orphans: readonly string[]
  readonly failures: number
}

/** The report of a run as it grows. */
interface Run extends MaintenanceParts {
  readonly isOver: () => boolean
  readonly report: {
    -readonly [Key in keyof MaintenanceReport]: MaintenanceReport[Key] extends readonly string[]
      ? string[]
      : MaintenanceReport[Key]
  }
}

/**
 * Does what nobody waits for: warns of credentials that are about to expire, goes on with deletions of tenants, finishes
 * those of users and groups, makes summaries anew, looks for partitions without a tenant, purges the activity and removed attributes, and fills
 * indexes. One run at a time has the
 * lease; each step can be stopped anywhere and be done twice at once all the same.
 * @throws what the store throws, unless it is about one tenant.
 */
export async function runMaintenance(parts: MaintenanceParts): Promise<MaintenanceReport> {
  const { runs, now, until } = parts
  const report: Run['report'] = emptyReport()
  const holder = randomText(16)
  const leaseEnd = new Date(until.getTime() + LEASE_MARGIN_SECONDS * SECOND)
  if (!(await runs.acquire(holder, now(), leaseEnd))) {
    count('maintenance.runs', 'skipped')
    return report
  }
  report.ran = true
  try {
    await countOutcome(
      'maintenance.runs',
      () => workThrough({ ...parts, isOver: () => now() >= until, report }),
      {
        kindOf: () => (report.complete ? 'complete' : 'incomplete'),
        failed: 'failed',
      },
    )
  } finally {
    await runs.release(holder)
  }
  return report
}

function emptyReport(): Run['report'] {
  return {
    ran: false,
    complete: false,
    deleted: [],
    deleting: [],
    rows: 0,
    swept: 0,
    repaired: 0,
    dropped: 0,
    warnings: 0,
    purged: 0,
    forgotten: 0,
    orphans: [],
    failures: 0,
  }
}

async function workThrough(run: Run): Promise<void> {
  await listUnlisted(run)
  const summaries = await allSummaries(run.store)
  await warn(run, summaries)
  await deletions(run, summaries)
  await repairs(run, summaries)
  run.report.rows += await eraseLate(run, run.isOver)
  const { orphans, complete } = await reportOrphans(run, summaries, run.isOver)
  run.report.orphans.push(...orphans)
  await retention(run, summaries)
  await fillAllIndexes({ ...run, each: eachOf(run, 'indexes') }, summaries)
  await purgeAttributes({ ...run, each: eachOf(run, 'purge') }, summaries)
  run.report.complete = complete && !run.isOver()
}

/** Tenants from before there were summaries. */
async function listUnlisted({ store, runs, now }: Run): Promise<void> {
  const { started } = (await runs.task(UNLISTED)) ?? {}
  const begun = now()
  if (started !== undefined && begun.getTime() - Date.parse(started) < UNLISTED_HOURS * HOUR) return
  const listed = new Set((await allSummaries(store)).map(({ id }) => id))
  const unlisted = (await store.ids()).filter((id) => !listed.has(id))
  await inParallel(unlisted, AT_ONCE, async (id) => {
    const tenant = await store.get(id)
    if (tenant !== undefined) await store.repairSummary(tenant, {})
  })
  await runs.keepTask(UNLISTED, { started: begun.toISOString() })
}

async function allSummaries(store: TenantStore): Promise<readonly TenantSummary[]> {
  const summaries: TenantSummary[] = []
  let behind: { readonly after?: string } = {}
  for (;;) {
    const { items, next } = await store.summaries({ ...behind, count: PAGE })
    summaries.push(...items)
    if (next === undefined) return summaries
    behind = { after: next }
  }
}

async function warn(run: Run, summaries: readonly TenantSummary[]): Promise<void> {
  const { store, now, tell, isOver, report } = run
  const near = summaries.filter(
    ({ status, nextExpiry }) => status !== 'deleting' && isNear(nextExpiry, now()),
  )
  await inParallel(near, AT_ONCE, async (summary) => {
    if (isOver()) return
    await unlessItFails(run, 'warning', summary, async () => {
      const { tenant, credentials } = await store.findCredentials(summary.id)
      if (tenant?.partitionKey !== summary.partitionKey) return
      report.warnings += await warnOfExpiries(store, tenant.id, credentials, { now: now(), tell })
    })
  })
}

async function deletions(run: Run, summaries: readonly TenantSummary[]): Promise<void> {
  const { now, until, isOver, report } = run
  const begun = now().getTime()
  const end = begun + (until.getTime() - begun) * SHARE_OF_DELETIONS
  const isEnough = (): boolean => isOver() || now().getTime() >= end
  for (const summary of summaries.filter(({ status }) => status === 'deleting')) {
    await unlessItFails(run, 'deletion', summary, async () => {
      const { state, rows } = await continueDeletion(run, summary, isEnough)
      report.rows += rows
      if (state === 'deleting') report.deleting.push(summary.id)
      if (state === 'deleted') report.deleted.push(summary.id)
      if (state === 'dropped') report.dropped += 1
    })
  }
}

/** Those that have waited longest come first. */
async function repairs(run: Run, summaries: readonly TenantSummary[]): Promise<void> {
  const { now, isOver, report } = run
  const due = summaries
    .filter((summary) => isDue(summary, now()))
    .toSorted((one, other) => ((one.repaired ?? '') < (other.repaired ?? '') ? -1 : 1))
  await inParallel(due, AT_ONCE, async (summary) => {
    if (isOver()) return
    await unlessItFails(run, 'repair', summary, async () => {
      const { state, swept, warnings } = await repairTenant(run, summary)
      if (state === 'repaired') report.repaired += 1
      if (state === 'dropped') report.dropped += 1
      report.swept += swept
      report.warnings += warnings
    })
  })
}

/** What is older than a tenant wants it kept, and names of people who are gone. */
async function retention(run: Run, summaries: readonly TenantSummary[]): Promise<void> {
  const { report } = run
  const each = eachOf(run, 'retention')
  const { purged, forgotten } = await retainActivity({ ...run, each }, summaries)
  report.purged += purged
  report.forgotten += forgotten
}

type FailedStep = Extract<MaintenanceEvent, { event: 'maintenance failed' }>['step']

function eachOf(
  run: Run,
  step: FailedStep,
): (summary: TenantSummary, work: () => Promise<void>) => Promise<boolean> {
  return (summary, work) => unlessItFails(run, step, summary, work)
}

/** What is wrong with one tenant must not keep the others waiting. @returns whether it went well. */
async function unlessItFails(
  { tell, report }: Run,
  step: FailedStep,
  { id }: TenantSummary,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    report.failures += 1
    tell({ event: 'maintenance failed', step, tenant: id, error })
    return false
  }
}
