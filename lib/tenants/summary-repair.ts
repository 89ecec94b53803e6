import { dayOf } from '../activity/facts.ts'
import type { ActivityStore } from '../storage/activity-port.ts'
import { isPending } from '../storage/index-state.ts'
import type { TenantStore, TenantSummary } from '../storage/tenant-port.ts'
import { nextExpiryOf } from './credentials.ts'
import { warnOfExpiries } from './expiry-warnings.ts'
import { countOutcome } from '../telemetry/metrics.ts'
import type { Tell } from './maintenance-events.ts'

const MINUTE = 60 * 1000

/** A summary is made anew so long after the last time when there was a request since, and when there was none. */
const IN_USE_MINUTES = 15
const IDLE_MINUTES = 24 * 60

/** A summary without a tenant belongs to a creation under way, unless it is so old. */
const CREATION_MINUTES = 10

/** What repairs work with. */
export interface RepairParts {
  readonly store: TenantStore
  readonly sweep: (partitionKey: string) => Promise<number>
  readonly countPeople: (
    partitionKey: string,
  ) => Promise<{ readonly users: number; readonly groups: number }>
  readonly activity: Pick<ActivityStore, 'notePeople'>
  readonly now: () => Date
  readonly tell: Tell
}

interface Repaired {
  readonly state: 'repaired' | 'dropped' | 'kept'
  readonly swept: number
  readonly warnings: number
}

/** Whether it is time to make a summary anew. Deletions have their own step. */
export function isDue(
  { status, repaired, lastRequest, nextExpiry }: TenantSummary,
  now: Date,
): boolean {
  if (status === 'deleting') return false
  if (repaired === undefined) return true
  const minutes = (now.getTime() - Date.parse(repaired)) / MINUTE
  if (!(minutes >= 0 && minutes < IDLE_MINUTES)) return true
  if (nextExpiry !== undefined && Date.parse(nextExpiry) <= now.getTime()) return true
  return lastRequest !== undefined && lastRequest > repaired && minutes >= IN_USE_MINUTES
}

/**
 * Makes the summary of a tenant anew from its rows, finishes interrupted deletions of its users and groups, and warns of
 * its credentials. A summary that no tenant has is removed.
 */
export async function repairTenant(parts: RepairParts, summary: TenantSummary): Promise<Repaired> {
  const { store, sweep, countPeople, activity, now, tell } = parts
  const { tenant, credentials, removed, definitions = [] } = await store.findCredentials(summary.id)
  if (tenant === undefined) {
    const minutes = (now().getTime() - Date.parse(summary.created)) / MINUTE
    const isDropped = !(minutes < CREATION_MINUTES) && (await store.dropSummary(summary))
    return { state: isDropped ? 'dropped' : 'kept', swept: 0, warnings: 0 }
  }
  const { partitionKey } = tenant
  const swept = await countOutcome('maintenance.sweeps', () => sweep(partitionKey), {
    kindOf: () => 'done',
    failed: 'failed',
  })
  const counts = await countPeople(partitionKey)
  await activity.notePeople(tenant, { day: dayOf(now().getTime()), ...counts })
  const warnings = await warnOfExpiries(store, tenant.id, credentials, { now: now(), tell })
  const nextExpiry = nextExpiryOf(credentials, now()) ?? null
  const removedAttributes = removed !== undefined
  // That nothing is pending is for the filling to say, which looks again behind that.
  const isUnfilled = [...definitions, ...(removed ?? [])].some(isPending)
  const repaired = now().toISOString()
  await store.repairSummary(tenant, {
    ...counts,
    nextExpiry,
    removedAttributes,
    ...(isUnfilled ? { indexed: '' } : {}),
    repaired,
  })
  return { state: 'repaired', swept, warnings }
}
