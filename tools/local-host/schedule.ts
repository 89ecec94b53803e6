import { Cron } from 'croner'

/** When a timer runs. */
export interface Schedule {
  /** The first time behind this one. */
  next(after: Date): Date
}

/** croner reads more than the Azure host does: `L`, `W`, `?`, `#`, nicknames, years, 7 for Sunday. */
const NAMES = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat'
const VALUE = `(?:\\d{1,2}|${NAMES})`
const ITEM = `(?:\\*|${VALUE}(?:-${VALUE})?)(?:/\\d{1,2})?`
const FIELD = `${ITEM}(?:,${ITEM})*`
const NCRONTAB = new RegExp(`^${FIELD}(?: +${FIELD}){4,5}$`, 'i')
const SUNDAY_AS_7 = /[ ,-]7[^ ]*$/
const INTERVAL = /^([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)$/

/**
 * Reads the schedule of a timer: NCRONTAB with six fields, or five without seconds, in UTC; or an interval `hh:mm:ss`.
 * @throws Error when it is neither, or never comes
 */
export function parseSchedule(text: string): Schedule {
  return interval(text.trim()) ?? ncrontab(text.trim())
}

function interval(text: string): Schedule | undefined {
  const found = INTERVAL.exec(text)
  if (found === null) return undefined
  const [hours = 0, minutes = 0, seconds = 0] = found.slice(1).map(Number)
  const milliseconds = ((hours * 60 + minutes) * 60 + seconds) * 1000
  if (milliseconds === 0) throw new Error(`the interval "${text}" is no time at all`)
  return { next: (after) => new Date(after.getTime() + milliseconds) }
}

function ncrontab(text: string): Schedule {
  if (!NCRONTAB.test(text) || SUNDAY_AS_7.test(text)) throw unreadable(text)
  const cron = toCron(text)
  const next = (after: Date): Date => {
    const found = cron.nextRun(after)
    if (found === null) throw new Error(`the schedule "${text}" never comes`)
    return found
  }
  next(new Date())
  return { next }
}

function toCron(text: string): Cron {
  try {
    // Both the day of the month and that of the week must fit, as NCrontab has it.
    return new Cron(text, { mode: '5-or-6-parts', timezone: 'UTC', domAndDow: true })
  } catch (error) {
    throw unreadable(text, error)
  }
}

function unreadable(text: string, cause?: unknown): Error {
  return new Error(
    `the schedule "${text}" is neither six fields such as "0 */5 * * * *" nor hh:mm:ss`,
    { cause },
  )
}
