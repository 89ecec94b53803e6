import { describe, expect, test } from 'vitest'
import { parseSchedule } from '../../../../tools/local-host/schedule.ts'

const AFTER = new Date('2026-11-27T10:02:03.500Z')

describe('the next time, in UTC', () => {
  test.each([
    ['six fields', '0 */5 * * * *', '2026-11-27T10:05:00.000Z'],
    ['seconds', '5,8,10 * * * * *', '2026-11-27T10:02:05.000Z'],
    ['a range with a step', '10-20/3 * * * * *', '2026-11-27T10:02:10.000Z'],
    ['five fields', '*/5 * * * *', '2026-11-27T10:05:00.000Z'],
    ['weekdays', '0 0 9 * * 1-5', '2026-11-30T09:00:00.000Z'],
    ['names', '0 30 9 * Jan Mon', '2027-01-04T09:30:00.000Z'],
    ['days of month and week: both', '0 0 0 13 * 5', '2027-08-13T00:00:00.000Z'],
    ['Sunday, a step of 7 days', '0 0 0 */7 * 0', '2026-11-29T00:00:00.000Z'],
    ['an interval', '00:05:00', '2026-11-27T10:07:03.500Z'],
    ['a short interval', '0:0:30', '2026-11-27T10:02:33.500Z'],
    ['blanks around it', ' 0 0 0 * * * ', '2026-11-28T00:00:00.000Z'],
  ])('%s: %s', (_case, text, expected) => {
    expect(parseSchedule(text).next(AFTER).toISOString()).toBe(expected)
  })

  test('is behind the time given, never at it', () => {
    const at = new Date('2026-11-27T10:05:00.000Z')
    expect(parseSchedule('0 */5 * * * *').next(at).toISOString()).toBe('2026-11-27T10:10:00.000Z')
  })
})

test.each([
  '',
  '5 minutes',
  '* * * *',
  '* * * * * * *',
  '60 * * * * *',
  '0 0 24 * * *',
  '0 */0 * * * *',
  '0 5/15 * * * *',
  '0 0 0 L * *',
  '0 0 0 15W * *',
  '0 0 0 ? * *',
  '0 0 0 * * 5#2',
  '0 0 0 * * 7',
  '0 0 0 * * 1-7',
  '@daily',
  '24:00:00',
  '00:60:00',
  '%SCHEDULE%',
])('"%s" is refused: the host cannot read it, or not so', (text) => {
  expect(() => parseSchedule(text)).toThrow(`the schedule "${text}" is neither six fields`)
})

test('what never comes is refused', () => {
  expect(() => parseSchedule('0 0 0 31 2 *')).toThrow('never comes')
  expect(() => parseSchedule('00:00:00')).toThrow('is no time at all')
})
