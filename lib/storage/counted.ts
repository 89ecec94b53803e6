import { addCounts, NO_COUNTS, type HourCounts } from './activity-port.ts'

/** The counts of each hour, those of all instances added up, in the order in which the hours come first. */
export function addedUp(counted: readonly HourCounts[]): readonly HourCounts[] {
  const byHour = new Map<string, HourCounts>()
  for (const counts of counted) {
    const { hour } = counts
    const sum = byHour.get(hour) ?? { hour, ...NO_COUNTS }
    byHour.set(hour, { hour, ...addCounts(sum, counts) })
  }
  return [...byHour.values()]
}

/** The periods that are over before a time: those that begin before the one that it is in. */
export function periodsAt(time: Date): { readonly hour: string; readonly day: string } {
  const instant = time.toISOString()
  return {
    hour: instant.slice(0, 'YYYY-MM-DDTHH'.length),
    day: instant.slice(0, 'YYYY-MM-DD'.length),
  }
}
