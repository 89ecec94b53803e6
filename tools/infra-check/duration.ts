/** What a letter of an ISO 8601 duration stands for; a year and a month as long as they are at most. */
const DAYS: Readonly<Record<string, number>> = { Y: 366, M: 31, W: 7, D: 1 }
const MINUTES: Readonly<Record<string, number>> = { H: 60, M: 1 }

const DAY_MINUTES = 24 * 60

/** How many minutes it is; undefined for what is none. */
export function minutesOf(duration: string): number | undefined {
  const parts = /^P((?:\d+[YMWD])*)(?:T((?:\d+[HM])+))?$/.exec(duration)
  if (parts === null || duration === 'P') return undefined
  const [, days = '', time = ''] = parts
  return sumOf(days, DAYS) * DAY_MINUTES + sumOf(time, MINUTES)
}

function sumOf(text: string, units: Readonly<Record<string, number>>): number {
  return [...text.matchAll(/(\d+)(\w)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0),
    0,
  )
}
