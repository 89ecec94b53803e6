import type { HourCounts } from './activity-port.ts'

type Counts = Omit<HourCounts, 'hour'>

const NONE: Counts = {
  requests: 0,
  served: 0,
  refused: 0,
  failed: 0,
  lookups: 0,
  writes: 0,
  writesRefused: 0,
  writesFailed: 0,
}

/** The counts of each hour, those of all instances added up, in the order in which the hours come first. */
export function addedUp(counted: readonly HourCounts[]): readonly HourCounts[] {
  const byHour = new Map<string, HourCounts>()
  for (const counts of counted) {
    const { hour } = counts
    const sum = byHour.get(hour) ?? { hour, ...NONE }
    byHour.set(hour, { hour, ...added(sum, counts) })
  }
  return [...byHour.values()]
}

function added(one: Counts, other: Counts): Counts {
  return {
    requests: one.requests + other.requests,
    served: one.served + other.served,
    refused: one.refused + other.refused,
    failed: one.failed + other.failed,
    lookups: one.lookups + other.lookups,
    writes: one.writes + other.writes,
    writesRefused: one.writesRefused + other.writesRefused,
    writesFailed: one.writesFailed + other.writesFailed,
  }
}

/** The periods that are over before a time: those that begin before the one that it is in. */
export function periodsAt(time: Date): { readonly hour: string; readonly day: string } {
  const instant = time.toISOString()
  return {
    hour: instant.slice(0, 'YYYY-MM-DDTHH'.length),
    day: instant.slice(0, 'YYYY-MM-DD'.length),
  }
}
