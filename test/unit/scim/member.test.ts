import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonValue } from '../../../lib/scim/json.ts'
import { toMembers } from '../../../lib/scim/member.ts'
import type { Member } from '../../../lib/scim/resource.ts'
import { jsonObject } from '../../support/patching.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'

const USER_ID = '2819c223-7f76-453a-919d-413861904646'
const GROUP_ID = 'acbf3ae7-8463-8692-b4fd-9b4da3f908ce'
const user = (value: string): Member => ({ value, type: 'User' })
const group = (value: string): Member => ({ value, type: 'Group' })

describe('toMembers', () => {
  test.each<[string, JsonValue, readonly Member[]]>([
    ['an array', [{ value: 'a' }, { value: 'b' }], [user('a'), user('b')]],
    ['one object', { value: 'a' }, [user('a')]],
    ['one bare id', 'a', [user('a')]],
    ['bare ids', ['a', 'b'], [user('a'), user('b')]],
    [
      'the same member twice',
      [{ value: 'a' }, 'b', { value: 'a', display: 'A' }],
      [user('a'), user('b')],
    ],
    ['ids that differ in case', ['a', 'A'], [user('a'), user('A')]],
    ['no members', [], []],
    ['empty elements', [{}, null, '', { display: '' }], []],
    [
      'display, $ref and unknown keys',
      [{ value: 'a', display: 'A', $ref: 'x', foo: {} }],
      [user('a')],
    ],
    ['keys in any case', [{ VALUE: 'a', Type: 'Group' }], [group('a')]],
    ['the id of a user', [USER_ID], [user(USER_ID)]],
    ['the id of a group', [GROUP_ID], [group(GROUP_ID)]],
    [
      'the id of a group that is said to be a user',
      [{ value: GROUP_ID, type: 'User' }],
      [group(GROUP_ID)],
    ],
    [
      'the id of a user that is said to be a group',
      [{ value: USER_ID, type: 'Group' }],
      [user(USER_ID)],
    ],
    ['a foreign id that is said to be a group', [{ value: 'g', type: 'Group' }], [group('g')]],
    ['a foreign id of a type in another case', [{ value: 'g', type: 'group' }], [group('g')]],
    ['a foreign id of an unknown type', [{ value: 'g', type: 'Robot' }], [user('g')]],
    [
      'ids that JavaScript knows',
      ['__proto__', 'constructor'],
      [user('__proto__'), user('constructor')],
    ],
  ])('%s', (_, value, members) => {
    expect(toMembers(GROUP, value)).toEqual(members)
  })

  test.each<[string, JsonValue, RegExp]>([
    ['no id', [{ display: 'A' }], saying('invalidValue', /members\.value is missing/)],
    ['a type alone', [{ type: 'User' }], saying('invalidValue', /members\.value/)],
    ['a number for an id', [{ value: 7 }], saying('invalidValue', /members\.value.*the number 7/)],
    ['white space for an id', ' ', saying('invalidValue', /members\.value.*white space/)],
    [
      'an object for an id',
      [{ value: { a: 1 } }],
      saying('invalidValue', /members\.value.*an object/),
    ],
    ['a number', 7, saying('invalidValue', /members.*the number 7 came/)],
    ['a boolean', [true], saying('invalidValue', /members.*the boolean true came/)],
    ['a list in a list', [['a']], saying('invalidValue', /members.*an array/)],
    [
      'an inherited id',
      jsonObject('{"__proto__":{"value":"a"},"display":"x"}'),
      saying('invalidValue', /members\.value/),
    ],
  ])('%s is no member', async (_, value, expected) => {
    expect(said(await refusalOf(() => toMembers(GROUP, value)))).toMatch(expected)
  })
})

test('a resource type without members has none', () => {
  expect(toMembers(USER, [{ value: 'a' }])).toEqual([])
})
