import type { ConnectionFacts } from '../storage/activity-port.ts'
import type { Credential, TenantActivity, TenantStatus } from '../storage/tenant-port.ts'
import { latest } from './facts.ts'
import { NO_COUNTS, type Counts } from '../storage/activity-port.ts'
import { isAboutCredential } from './reasons.ts'

const MINUTE = 60 * 1000

/** What the state is told from. */
export interface HealthFacts {
  readonly status: TenantStatus
  /** What the list of tenants has. */
  readonly activity: TenantActivity
  /** Of the last 24 hours; absent where nobody has looked. */
  readonly counts?: Counts
  /** Of the last days. */
  readonly connections?: readonly ConnectionFacts[]
  readonly credentials?: readonly Pick<Credential, 'id' | 'label' | 'expires' | 'revoked'>[]
  readonly now: Date
}

export type HealthState = 'healthy' | 'silent' | 'failing' | 'refused' | 'waiting' | 'disabled'

/** How near the identity provider may be to a quarantine: an estimate, since it alone decides. */
export type QuarantineRisk = 'none' | 'watch' | 'high'

export interface Health {
  readonly state: HealthState
  /** For people. */
  readonly reason: string
  readonly quarantineRisk: QuarantineRisk
}

/** Writes in 24 hours below which nothing is said of their share: one in two may be a single one. */
const FEWEST_WRITES = 20

/** Entra ID's own line: more than this share of failures, when there are so many; or so many, whatever their share. */
const ENTRA = { share: 0.4, failures: 5000, mostFailures: 40_000 } as const

/** A share of failures that somebody should look at. */
const WATCHED_SHARE = 0.05

/** Minutes between the cycles of clients that come by the clock; the others come when something has changed. */
const CYCLES: Readonly<Record<string, number>> = { entra: 40 }

/** So many cycles may fail to come before it is called silence. */
const CYCLES_MISSED = 3

/** What a look at a tenant shows. A pure function: the first state that fits, from the gravest on. */
export function healthOf(facts: HealthFacts): Health {
  return (
    disabled(facts) ??
    waiting(facts) ??
    refused(facts) ??
    failing(facts) ??
    silent(facts) ??
    healthy(facts)
  )
}

function disabled({ status }: HealthFacts): Health | undefined {
  if (status === 'enabled') return undefined
  const reason =
    status === 'disabled'
      ? 'The tenant is disabled: every request is refused.'
      : 'The tenant is being deleted: every request is refused.'
  return { state: 'disabled', reason, quarantineRisk: 'none' }
}

function waiting(facts: HealthFacts): Health | undefined {
  if (lastSeen(facts) !== undefined) return undefined
  const { credentials, now } = facts
  const isOpen = credentials?.some((each) => endOf(each, now) === undefined) ?? true
  const reason = isOpen
    ? 'Not connected yet: no request has come with a credential of the tenant.'
    : 'Not connected yet, and there is no credential that is good: issue one.'
  return { state: 'waiting', reason, quarantineRisk: 'none' }
}

/** When the tenant was last heard of, let in or not. */
function lastSeen({ activity, connections = [] }: HealthFacts): string | undefined {
  const { lastRequest, lastSuccess, lastRefusal } = activity
  return latest(lastRequest, lastSuccess, lastRefusal, ...connections.map(({ last }) => last))
}

function refused(facts: HealthFacts): Health | undefined {
  const { activity, connections = [] } = facts
  const refusals = connections.filter(({ lastReason = '' }) => isAboutCredential(lastReason))
  const last = latest(activity.lastRefusal, ...refusals.map(({ lastRefusal }) => lastRefusal))
  const others = connections.filter((each) => !refusals.includes(each))
  const letIn = latest(
    activity.lastSuccess,
    ...connections.map(({ lastSuccess }) => lastSuccess),
    ...others.map((each) => each.last),
  )
  if (last === undefined || (letIn !== undefined && letIn >= last)) return undefined
  // A request that was let in, and refused for something else.
  if (activity.lastRequest !== undefined && activity.lastRequest > last) return undefined
  const which = refusals
    .toSorted((one, other) => compare(one.lastRefusal, other.lastRefusal))
    .at(-1)
  return {
    state: 'refused',
    reason: `${refusedWhat(facts, which)} Entra ID quarantines a job at once when its credential is refused (an estimate: it alone decides).`,
    quarantineRisk: 'high',
  }
}

function compare(one = '', other = ''): number {
  return one < other ? -1 : 1
}

function refusedWhat(
  { credentials = [], now }: HealthFacts,
  which: ConnectionFacts | undefined,
): string {
  const found = credentials.find(({ id }) => id === which?.credentialId)
  if (found === undefined) return 'The credential that came last is refused.'
  const name = found.label === '' ? found.id : `"${found.label}"`
  const end = endOf(found, now)
  return end === undefined
    ? `The credential ${name} is refused.`
    : `The credential ${name} is refused: it ${end}.`
}

/** Why a credential opens nothing any more, as the end of a sentence. */
function endOf(
  { revoked, expires }: Pick<Credential, 'expires' | 'revoked'>,
  now: Date,
): string | undefined {
  if (revoked !== undefined) return `was revoked at ${minuteOf(revoked)}`
  if (expires === undefined || Date.parse(expires) > now.getTime()) return undefined
  return `expired at ${minuteOf(expires)}`
}

function minuteOf(time: string): string {
  return `${time.slice(0, 16)}Z`
}

function failing({ counts = NO_COUNTS }: HealthFacts): Health | undefined {
  const failures = counts.writesRefused + counts.writesFailed
  const isEnough = counts.writes >= FEWEST_WRITES && failures > counts.writes * ENTRA.share
  if (!isEnough && failures < ENTRA.mostFailures) return undefined
  return {
    state: 'failing',
    reason: `${shareOf(counts)} Entra ID's own line is more than 40 % with 5,000 failures, or 40,000 (an estimate: it alone decides).`,
    quarantineRisk: 'high',
  }
}

/** `46 % of the writes of 24 hours were refused or failed (23 of 50).` */
function shareOf({ writes, writesRefused, writesFailed }: Counts): string {
  const failures = writesRefused + writesFailed
  const percent = (100 * failures) / writes
  const shown = percent < 10 ? percent.toFixed(1) : String(Math.round(percent))
  const [part, all] = [failures, writes].map((count) => count.toLocaleString('en-US'))
  return `${shown} % of the writes of 24 hours were refused or failed (${part} of ${all}).`
}

function silent(facts: HealthFacts): Health | undefined {
  const { activity, connections = [], now } = facts
  const newest = connections.toSorted((one, other) => compare(one.last, other.last)).at(-1)
  const cycle = CYCLES[newest?.client ?? activity.lastClient ?? '']
  const last = lastSeen(facts)
  if (cycle === undefined || last === undefined) return undefined
  const minutes = (now.getTime() - Date.parse(last)) / MINUTE
  if (minutes < cycle * CYCLES_MISSED) return undefined
  return {
    state: 'silent',
    reason: `Nothing has come for ${durationOf(minutes)}, where a cycle takes ${cycle} minutes: the job may be paused, stopped or in quarantine on the other side.`,
    quarantineRisk: 'watch',
  }
}

function durationOf(minutes: number): string {
  const hours = Math.floor(minutes / 60)
  return hours < 48
    ? `${hours} h ${Math.floor(minutes % 60)} min`
    : `${Math.floor(hours / 24)} days`
}

function healthy({ counts = NO_COUNTS }: HealthFacts): Health {
  const share = (counts.writesRefused + counts.writesFailed) / Math.max(counts.writes, 1)
  const isWatched = counts.writes >= FEWEST_WRITES && share >= WATCHED_SHARE
  if (counts.writes === 0) {
    const reason = 'Requests are let in; there was no write in 24 hours.'
    return { state: 'healthy', reason, quarantineRisk: 'none' }
  }
  const few = counts.writes < FEWEST_WRITES && share > ENTRA.share
  return {
    state: 'healthy',
    reason: `${shareOf(counts)}${few ? ' They are too few to tell.' : ''}`,
    quarantineRisk: isWatched ? 'watch' : 'none',
  }
}
