import { UsageError } from '../command-line.ts'

const DAY = 24 * 60 * 60 * 1000
const MOST_DAYS = 3650

/**
 * Reads `--expires`: `90d`, or `2027-06-30`, which is the last second of that day in UTC.
 * @throws UsageError when it is neither or not in the future.
 */
export function parseExpiry(text: string, now: Date): Date {
  const expires = /^\d+d$/.test(text) ? afterDays(text, now) : endOfDay(text)
  if (expires.getTime() > now.getTime()) return expires
  throw new UsageError(`--expires ${text} has passed already`)
}

function afterDays(text: string, now: Date): Date {
  const days = Number(text.slice(0, -1))
  if (days < 1 || days > MOST_DAYS) {
    throw new UsageError(`--expires must be 1d to ${String(MOST_DAYS)}d, not ${text}`)
  }
  return new Date(now.getTime() + days * DAY)
}

function endOfDay(text: string): Date {
  const end = new Date(`${text}T23:59:59Z`)
  // A day that no month has, such as 2027-02-30, would become one of the next month.
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(end.getTime())
  if (isDay && end.toISOString().startsWith(text)) return end
  throw new UsageError(`--expires must be a date like 2027-06-30 or days like 90d, not "${text}"`)
}
