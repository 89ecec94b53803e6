import { describe, expect, test } from 'vitest'
import { parseBulk } from '../../../lib/scim/bulk.ts'
import type { JsonObject, JsonValue } from '../../../lib/scim/json.ts'
import { MESSAGE } from '../../../lib/scim/urn.ts'
import { jsonObject } from '../../support/patching.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'

const schemas = [MESSAGE.bulkRequest]
const POST = { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: 'x' } }

/** What is wrong with the only operation of a request. */
function problemWith(operation: JsonValue): string {
  const [received] = parseBulk({ schemas, Operations: [operation] }).operations
  if (received?.problem === undefined) throw new Error('Nothing is wrong.')
  return said(received.problem)
}

describe('the request as a whole', () => {
  test.each([0, -1, null])('never stops with failOnErrors %j', (failOnErrors) => {
    expect(parseBulk({ schemas, Operations: [], failOnErrors })).toEqual({ operations: [] })
  })

  test.each<[string, unknown, RegExp]>([
    ['no object', [], saying('invalidSyntax', /BulkRequest/)],
    ['null', null, saying('invalidSyntax', /BulkRequest/)],
    ['nothing', undefined, saying('invalidSyntax', /BulkRequest/)],
    ['another message', { schemas: [MESSAGE.patchOp] }, saying('invalidSyntax', /BulkRequest/)],
    ['no Operations', { schemas }, saying('invalidSyntax', /Operations.*array/)],
    [
      'one operation',
      { schemas, Operations: POST },
      saying('invalidSyntax', /array, not an object/),
    ],
    [
      'failOnErrors as text',
      { schemas, Operations: [], failOnErrors: '1' },
      saying('invalidValue', /failOnErrors/),
    ],
    [
      'failOnErrors as a fraction',
      { schemas, Operations: [], failOnErrors: 1.5 },
      saying('invalidValue', /failOnErrors/),
    ],
    [
      'failOnErrors beyond all numbers',
      { schemas, Operations: [], failOnErrors: Infinity },
      saying('invalidValue', /failOnErrors/),
    ],
    [
      'a bulkId twice',
      { schemas, Operations: [POST, POST] },
      saying('invalidValue', /bulkId.*unique/),
    ],
    [
      'a bulkId twice, once without need',
      { schemas, Operations: [POST, { method: 'DELETE', path: '/Users/1', bulkId: 'a' }] },
      saying('invalidValue', /bulkId.*unique/),
    ],
    [
      'too many operations',
      { schemas, Operations: Array.from({ length: 1001 }, () => ({})) },
      saying('payloadTooLarge', /1001.*maxOperations, 1000/),
    ],
  ])('is refused: %s', async (_, body, expected) => {
    expect(said(await refusalOf(() => parseBulk(body)))).toMatch(expected)
  })

  test('may have 1000 operations', () => {
    const Operations = Array.from({ length: 1000 }, () => ({}))
    expect(parseBulk({ schemas, Operations }).operations).toHaveLength(1000)
  })

  test.each<[string, JsonObject]>([
    ['as the RFC spells them', { schemas, Operations: [POST], failOnErrors: 3 }],
    ['in another case', { SCHEMAS: schemas, operations: [POST], FailOnErrors: 3 }],
  ])('names of members %s', (_, body) => {
    const { failOnErrors, operations } = parseBulk(body)
    expect(failOnErrors).toBe(3)
    expect(operations).toEqual([{ received: POST, operation: POST }])
  })

  test.each([undefined, null])('failOnErrors %s is none', (failOnErrors) => {
    const body = { schemas, Operations: [], ...(failOnErrors === null ? { failOnErrors } : {}) }
    expect(parseBulk(body)).toEqual({ operations: [] })
  })
})

describe('an operation', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['is kept as it is', POST, POST],
    [
      'has its method in any case',
      { METHOD: 'post', Path: '/Users', bulkid: 'a', Data: { userName: 'x' } },
      POST,
    ],
    [
      'keeps a version',
      { method: 'DELETE', path: '/Users/1', version: 'W/"1"' },
      { method: 'DELETE', path: '/Users/1', version: 'W/"1"' },
    ],
    [
      'needs no data to delete, and keeps what it has',
      { method: 'DELETE', path: '/Users/1', data: { a: 1 } },
      { method: 'DELETE', path: '/Users/1', data: { a: 1 } },
    ],
    [
      'takes null and empty text as nothing',
      { method: 'PUT', path: '/Users/1', bulkId: null, version: '', data: {} },
      { method: 'PUT', path: '/Users/1', data: {} },
    ],
    ['drops what no operation has', { ...POST, status: '200', response: {}, location: 'x' }, POST],
  ])('%s', (_, received, operation) => {
    expect(parseBulk({ schemas, Operations: [received] }).operations).toEqual([
      { received, operation },
    ])
  })

  test.each<[string, JsonValue, RegExp]>([
    ['text', 'POST', saying('invalidSyntax', /object, not a string/)],
    ['null', null, saying('invalidSyntax', /object, not null/)],
    [
      'without a method',
      { path: '/Users' },
      saying('invalidSyntax', /method.*POST, PUT, PATCH, DELETE/),
    ],
    ['GET', { method: 'GET', path: '/Users/1' }, saying('invalidSyntax', /method/)],
    [
      'with a number for a method',
      { method: 7, path: '/Users/1' },
      saying('invalidSyntax', /method/),
    ],
    ['without a path', { method: 'DELETE' }, saying('invalidSyntax', /path/)],
    ['with an empty path', { method: 'DELETE', path: '' }, saying('invalidSyntax', /path/)],
    [
      'with an array for a path',
      { method: 'DELETE', path: ['/Users'] },
      saying('invalidSyntax', /path/),
    ],
    ['POST without bulkId', { ...POST, bulkId: null }, saying('invalidValue', /bulkId.*POST/)],
    ['a number for a bulkId', { ...POST, bulkId: 7 }, saying('invalidSyntax', /bulkId.*a number/)],
    [
      'a number for a version',
      { ...POST, version: 7 },
      saying('invalidSyntax', /version.*a number/),
    ],
    ['POST without data', { ...POST, data: null }, saying('invalidSyntax', /data.*not null/)],
    [
      'PUT with a list',
      { method: 'PUT', path: '/Users/1', data: [] },
      saying('invalidSyntax', /data.*an array/),
    ],
    ['PUT without data', { method: 'PUT', path: '/Users/1' }, saying('invalidSyntax', /data/)],
  ])('that is wrong is reported in its place: %s', (_, operation, expected) => {
    expect(problemWith(operation)).toMatch(expected)
  })

  test('that is wrong stands beside those that are right', () => {
    const { operations } = parseBulk({ schemas, Operations: [{ method: 'GET' }, POST] })
    expect(operations.map(({ operation }) => operation?.method)).toEqual([undefined, 'POST'])
    expect(operations[0]?.received).toEqual({ method: 'GET' })
  })

  test('has only members of its own', () => {
    const operation = jsonObject('{"__proto__":{"method":"DELETE","path":"/Users/1"}}')
    expect(problemWith(operation)).toMatch(saying('invalidSyntax', /method/))
  })
})
