import { describe, expect, test } from 'vitest'
import { listResponse, parsePaging } from '../../../lib/scim/list.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'

describe('parsePaging', () => {
  test.each<[unknown, number]>([
    [undefined, 1],
    [null, 1],
    ['', 1],
    ['1', 1],
    ['11', 11],
    [' 7 ', 7],
    ['+7', 7],
    ['007', 7],
    [7, 7],
    ['0', 1],
    ['-5', 1],
    [-5, 1],
    [0, 1],
    ['999999999999999', 999_999_999_999_999],
    ['99999999999999999999', Number.MAX_SAFE_INTEGER],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
    [2 ** 53, Number.MAX_SAFE_INTEGER],
    ['-99999999999999999999', 1],
  ])('startIndex %j is %j', (startIndex, expected) => {
    expect(parsePaging({ startIndex }).startIndex).toBe(expected)
  })

  test.each<[unknown, number]>([
    [undefined, 100],
    [null, 100],
    ['', 100],
    ['0', 0],
    ['-1', 0],
    [-1, 0],
    ['3', 3],
    [1000, 1000],
    ['1001', 1000],
    ['99999999999999999999', 1000],
    [100_000, 1000],
  ])('count %j is %j', (count, expected) => {
    expect(parsePaging({ count }).count).toBe(expected)
  })

  test.each<unknown>([
    'abc',
    '1.5',
    '1e3',
    '0x10',
    '1 2',
    '--1',
    '٣',
    1.5,
    Number.NaN,
    Infinity,
    true,
    [1],
    {},
  ])('%j is no number of resources', async (value) => {
    expect(said(await refusalOf(() => parsePaging({ startIndex: value })))).toMatch(
      saying('invalidValue', /startIndex.*whole number/),
    )
    expect(said(await refusalOf(() => parsePaging({ count: value })))).toMatch(
      saying('invalidValue', /count.*whole number/),
    )
  })
})

describe('listResponse', () => {
  test('says how many there are and how many came', () => {
    expect(listResponse({ totalResults: 7, startIndex: 3, itemsPerPage: 2 }, ['a', 'b'])).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 7,
      startIndex: 3,
      itemsPerPage: 2,
      Resources: ['a', 'b'],
    })
  })

  test('has Resources when there are none', () => {
    expect(listResponse({ totalResults: 0, startIndex: 1, itemsPerPage: 0 }, [])).toMatchObject({
      itemsPerPage: 0,
      Resources: [],
    })
  })
})
