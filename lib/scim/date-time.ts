/** xsd:dateTime with four-digit years (RFC 7643 §2.3.5); its groups are year, month, and so on. */
const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))?$/

const DATE = /^\d{4}-\d\d-\d\d$/

/** A date without a time is the midnight with which it begins, in UTC (BR2-11); all other text as it is. */
export function withTime(text: string): string {
  return DATE.test(text) ? `${text}T00:00:00Z` : text
}

/** Seconds from year 0 to 1970, and two days so that no offset leads below zero. */
const SECONDS_BEFORE_1970 = 62_167_219_200 + 172_800

/**
 * The instant a dateTime names, as text that sorts as the instants do, to any fraction of a second. A dateTime without
 * offset, which xsd:dateTime allows, is taken as UTC.
 *
 * @returns undefined when the text is not a dateTime or names a day or an hour that does not exist.
 */
export function comparableInstant(text: string): string | undefined {
  const match = DATE_TIME.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, ...offset] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
  if (!exists || year === '0000') return undefined
  const time = secondsOfDay(Number(hour), Number(minute), Number(second), fraction)
  const shift = sign === undefined ? 0 : offsetSeconds(Number(offset[0]), Number(offset[1]))
  if (time === undefined || shift === undefined) return undefined
  const seconds = date.getTime() / 1000 + time - (sign === '-' ? -shift : shift)
  return `${String(seconds + SECONDS_BEFORE_1970).padStart(12, '0')}.${withoutTrailingZeros(fraction)}`
}

/** Undefined when there is no such time; 24:00:00 is the end of the day (XML Schema Part 2 §3.2.7.1). */
function secondsOfDay(
  hour: number,
  minute: number,
  second: number,
  fraction: string,
): number | undefined {
  const seconds = hour * 3600 + minute * 60 + second
  if (hour === 24) return seconds === 86_400 && Number(fraction) === 0 ? seconds : undefined
  return hour > 23 || minute > 59 || second > 59 ? undefined : seconds
}

/** Undefined when it is more than the 14 hours that XML Schema Part 2 §3.2.7.3 allows. */
function offsetSeconds(hour: number, minute: number): number | undefined {
  const seconds = hour * 3600 + minute * 60
  return minute > 59 || seconds > 14 * 3600 ? undefined : seconds
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}
