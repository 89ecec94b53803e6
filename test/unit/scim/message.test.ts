import { describe, expect, test } from 'vitest'
import { namesIgnoringCase, readMessage } from '../../../lib/scim/message.ts'
import { MESSAGE } from '../../../lib/scim/urn.ts'
import { refusal, saying } from '../../support/patching.ts'
import { refusalOf } from '../../support/refusal.ts'

test('members are found without regard to case', () => {
  expect(namesIgnoringCase({ Operations: [], failOnErrors: 1 }).get('failonerrors')).toBe(1)
})

test('a member in two spellings is given twice', async () => {
  const found = await refusalOf(() => namesIgnoringCase({ Operations: [], operations: [1] }))
  expect(found).toEqual({ kind: 'invalidSyntax', detail: 'operations is given twice.' })
})

describe.each([
  ['PatchOp', MESSAGE.patchOp],
  ['SearchRequest', MESSAGE.searchRequest],
  ['BulkRequest', MESSAGE.bulkRequest],
])('a %s', (name, urn) => {
  test('is known by its URN in any case, among others', () => {
    const body = { Schemas: ['urn:x', urn.toUpperCase()], Count: 1 }
    expect(readMessage(body, urn, name).get('count')).toBe(1)
  })

  test('has each name once', () => {
    expect(refusal(() => readMessage({ schemas: [urn], SCHEMAS: [urn] }, urn, name))).toBe(
      'invalidSyntax: SCHEMAS is given twice.',
    )
  })

  test.each([[null], [undefined], ['x'], [[]]])('is not %j', (body) => {
    expect(refusal(() => readMessage(body, urn, name))).toMatch(
      saying('invalidSyntax', new RegExp(`JSON object.*${name}`)),
    )
  })

  test.each([[['urn:x']], [[7]], ['urn:x']])('is not what has schemas %j', (schemas) => {
    expect(refusal(() => readMessage({ schemas }, urn, name))).toMatch(
      saying('invalidSyntax', new RegExp(`schemas of a ${name} must be \\["${urn}"\\]`)),
    )
  })
})

const WITHOUT_OWN_LIST = [{}, { schemas: null }, { schemas: [] }]

test('a PatchOp may lack schemas, or have them empty or bare', () => {
  const bodies = [...WITHOUT_OWN_LIST, { schemas: MESSAGE.patchOp }]
  expect(bodies.map((body) => readMessage(body, MESSAGE.patchOp, 'PatchOp').size)).toEqual([
    0, 1, 1, 1,
  ])
})

test.each([...WITHOUT_OWN_LIST, { schemas: MESSAGE.bulkRequest }])(
  'other messages may not: %j',
  (body) => {
    const read = (): unknown => readMessage(body, MESSAGE.bulkRequest, 'BulkRequest')
    expect(refusal(read)).toMatch(saying('invalidSyntax', /schemas of a BulkRequest/))
  },
)
