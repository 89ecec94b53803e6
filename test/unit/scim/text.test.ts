import { afterEach, describe, expect, test, vi } from 'vitest'
import { attribute } from '../../../lib/scim/attribute.ts'
import {
  beginningOf,
  comparableForm,
  ComparableTexts,
  comparableText,
  foldCase,
  hasTooManyMarks,
} from '../../../lib/scim/text.ts'

describe('foldCase', () => {
  test.each([
    ['BJensen', 'bjensen'],
    ['JÖRG', 'jörg'],
    ['e\u0301', '\u00E9'],
    ['E\u0301', '\u00E9'],
    // Full-width and half-width forms (RFC 8265 §3.3.1 width mapping).
    ['ＡＢＣ１２３＠', 'abc123@'],
    ['a\u3000b', 'a b'],
    ['ｶﾞ', 'ガ'],
    // Final sigma is a sigma, so that a prefix folds as the whole does.
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
    ['ς', 'σ'],
    // Other compatibility forms are different names.
    ['ﬁ', 'ﬁ'],
    ['²', '²'],
    ['İ', 'i\u0307'],
    ['\uD800', '\uD800'],
    ['', ''],
  ])('%j', (text, expected) => {
    expect(foldCase(text)).toBe(expected)
  })

  test('folding twice is folding once, and composition does not matter, for every character', () => {
    const unstable: string[] = []
    for (let code = 0; code <= 0x2_ff_ff; code += 1) {
      const text = String.fromCodePoint(code)
      const folded = foldCase(text)
      if (foldCase(folded) !== folded || foldCase(text.normalize('NFD')) !== folded) {
        unstable.push(code.toString(16))
      }
    }
    expect(unstable).toEqual([])
  })
})

describe('comparableText', () => {
  test('caseExact keeps the case and composes', () => {
    expect(comparableText({ caseExact: true }, 'AbC e\u0301')).toBe('AbC \u00E9')
    expect(comparableText({ caseExact: true }, 'Ａ')).toBe('Ａ')
  })

  test('otherwise it is folded', () => {
    expect(comparableText({ caseExact: false }, 'AbC E\u0301')).toBe('abc \u00E9')
  })
})

describe('too many combining marks in a row', () => {
  test.each([
    ['\u0301\u0323'],
    ['\u20DD'],
    ['\uFF9E'],
    ['\uFF9E\u0301'],
    ['\u0F73\u0F71'],
    ['\u{1D165}\u{1D16E}'],
  ])('%j: 31, not 30', (marks) => {
    const run = (count: number): string => Array.from(marks.repeat(count)).slice(0, count).join('')
    expect(hasTooManyMarks(`a${run(31)}b`)).toBe(true)
    expect(hasTooManyMarks(`a${run(30)}b${run(30)}`)).toBe(false)
  })

  test('are the only ones that a text which is folded can have', () => {
    const odd: string[] = []
    for (let point = 0; point < 0x11_00_00; point += 1) {
      const text = String.fromCodePoint(point)
      const isMark = /[\p{M}\p{Cs}\uFF9E\uFF9F]/u.test(text)
      if (!isMark && /^\p{M}/u.test(foldCase(text))) odd.push(text)
    }
    expect(odd).toEqual([])
  })
})

describe('the texts of one evaluation', () => {
  const folded = attribute({ name: 'a', description: '' })
  const exact = attribute({ name: 'b', description: '', caseExact: true })
  const instant = attribute({ name: 'c', description: '', type: 'dateTime' })

  afterEach(() => vi.restoreAllMocks())

  test.each([
    [folded, 'Ä', 'ä'],
    [exact, 'Ä', 'Ä'],
    [exact, 'A\u0308', 'Ä'],
    [instant, 'Ä', undefined],
  ])('are compared as their attribute says: %o %s', (of, text, form) => {
    const texts = new ComparableTexts()
    expect([texts.of(of, text), texts.of(of, text)]).toEqual([form, form])
    expect(comparableForm(of, text)).toBe(form)
  })

  test('keep apart what attributes of several kinds make of one text', () => {
    const texts = new ComparableTexts()
    const text = '2011-05-13T04:42:34Z'
    const forms = [folded, exact, instant].map((of) => texts.of(of, text))
    expect(forms).toEqual([text.toLowerCase(), text, comparableForm(instant, text)])
  })

  test('are brought into that form once', () => {
    const normalize = vi.spyOn(String.prototype, 'normalize')
    const texts = new ComparableTexts()
    for (let i = 0; i < 10; i += 1) texts.of(folded, 'Ä')
    expect(normalize).toHaveBeenCalledTimes(1)
  })
})

test.each([
  ['abc', 2, 'ab'],
  ['abc', 3, 'abc'],
  ['abc', 9, 'abc'],
  ['', 2, ''],
  ['a😀b', 1, 'a'],
  ['a😀b', 2, 'a'],
  ['a😀b', 3, 'a😀'],
  ['😀', 0, ''],
  ['a\uD83Db', 2, 'a\uD83D'],
])('the beginning of %j of at most %i characters is %j', (text, most, beginning) => {
  expect(beginningOf(text, most)).toBe(beginning)
})
