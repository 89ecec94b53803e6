import type {
  ActivityStore,
  DayFacts,
  HourCounts,
  SeenAttribute,
  UseNotes,
} from '../storage/activity-port.ts'
import type { TenantActivity, TenantIdentity } from '../storage/tenant-port.ts'
import { addedUp, attributeKey, latest } from './facts.ts'
import { NO_COUNTS } from '../storage/activity-port.ts'

/** What the rows of an instance have of a tenant, as far as it still counts in them. */
export interface Written {
  readonly hours: ReadonlyMap<string, HourCounts>
  readonly days: ReadonlyMap<string, DayFacts>
}

export const NOTHING_WRITTEN: Written = { hours: new Map(), days: new Map() }

/** What an instance has counted, and its rows have not. */
export interface Unwritten {
  /** What belongs to the counts in the rows; less than 0 where a look-up was told as served and was not. */
  readonly hours: readonly HourCounts[]
  /** Attributes by the counts that are not in the rows; connections as they are. */
  readonly days: readonly DayFacts[]
  readonly activity: TenantActivity
  /** What the rows had: another one after each write. */
  readonly written: Written
}

export function writtenOf({ hours, days }: UseNotes): Written {
  return {
    hours: new Map(hours.map((each) => [each.hour, each])),
    days: new Map(days.map((each) => [each.day, each])),
  }
}

export function unwrittenOf(
  { hours, days }: UseNotes,
  written: Written,
  activity: TenantActivity,
): Unwritten {
  return {
    hours: hours.map((each) => withoutCounts(each, written.hours.get(each.hour))),
    days: days.map((each) => withoutSeen(each, written.days.get(each.day))),
    activity: { ...activity },
    written,
  }
}

function withoutCounts(counts: HourCounts, before: HourCounts | undefined): HourCounts {
  if (before === undefined) return counts
  return {
    hour: counts.hour,
    requests: counts.requests - before.requests,
    served: counts.served - before.served,
    refused: counts.refused - before.refused,
    failed: counts.failed - before.failed,
    lookups: counts.lookups - before.lookups,
    writes: counts.writes - before.writes,
    writesRefused: counts.writesRefused - before.writesRefused,
    writesFailed: counts.writesFailed - before.writesFailed,
  }
}

function withoutSeen({ attributes, ...day }: DayFacts, before: DayFacts | undefined): DayFacts {
  const counted = new Map(before?.attributes.map((each) => [attributeKey(each), each.count]))
  const rest = attributes.flatMap((each): readonly SeenAttribute[] => {
    const count = each.count - (counted.get(attributeKey(each)) ?? 0)
    return count === 0 ? [] : [{ ...each, count }]
  })
  return { ...day, attributes: rest }
}

/** What an instance has not written. */
export interface UnwrittenUses {
  /** Waits for what is being written. */
  unwritten(tenant: TenantIdentity): Promise<Unwritten | undefined>
  unwrittenNow(tenant: TenantIdentity): Unwritten | undefined
}

/** The store, whose counts have what this instance has not written yet, too. */
export function withUnwritten(store: ActivityStore, uses: UnwrittenUses): ActivityStore {
  return {
    ...store,
    async hours(tenant, from, to) {
      const [kept, rest] = await besides(uses, tenant, () => store.hours(tenant, from, to))
      return addedTo(kept, rest?.hours.filter(({ hour }) => hour >= from && hour <= to) ?? [])
    },
    async days(tenant, from, to) {
      const [kept, rest] = await besides(uses, tenant, () => store.days(tenant, from, to))
      const days = rest?.days.filter(({ day }) => day >= from && day <= to) ?? []
      return [...kept, ...days].toSorted((one, other) => compare(one.day, other.day))
    },
  }
}

/** Reads again when something was written meanwhile: it would be counted twice, or not at all. */
async function besides<Result>(
  uses: UnwrittenUses,
  tenant: TenantIdentity,
  read: () => Promise<Result>,
): Promise<readonly [Result, Unwritten | undefined]> {
  const before = await uses.unwritten(tenant)
  const result = await read()
  const rest = uses.unwrittenNow(tenant)
  return rest?.written === before?.written
    ? [result, rest]
    : [await read(), await uses.unwritten(tenant)]
}

function addedTo(kept: readonly HourCounts[], rest: readonly HourCounts[]): readonly HourCounts[] {
  const hours = new Map(kept.map((each) => [each.hour, each]))
  for (const { hour, ...counts } of rest) {
    const { hour: _, ...before } = hours.get(hour) ?? { hour, ...NO_COUNTS }
    const sum = addedUp([before, counts])
    if (sum.requests > 0) hours.set(hour, { hour, ...sum })
  }
  return [...hours.values()].toSorted((one, other) => compare(one.hour, other.hour))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1
}

/** What the list has of a tenant, with what this instance has not written yet. */
export function withLatest<Activity extends TenantActivity>(
  summary: Activity,
  { activity }: Pick<Unwritten, 'activity'>,
): Activity {
  const [lastRequest, lastSuccess, lastRefusal] = (
    ['lastRequest', 'lastSuccess', 'lastRefusal'] as const
  ).map((each) => latest(summary[each], activity[each]))
  const isNewer = activity.lastRequest !== undefined && activity.lastRequest === lastRequest
  const lastClient = isNewer ? (activity.lastClient ?? summary.lastClient) : summary.lastClient
  return {
    ...summary,
    ...(lastClient === undefined ? {} : { lastClient }),
    ...(lastRequest === undefined ? {} : { lastRequest }),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(lastRefusal === undefined ? {} : { lastRefusal }),
  }
}
