import { expect, test } from 'vitest'
import { UnreadableRow } from '../../../lib/storage/unreadable-row.ts'
import { ROW_FAMILIES } from '../../support/row-families.ts'

const partitionKey = 'acme_1'

/** The rest of their keys holds what somebody, or something that somebody has named, is called. */
const HOLDING_VALUES: ReadonlySet<string> = new Set([
  'entra',
  'key',
  'teamname',
  ...Object.entries(ROW_FAMILIES).flatMap(([family, { of }]) =>
    of === 'index' && family !== 'count' && family !== 'entra' ? [family] : [],
  ),
])

test.each(Object.keys(ROW_FAMILIES))('a row of %s is named without a value', (family) => {
  const row = { partitionKey, rowKey: `${family}:ada@example.com`, id: '42' }
  const { message, about } = new UnreadableRow(row, 'json0', 'JSON')
  const isOfValue = HOLDING_VALUES.has(family)
  expect(message).toBe(
    `the row ${family} ${isOfValue ? '42' : 'ada@example.com'} of acme_1 has no JSON in its column json0`,
  )
  expect(about).toBe(isOfValue ? '42' : 'ada@example.com')
})

test('a row of an index that no layout of today has is named by its id alone', () => {
  const row = { partitionKey, rowKey: 'nickname:ada:42', id: '42' }
  expect(new UnreadableRow(row, 'value', 'text').message).not.toContain('ada')
})

test.each([7, 'ada lovelace', 'ada/lovelace', undefined])(
  'an id that can be none is left out: %s',
  (id) => {
    const error = new UnreadableRow({ partitionKey, rowKey: 'userName:ada', id }, 'id', 'text')
    expect(error.message).toBe('the row userName of acme_1 has no text in its column id')
    expect(error.about).toBeUndefined()
  },
)

test('of a row without its key the column is named', () => {
  const error = new UnreadableRow({}, 'memberId', 'text')
  expect(error.message).toBe('the row has no text in its column memberId')
})

test('one among others that begin alike is named by that', () => {
  const error = new UnreadableRow({}, 'memberId', 'text').among(partitionKey, 'member:42:')
  expect(error.message).toBe('the row member 42 of acme_1 has no text in its column memberId')
  expect(error).toMatchObject({ family: 'member', about: '42', column: 'memberId' })
})
