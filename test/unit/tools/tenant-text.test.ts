import { describe, expect, test } from 'vitest'
import { cutToWidth, displayWidth } from '../../../tools/tenant/display-width.ts'
import { columns, minute } from '../../../tools/tenant/text.ts'

describe('displayWidth', () => {
  test.each([
    ['plain', 5],
    ['Zoë', 3],
    ['Zoe\u0308', 3],
    ['東京', 4],
    ['ﾄｳｷｮｳ', 5],
    ['ｶﾞ', 2],
    ['か\u3099', 2],
    ['ＡＢ', 4],
    ['한글', 4],
    ['\u1112\u1161\u11AB', 2],
    ['𠮷', 2],
    ['สวัสดี', 4],
    ['🎉', 2],
    ['👩‍💻', 2],
    ['👍🏽', 2],
    ['☝🏽', 2],
    ['🇨🇭', 2],
    ['❤', 1],
    ['❤️', 2],
    ['1️⃣', 2],
    ['a\u200Bb', 2],
    ['', 0],
  ])('of %s is %d', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

test.each([
  ['abcde', 5, 'abcde'],
  ['abcdef', 5, 'abcd…'],
  ['東京東京', 6, '東京…'],
  ['👩‍💻👩‍💻👩‍💻', 5, '👩‍💻👩‍💻…'],
])('%s is cut to %d columns', (text, most, cut) => {
  expect(cutToWidth(text, most)).toBe(cut)
})

describe('columns', () => {
  test('start at the same place whatever stands before them', () => {
    const names = ['東京', 'Zoe\u0308', '👩‍💻 team', 'plain name', '']
    const lines = columns(names.map((name) => [name, '|'])).split('\n')
    expect(lines.map((line) => displayWidth(line))).toEqual(names.map(() => 13))
    expect(lines.at(-1)).toBe('-           |')
  })

  test.each([
    ['a\nb', 'a\uFFFDb'],
    ['\u001B[2J', '\uFFFD[2J'],
    ['\u009B2J', '\uFFFD2J'],
    ['a\u202Eb', 'a\uFFFDb'],
    ['a\u2028b', 'a\uFFFDb'],
    ['\uD800', '\uFFFD'],
  ])('keep %j from the terminal', (text, shown) => {
    expect(columns([[text]])).toBe(shown)
  })
})

test.each([
  ['2027-06-30T23:59:59.000Z', '2027-06-30T23:59Z'],
  ['2027-06-30T23:59:59Z', '2027-06-30T23:59Z'],
  ['never', 'never'],
])('%s is shown as %s', (dateTime, shown) => {
  expect(minute(dateTime)).toBe(shown)
})
