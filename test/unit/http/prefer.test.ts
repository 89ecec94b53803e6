import { expect, test } from 'vitest'
import { preferredReturn } from '../../../lib/http/prefer.ts'
import { workingTime } from '../../support/working-time.ts'

test.each<[string | null, string | undefined]>([
  [null, undefined],
  ['', undefined],
  ['return=minimal', 'minimal'],
  ['return=representation', 'representation'],
  ['Return = "MINIMAL"', 'minimal'],
  ['respond-async, return=minimal; foo="bar"', 'minimal'],
  ['return=minimal, return=representation', 'minimal'],
  ['return=unheard-of, return=minimal', undefined],
  ['return', undefined],
  ['xreturn=minimal', undefined],
  ['handling=lenient, wait=10', undefined],
  [',,, return=representation ,', 'representation'],
  ['return=minimal=representation', undefined],
])('Prefer: %s (RFC 7240 §2, §4.2)', (header, expected) => {
  expect(preferredReturn(header)).toBe(expected)
})

test('a long header is read in linear time', () => {
  const worked = workingTime()
  for (const text of [
    'return='.repeat(50_000),
    `return${' '.repeat(100_000)}`,
    ','.repeat(100_000),
  ]) {
    preferredReturn(text)
  }
  expect(worked()).toBeLessThan(200)
})
