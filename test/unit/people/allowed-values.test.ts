import { expect, test } from 'vitest'
import { checkAllowedValues } from '../../../lib/people/allowed-values.ts'
import type { DefinableType } from '../../../lib/scim/attribute-definition.ts'
import { refusalOf, said } from '../../support/refusal.ts'

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `v${i}`)

test.each<[DefinableType, readonly string[]]>([
  ['boolean', []],
  ['string', ['Junior', 'Größer als alle', '1']],
  ['string', many(200)],
  ['string', ['x'.repeat(200)]],
  ['integer', ['1', '-2', '0']],
  ['decimal', ['1', '0.5', '-2.25']],
])('%s takes %j', (type, values) => {
  expect(() => {
    checkAllowedValues(type, values)
  }).not.toThrow()
})

const RIGHT = 'of 1 to 200 characters with no white space around them'

test.each<[DefinableType, readonly string[], string]>([
  [
    'dateTime',
    ['2026-01-01T00:00:00Z'],
    'only attributes of the types string, integer, decimal have allowedValues, not dateTime',
  ],
  ['string', many(201), 'allowedValues may have at most 200 values; 201 came'],
  ['string', ['a', ''], `allowedValues[1] must be printable text, ${RIGHT}`],
  ['string', [' a'], `allowedValues[0] must be printable text, ${RIGHT}`],
  ['string', ['a\nb'], `allowedValues[0] must be printable text, ${RIGHT}`],
  ['string', ['x'.repeat(201)], `allowedValues[0] must be printable text, ${RIGHT}`],
  ['string', ['a', 'A'], 'allowedValues[1] is there twice; case is ignored'],
  ['integer', ['1.5'], `allowedValues[0] must be a whole number, as text, ${RIGHT}`],
  ['integer', ['9007199254740993'], `allowedValues[0] must be a whole number, as text, ${RIGHT}`],
  ['decimal', ['one'], `allowedValues[0] must be a number, as text, ${RIGHT}`],
  ['decimal', ['1', '1.0'], 'allowedValues[1] is there twice; case is ignored'],
])('%s does not take %j', async (type, values, told) => {
  const refusal = await refusalOf(() => {
    checkAllowedValues(type, values)
  })
  expect(said(refusal)).toBe(`invalidValue: ${told}`)
})
