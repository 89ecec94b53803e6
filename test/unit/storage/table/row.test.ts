import { expect, test } from 'vitest'
import { UnreadableRow } from '../../../../lib/storage/unreadable-row.ts'
import { invitationIn } from '../../../../lib/storage/table/invitation-column.ts'
import { counterIn } from '../../../../lib/storage/table/counters.ts'
import { levelsIn } from '../../../../lib/storage/table/level-columns.ts'
import {
  filled,
  optionalDate,
  optionalText,
  parsedJson,
  text,
  type Row,
} from '../../../../lib/storage/table/row.ts'

const VALUE = 'ada@example.com'

const READERS: Readonly<Record<string, (row: Row) => unknown>> = {
  text: (row) => text(row, 'it'),
  optionalText: (row) => optionalText(row, 'it'),
  filled: (row) => filled(row, 'it'),
  optionalDate: (row) => optionalDate(row, 'it'),
  parsedJson: (row) => parsedJson(row, 'it', String(row['it'])),
  invitationIn: (row) => invitationIn({ ...row, invitation: row['it'] }),
  counterIn: (row) => counterIn({ ...row, etag: 'e', count: row['it'] }),
  levelsIn: (row) => levelsIn({ ...row, json0: row['it'] }),
}

test.each([
  ['text', 7],
  ['text', undefined],
  ['optionalText', 7],
  ['filled', true],
  ['optionalDate', VALUE],
  ['optionalDate', 7n],
  ['parsedJson', `{"userName":"${VALUE}"`],
  ['invitationIn', VALUE],
  ['invitationIn', 7],
  ['counterIn', 12n],
  ['counterIn', '12'],
  ['levelsIn', `{"userName":"${VALUE}"`],
])('%s refuses what is no such thing: %s', (reader, it) => {
  const row = { partitionKey: 'acme_1', rowKey: 'user:1', it }
  let error: unknown
  try {
    READERS[reader]?.(row)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(UnreadableRow)
  expect(String(error)).toMatch(/the row user 1 of acme_1 has no .* in its column/)
  expect(String(error)).not.toContain('ada@')
  expect(error).not.toHaveProperty('cause')
})
