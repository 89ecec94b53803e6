import { describe, expect, test } from 'vitest'
import { namesIgnoringCase, readMessage } from '../../../lib/scim/message.ts'
import { MESSAGE } from '../../../lib/scim/urn.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'

test('members are found without regard to case', () => {
  expect(namesIgnoringCase({ Operations: [], failOnErrors: 1 }).get('failonerrors')).toBe(1)
})

test('a member in two spellings is given twice', async () => {
  const found = await refusalOf(() => namesIgnoringCase({ Operations: [], operations: [1] }))
  expect(said(found)).toBe('invalidSyntax: operations is given twice.')
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

  test('has each name once', async () => {
    expect(
      said(await refusalOf(() => readMessage({ schemas: [urn], SCHEMAS: [urn] }, urn, name))),
    ).toBe('invalidSyntax: SCHEMAS is given twice.')
  })

  test.each([[null], [undefined], ['x'], [[]]])('is not %j', async (body) => {
    expect(said(await refusalOf(() => readMessage(body, urn, name)))).toMatch(
      saying('invalidSyntax', new RegExp(`JSON object.*${name}`)),
    )
  })

  test.each([[['urn:x']], [[7]], ['urn:x']])('is not what has schemas %j', async (schemas) => {
    expect(said(await refusalOf(() => readMessage({ schemas }, urn, name)))).toMatch(
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
  async (body) => {
    const read = (): unknown => readMessage(body, MESSAGE.bulkRequest, 'BulkRequest')
    expect(said(await refusalOf(read))).toMatch(saying('invalidSyntax', /schemas of a BulkRequest/))
  },
)
