import { UsageError } from '../command-line.ts'

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const IS = 'must be so long ago (30m, 24h, 7d) or a time like 2026-11-27 or 2026-11-27T14:00'

/**
 * A moment that has passed: `24h` ago, or a time, which is local unless it has a zone; a day alone begins at midnight, and
 * is over at its end where it is the end of something.
 * @throws UsageError when it is neither.
 */
export function parseMoment(option: '--since' | '--until', text: string, now: Date): Date {
  const [, number = '', unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  if (unit === 'm' || unit === 'h' || unit === 'd') {
    return new Date(now.getTime() - Number(number) * UNITS[unit])
  }
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text)
  const time = option === '--since' ? 'T00:00:00.000' : 'T23:59:59.999'
  const moment = new Date(isDay ? `${text}${time}` : text)
  const isTime =
    isDay || /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/.test(text)
  if (isTime && isInCalendar(text) && !Number.isNaN(moment.getTime())) return moment
  throw new UsageError(`${option} ${IS}, not "${text}"`)
}

/** `new Date` takes 30 February for 2 March. */
function isInCalendar(text: string): boolean {
  const day = text.slice(0, 'YYYY-MM-DD'.length)
  const moment = new Date(`${day}T00:00:00.000Z`)
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day)
}
