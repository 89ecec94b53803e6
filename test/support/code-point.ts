import fc from 'fast-check'

const SURROGATES = { first: 0xd800, last: 0xdfff } as const
const SURROGATE_COUNT = SURROGATES.last - SURROGATES.first + 1

/**
 * Every code point that is no half of a pair, drawn and shrunk as by `unit: 'binary'`, which fills a table of all of them
 * first: a second in each process.
 */
export const codePoint: fc.Arbitrary<string> = fc
  .nat({ max: 0x10ffff - SURROGATE_COUNT })
  .map(
    (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATE_COUNT),
    indexOf,
  )

/** @throws Error when the value is another, as fast-check expects of it */
function indexOf(value: unknown): number {
  const code = typeof value === 'string' ? (value.codePointAt(0) ?? NaN) : NaN
  if (value !== String.fromCodePoint(code)) throw new Error('It is not one code point.')
  if (code < SURROGATES.first) return code
  if (code <= SURROGATES.last) throw new Error('It is half of a pair.')
  return code - SURROGATE_COUNT
}
