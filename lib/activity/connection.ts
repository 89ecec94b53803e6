import type { ActivityStore, ConnectionFacts, DayFacts } from '../storage/activity-port.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'
import { dayOf, mergedConnections, refusedConnections } from './facts.ts'
import { digest } from './position.ts'

const DAY = 24 * 60 * 60 * 1000

/** Days that are looked back upon. */
export const RECENT_DAYS = 30

/** The newest refusals, which are looked through for those of credentials. */
const REFUSALS = 50

/** What there is to tell of the last days. */
export interface Recent {
  /** ISO 8601, UTC: the beginning of the first of them. */
  readonly since: string
  /** What every instance saw. */
  readonly days: readonly DayFacts[]
  /** Each credential's use. */
  readonly connections: readonly ConnectionFacts[]
}

/**
 * Reads the last days, and the newest refusals beside them.
 * @param keptDays for how many days it is kept.
 */
export async function recentDays(
  store: Pick<ActivityStore, 'days' | 'read'>,
  tenant: TenantIdentity,
  now: Date,
  keptDays = RECENT_DAYS,
): Promise<Recent> {
  const end = now.getTime()
  const since = dayOf(end - Math.min(RECENT_DAYS - 1, keptDays) * DAY)
  const [days, { entries }] = await Promise.all([
    store.days(tenant, since, dayOf(end)),
    store.read(tenant, { outcome: 'refused', count: REFUSALS }),
  ])
  const connections = mergedConnections(days, refusedConnections(entries))
  return { since: `${since}T00:00:00.000Z`, days, connections }
}

export interface Connections {
  /** By their last use, the latest first. */
  readonly items: readonly ConnectionFacts[]
  /** To be sent to get those alone of which something new is known. */
  readonly position: string
}

const POSITION = /^\.(?:[\w-]{6}){0,1000}$/

/** Whether a text is a position of connections. */
export function isConnectionPosition(text: string): boolean {
  return POSITION.test(text)
}

/**
 * Each credential's use, by the last one.
 * @param after a position: those that are still as they were then are left out.
 */
export function connectionsOf(connections: readonly ConnectionFacts[], after = '.'): Connections {
  const all = connections.toSorted((one, other) => (one.last < other.last ? 1 : -1))
  const known = new Set(after.slice(1).match(/.{6}/g))
  const marked = all.map((facts) => ({ facts, mark: digest(JSON.stringify(facts)) }))
  return {
    items: marked.filter(({ mark }) => !known.has(mark)).map(({ facts }) => facts),
    position: `.${marked.map(({ mark }) => mark).join('')}`,
  }
}
