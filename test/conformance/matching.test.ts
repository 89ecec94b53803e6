import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../lib/scim/json.ts'
import { equals, includes, valuesAt } from './matching.ts'

const USER = {
  userName: 'a',
  active: true,
  'name.givenName': 'literal',
  emails: [
    { type: 'work', value: 'w', primary: true },
    { type: 'home', value: 'h' },
  ],
  'urn:x:2.0:User': { department: 'D' },
}

describe('includes', () => {
  test.each<[string, JsonValue, boolean]>([
    ['a member', { userName: 'a' }, true],
    ['a missing member', { title: 'a' }, false],
    ['any element of an array', { emails: [{ type: 'home' }] }, true],
    ['an element with a wrong part', { emails: [{ type: 'home', value: 'w' }] }, false],
    ['a string for a boolean', { active: 'true' }, false],
    ['an empty array for a full one', { emails: [] }, false],
    ['an inherited member', { constructor: {} }, false],
  ])('%s', (_, expected, result) => {
    expect(includes(USER, expected)).toBe(result)
  })
})

describe('equals', () => {
  test.each<[string, JsonValue, JsonValue, boolean]>([
    ['members in another order', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ['one member more', { a: 1, b: 2 }, { a: 1 }, false],
    ['one element more', [1, 2], [1], false],
    ['elements in another order', [1, 2], [2, 1], false],
    ['a number as a string', { a: 1 }, { a: '1' }, false],
  ])('%s', (_, actual, expected, result) => {
    expect(equals(actual, expected)).toBe(result)
  })
})

describe('valuesAt', () => {
  test.each<[string, readonly JsonValue[]]>([
    ['', [USER]],
    ['/userName', ['a']],
    ['/name.givenName', ['literal']],
    ['/emails/1/type', ['home']],
    ['/emails/*/primary', [true]],
    ['/emails/2', []],
    ['/urn:x:2.0:User/department', ['D']],
    ['/toString', []],
  ])('%s', (pointer, values) => {
    expect(valuesAt(USER, pointer)).toEqual(values)
  })
})
