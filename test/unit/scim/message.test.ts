import { expect, test } from 'vitest'
import { membersOf } from '../../../lib/scim/message.ts'
import { refusalOf } from '../../support/refusal.ts'

test('members are found without regard to case', () => {
  expect(membersOf({ Operations: [], failOnErrors: 1 }).get('failonerrors')).toBe(1)
})

test('a member in two spellings is given twice', async () => {
  const refusal = await refusalOf(() => membersOf({ Operations: [], operations: [1] }))
  expect(refusal).toEqual({ kind: 'invalidSyntax', detail: 'operations is given twice.' })
})
