import type { ActivityStore } from '../storage/activity-port.ts'
import type { Credential, Tenant, TenantActivity } from '../storage/tenant-port.ts'
import { recentDays } from './connection.ts'
import { latest } from './facts.ts'
import { type Counts } from '../storage/activity-port.ts'
import { healthOf, type Health } from './health.ts'
import { isAboutCredential } from './reasons.ts'
import { lastDay } from './statistics.ts'

/** The state of a tenant, and what it was told from. */
export interface TenantHealth extends Health {
  readonly lastRequest?: string
  readonly lastSuccess?: string
  readonly lastRefusal?: string
  /** The client that came last, as far as it can be told. */
  readonly client?: string
  readonly last24Hours: Counts
}

/** Reads what the state of a tenant is told from, all of it side by side. */
export async function tenantHealth(
  store: Pick<ActivityStore, 'hours' | 'days' | 'read'>,
  about: {
    readonly tenant: Pick<Tenant, 'id' | 'partitionKey' | 'status'>
    readonly summary: TenantActivity | undefined
    readonly credentials?: readonly Credential[]
  },
  now: Date,
): Promise<TenantHealth> {
  const { tenant, summary, credentials } = about
  const activity: TenantActivity = summary ?? {}
  const [counts, { connections }] = await Promise.all([
    lastDay(store, tenant, now),
    recentDays(store, tenant, now),
  ])
  const health = healthOf({
    status: tenant.status,
    activity,
    counts,
    connections,
    ...(credentials === undefined ? {} : { credentials }),
    now,
  })
  const newest = connections.toSorted((one, other) => (one.last < other.last ? 1 : -1))[0]
  // What is older than the days that are looked through, or kept, the list has.
  const client = newest?.client ?? activity.lastClient
  const refusals = connections
    .flatMap(({ lastReason = '', lastRefusal = [] }) =>
      isAboutCredential(lastReason) ? lastRefusal : [],
    )
    .toSorted()
  return {
    ...health,
    ...timesOf(
      latest(activity.lastRequest, newest?.last),
      latest(activity.lastSuccess, ...connections.map(({ lastSuccess }) => lastSuccess)),
      latest(activity.lastRefusal, refusals.at(-1)),
    ),
    ...(client === undefined ? {} : { client }),
    last24Hours: counts,
  }
}

function timesOf(
  lastRequest: string | undefined,
  lastSuccess: string | undefined,
  lastRefusal: string | undefined,
): Pick<TenantHealth, 'lastRequest' | 'lastSuccess' | 'lastRefusal'> {
  return {
    ...(lastRequest === undefined ? {} : { lastRequest }),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(lastRefusal === undefined ? {} : { lastRefusal }),
  }
}
