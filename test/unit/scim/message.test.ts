import { describe, expect, test } from 'vitest'
import { namesIgnoringCase, readMessage } from '../../../lib/scim/message.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
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

  test.each<[string, JsonObject]>([
    ['no schemas', {}],
    ['null', { schemas: null }],
    ['none', { schemas: [] }],
    ['a bare URN', { schemas: urn }],
    ['the URN of a draft', { schemas: [`urn:scim:api:messages:2.0:${name}`] }],
    ['another draft', { schemas: [`urn:ietf:params:scim:schemas:core:2.0:${name}`] }],
    ['an unknown URN', { schemas: 'urn:x' }],
    ['another message beside its own', { schemas: [MESSAGE.error, urn] }],
  ])('may have %s', (_, body) => {
    expect(readMessage({ ...body, Count: 1 }, urn, name).get('count')).toBe(1)
  })

  test.each([[MESSAGE.listResponse], [MESSAGE.error.toUpperCase()]])(
    'is not another message, %s',
    async (other) => {
      expect(
        said(await refusalOf(() => readMessage({ schemas: ['urn:x', other] }, urn, name))),
      ).toMatch(
        saying('invalidSyntax', new RegExp(`schemas has "${other}".*a ${name}: \\["${urn}"\\]`)),
      )
    },
  )

  test.each([[[7]], [7], [{}], [[[]]]])('is not what has schemas %j', async (schemas) => {
    expect(said(await refusalOf(() => readMessage({ schemas }, urn, name)))).toMatch(
      saying('invalidSyntax', new RegExp(`URNs, for a ${name} \\["${urn}"\\]`)),
    )
  })
})
