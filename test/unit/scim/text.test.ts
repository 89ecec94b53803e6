import { describe, expect, test } from 'vitest'
import { comparableText, foldCase } from '../../../lib/scim/text.ts'

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
