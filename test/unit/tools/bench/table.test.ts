import { expect, test } from 'vitest'
import { formatNumber, formatTable } from '../../../../tools/bench/table.ts'

test('columns are as wide as their widest cell, numbers to the right', () => {
  const columns = [{ title: 'what' }, { title: 'ms', align: 'right' }] as const
  expect(
    formatTable(columns, [
      ['read all', '1'],
      ['add', '12,345'],
    ]),
  ).toBe(
    [
      '| what     |     ms |',
      '| -------- | -----: |',
      '| read all |      1 |',
      '| add      | 12,345 |',
    ].join('\n'),
  )
})

test.each([
  [1234567, '1,230,000'],
  [0.123456, '0.123'],
  [42, '42'],
])('%d is %s', (value, expected) => {
  expect(formatNumber(value)).toBe(expected)
})
