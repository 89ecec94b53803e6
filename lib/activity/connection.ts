import type { ActivityStore, ConnectionFacts, DayFacts } from '../storage/activity-port.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'
import { dayOf, mergedConnections } from './facts.ts'
import { digest } from './position.ts'

const DAY = 24 * 60 * 60 * 1000

/** Days that are looked back upon. */
const RECENT_DAYS = 30

/** What every instance saw in the last days. */
export async function recentDays(
  store: Pick<ActivityStore, 'days'>,
  tenant: TenantIdentity,
  now: Date,
): Promise<{ readonly since: string; readonly days: readonly DayFacts[] }> {
  const end = now.getTime()
  const since = dayOf(end - (RECENT_DAYS - 1) * DAY)
  return { since: `${since}T00:00:00.000Z`, days: await store.days(tenant, since, dayOf(end)) }
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
 * Each credential's use in these days.
 * @param after a position: those that are still as they were then are left out.
 */
export function connectionsOf(days: readonly DayFacts[], after = '.'): Connections {
  const all = mergedConnections(days).toSorted((one, other) => (one.last < other.last ? 1 : -1))
  const known = new Set(after.slice(1).match(/.{6}/g))
  const marked = all.map((facts) => ({ facts, mark: digest(JSON.stringify(facts)) }))
  return {
    items: marked.filter(({ mark }) => !known.has(mark)).map(({ facts }) => facts),
    position: `.${marked.map(({ mark }) => mark).join('')}`,
  }
}
