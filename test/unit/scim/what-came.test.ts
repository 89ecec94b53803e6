import { expect, test } from 'vitest'
import type { JsonValue } from '../../../lib/scim/json.ts'
import { whatCame, whichUrlCame } from '../../../lib/scim/what-came.ts'

test.each<[JsonValue, whole: string, withoutValues: string]>([
  ['Nope', '"Nope"', '"…"'],
  ['', '""', '"…"'],
  [' a b ', '" a b "', '"…"'],
  ['Ćwikła 東京', '"Ćwikła 東京"', '"…"'],
  ['12345678901234567890', '"12345678901234567890"', '"…"'],
  ['123456789012345678901', 'a string of 21 characters', 'a string of 21 characters'],
  [5, 'the number 5', 'the number …'],
  [Number.POSITIVE_INFINITY, 'the number Infinity', 'the number …'],
  [true, 'the boolean true', 'the boolean …'],
  [null, 'null', 'null'],
  [['a'], 'an array', 'an array'],
  [{ a: 1 }, 'an object', 'an object'],
])('%j is told in an answer, and a log has nothing of it', (value, whole, withoutValues) => {
  expect(whatCame(value)).toEqual({ whole, withoutValues })
})

test.each([
  ['a control character', 'a\nb'],
  ['a mark for the direction of writing', 'a\u202Eb'],
  ['what has no width', 'a\u200Bb'],
  ['a letter that shows nothing', 'a\u3164b'],
  ['a line separator', 'a\u2028b'],
  ['half of a surrogate pair', 'a\uD800b'],
])('text with %s is not repeated', (_, text) => {
  expect(whatCame(text).whole).toBe('a string of 3 characters')
})

test.each<[JsonValue, string]>([
  ['hunter2', 'a string of 7 characters'],
  [12_345, 'a number'],
  [false, 'a boolean'],
  [{ value: 'x' }, 'an object'],
])('a secret such as %j is told by its kind', (value, whole) => {
  expect(whatCame(value, true)).toEqual({ whole, withoutValues: whole })
})

test.each([
  ['http://x', '"http://x"'],
  ['data:image/png;base64,AAAA', '"data:image/png;base6…"'],
  ['http://a\u202Eb.example/a-photo', 'a string of 26 characters'],
])('of the URL %j the beginning is told', (text, whole) => {
  expect(whichUrlCame(text).whole).toBe(whole)
  expect(whichUrlCame(text).withoutValues).not.toContain('http')
})
