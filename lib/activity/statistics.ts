import type { ActivityStore, PeopleCount } from '../storage/activity-port.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'
import { addedUp, dayOf, hourOf } from './facts.ts'
import { type Counts } from '../storage/activity-port.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

export type Step = 'hour' | 'day'

/** How much an answer tells at most, and what it tells when nothing is said, in steps. */
export const STATISTICS = {
  hour: { milliseconds: HOUR, most: 744, usual: 24 },
  day: { milliseconds: DAY, most: 100, usual: 30 },
} as const satisfies Record<Step, unknown>

/** The counts of one step; one without requests is left out. */
export interface StepCounts extends Counts {
  /** ISO 8601, UTC: when it begins. */
  readonly start: string
}

export interface Statistics {
  readonly step: Step
  /** The beginning of the first step, and of the last one. */
  readonly from: string
  readonly to: string
  /** The oldest first. */
  readonly items: readonly StepCounts[]
  /** By day, as far as they were counted. */
  readonly people: readonly PeopleCount[]
}

/** The counts of a time, in steps of UTC. */
export async function statisticsOf(
  store: Pick<ActivityStore, 'hours' | 'people'>,
  tenant: TenantIdentity,
  { step, from, to }: { readonly step: Step; readonly from: number; readonly to: number },
): Promise<Statistics> {
  const startOf = step === 'hour' ? hourOf : dayOf
  const lastHour = step === 'hour' ? hourOf(to) : `${dayOf(to)}T23`
  const firstHour = step === 'hour' ? hourOf(from) : `${dayOf(from)}T00`
  const [hours, people] = await Promise.all([
    store.hours(tenant, firstHour, lastHour),
    store.people(tenant, dayOf(from), dayOf(to)),
  ])
  const steps = new Map<string, Counts[]>()
  for (const counts of hours) {
    const start = counts.hour.slice(0, startOf(0).length)
    steps.set(start, [...(steps.get(start) ?? []), counts])
  }
  return {
    step,
    from: instantOf(startOf(from)),
    to: instantOf(startOf(to)),
    items: [...steps].map(([start, counts]) =>
      Object.assign({ start: instantOf(start) }, addedUp(counts)),
    ),
    people,
  }
}

/** `2026-11-27T14`, or a day, as a time. */
function instantOf(start: string): string {
  return `${start}${'T00:00:00.000Z'.slice(start.length - 'YYYY-MM-DD'.length)}`
}

/** The counts of the last 24 hours, by whole hours: that of now and the 23 before it. */
export async function lastDay(
  store: Pick<ActivityStore, 'hours'>,
  tenant: TenantIdentity,
  now: Date,
): Promise<Counts> {
  const end = now.getTime()
  return addedUp(await store.hours(tenant, hourOf(end - 23 * HOUR), hourOf(end)))
}
