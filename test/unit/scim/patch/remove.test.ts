import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { GROUP } from '../../../../lib/scim/default-resource-types.ts'
import { ENTERPRISE, GUARDED_URN, GUARDED_USER, patched } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'
import { TYPED_URN } from '../../../support/typed-attributes.ts'

const user = { userName: 'bjensen' }
const home = { value: 'h@example.com', type: 'home' }
const work = { value: 'w@example.com', display: 'W', type: 'work', primary: true }
const address = { locality: 'L', region: 'R', type: 'work' }

/** What the attributes beside userName become. */
function removed(before: JsonObject, path: string, value?: JsonValue): JsonObject {
  const operation = value === undefined ? { op: 'remove', path } : { op: 'remove', path, value }
  const { userName: _, ...others } = patched(GUARDED_USER, { ...user, ...before }, operation)
  return others
}

test.each<[name: string, before: JsonObject, path: string, after: JsonObject]>([
  ['a single value', { title: 'T', nickName: 'N' }, 'title', { nickName: 'N' }],
  ['what is not there', { nickName: 'N' }, 'title', { nickName: 'N' }],
  ['a complex value', { name: { givenName: 'A' } }, 'name', {}],
  [
    'a part',
    { name: { givenName: 'A', familyName: 'B' } },
    'name.givenName',
    { name: { familyName: 'B' } },
  ],
  ['the last part', { name: { givenName: 'A' } }, 'name.givenName', {}],
  ['a part of nothing', {}, 'name.givenName', {}],
  ['all values', { emails: [home, work] }, 'emails', {}],
  ['the values that match', { emails: [home, work] }, 'emails[type eq "work"]', { emails: [home] }],
  ['the last value', { emails: [work] }, 'emails[type eq "work"]', {}],
  ['no match', { emails: [home] }, 'emails[type eq "work"]', { emails: [home] }],
  ['no match of a part', { emails: [home] }, 'emails[type eq "work"].value', { emails: [home] }],
  [
    'no match of any filter',
    { emails: [home] },
    'emails[value co "zz" or not (type pr)]',
    { emails: [home] },
  ],
  ['no values', {}, 'emails[type eq "work"]', {}],
  [
    'a part of those that match',
    { addresses: [address] },
    'addresses[type eq "work"].region',
    { addresses: [{ locality: 'L', type: 'work' }] },
  ],
  [
    'the value of those that match',
    { emails: [home, work] },
    'emails[type eq "work"].value',
    { emails: [home] },
  ],
  [
    'a label',
    { emails: [home] },
    'emails[type eq "home"].type',
    { emails: [{ value: home.value }] },
  ],
  [
    'a part of every value',
    { emails: [home, work] },
    'emails.display',
    { emails: [home, { value: work.value, type: 'work', primary: true }] },
  ],
  [
    'simple values that match',
    { [TYPED_URN]: { tags: ['a', 'b'] } },
    `${TYPED_URN}:tags[value eq "A"]`,
    { [TYPED_URN]: { tags: ['b'] } },
  ],
  [
    'an attribute of an extension',
    { [ENTERPRISE]: { department: 'D', division: 'V' } },
    `${ENTERPRISE}:department`,
    { [ENTERPRISE]: { division: 'V' } },
  ],
  ['the last of an extension', { [ENTERPRISE]: { department: 'D' } }, 'department', {}],
  [
    'a whole extension',
    { [ENTERPRISE]: { department: 'D', manager: { value: 'm' } } },
    ENTERPRISE,
    {},
  ],
  ['an extension that is not there', { title: 'T' }, ENTERPRISE, { title: 'T' }],
  ['manager', { [ENTERPRISE]: { manager: { value: 'm' } } }, 'manager', {}],
  [
    'an issued $ref',
    { [ENTERPRISE]: { manager: { value: 'm' } } },
    'manager.$ref',
    { [ENTERPRISE]: { manager: { value: 'm' } } },
  ],
  [
    'an unset immutable attribute',
    { [GUARDED_URN]: { grade: 'A' } },
    `${GUARDED_URN}:origin`,
    { [GUARDED_URN]: { grade: 'A' } },
  ],
  ['a password', {}, 'password', {}],
])('%s', (_, before, path, after) => {
  expect(removed(before, path)).toEqual(after)
})

describe('with a value', () => {
  test.each<[name: string, before: JsonObject, path: string, value: JsonValue, after: JsonObject]>([
    [
      'behind a filter it is ignored',
      { emails: [home, work] },
      'emails[type eq "work"].value',
      'u@x',
      { emails: [home] },
    ],
    [
      'behind a filter without part',
      { emails: [home, work] },
      'emails[type eq "work"]',
      [home],
      { emails: [home] },
    ],
    ['of a single value it is ignored', { title: 'T' }, 'title', 'other', {}],
    [
      'of manager it is ignored',
      { [ENTERPRISE]: { manager: { value: 'm' } } },
      'manager',
      [{ value: 'other' }],
      {},
    ],
    [
      'the listed one',
      { emails: [home, work] },
      'emails',
      [{ value: home.value }],
      { emails: [work] },
    ],
    ['one object', { emails: [home, work] }, 'emails', { value: home.value }, { emails: [work] }],
    ['one bare value', { emails: [home, work] }, 'emails', home.value, { emails: [work] }],
    ['bare values', { emails: [home, work] }, 'emails', [home.value, work.value], {}],
    ['in another case', { emails: [home] }, 'emails', [{ value: 'H@EXAMPLE.com' }], {}],
    [
      'with its type',
      { emails: [home, { ...home, type: 'other' }] },
      'emails',
      [home],
      { emails: [{ ...home, type: 'other' }] },
    ],
    [
      'without type: all of that value',
      { emails: [home, { ...home, type: 'other' }] },
      'emails',
      { value: home.value },
      {},
    ],
    ['with a type the element lacks', { emails: [{ value: home.value }] }, 'emails', [home], {}],
    [
      'without value: the whole element',
      { addresses: [address, { locality: 'L' }] },
      'addresses',
      [address],
      { addresses: [{ locality: 'L' }] },
    ],
    ['one that is not there', { emails: [home] }, 'emails', [work], { emails: [home] }],
    ['an empty list', { emails: [home] }, 'emails', [], { emails: [home] }],
    ['null is none', { emails: [home] }, 'emails', null, {}],
    [
      'simple values',
      { [TYPED_URN]: { tags: ['a', 'b', 'c'] } },
      `${TYPED_URN}:tags`,
      ['B', 'c'],
      { [TYPED_URN]: { tags: ['a'] } },
    ],
  ])('%s', (_, before, path, value, after) => {
    expect(removed(before, path, value)).toEqual(after)
  })

  const group = {
    displayName: 'G',
    members: ['a', 'b', 'c'].map((value) => ({ value, type: 'User' })),
  }
  test.each<[name: string, value: JsonValue, left: readonly string[]]>([
    ['objects', [{ $ref: null, value: 'a' }, { value: 'c' }], ['b']],
    ['with display and type', [{ value: 'a', display: 'Ann', type: 'User' }], ['b', 'c']],
    ['bare ids', ['a', 'b'], ['c']],
    ['ids are case exact', ['A'], ['a', 'b', 'c']],
  ])('members: %s', (_, value, left) => {
    expect(patched(GROUP, group, { op: 'remove', path: 'members', value })).toEqual({
      displayName: 'G',
      members: left.map((id) => ({ value: id, type: 'User' })),
    })
  })

  test('of another type is refused', async () => {
    expect(said(await refusalOf(() => removed({ emails: [home] }, 'emails', [7])))).toMatch(
      saying('invalidValue', /emails\[0\] must be an object/),
    )
  })
})

test('an immutable part goes with its element', () => {
  const group = { displayName: 'G', members: [{ value: 'a' }, { value: 'b' }] }
  expect(patched(GROUP, group, { op: 'remove', path: 'members[value eq "a"]' })).toEqual({
    displayName: 'G',
    members: [{ value: 'b' }],
  })
  expect(patched(GROUP, group, { op: 'remove', path: 'members' })).toEqual({ displayName: 'G' })
})

test.each<[name: string, path: string, detail: RegExp]>([
  ['required', 'userName', /userName is required and cannot be removed/],
  ['required in an extension', `${GUARDED_URN}:grade`, /grade is required/],
  ['an extension with a required attribute', GUARDED_URN, /is (required|immutable)/],
  ['a required part', `${GUARDED_URN}:rooms[number eq 1].number`, /rooms\.number is required/],
  ['immutable', `${GUARDED_URN}:origin`, /origin is immutable/],
  ['an immutable part', `${GUARDED_URN}:badge.serial`, /badge\.serial is immutable/],
  ['a value with an immutable part', `${GUARDED_URN}:badge`, /badge\.serial is immutable/],
  ['id', 'id', /id is readOnly/],
  ['meta', 'meta', /meta is readOnly/],
  ['groups', 'groups', /groups is readOnly/],
  ['some of groups', 'groups[value eq "g"]', /groups is readOnly/],
  ['a readOnly part', 'manager.displayName', /manager\.displayName is readOnly/],
])('%s: mutability', async (_, path, detail) => {
  const before = {
    [GUARDED_URN]: { grade: 'A', origin: 'x', badge: { serial: '1' }, rooms: [{ number: 1 }] },
  }
  expect(said(await refusalOf(() => removed(before, path)))).toMatch(saying('mutability', detail))
})

test('the displayName of a group is required', async () => {
  const group = { displayName: 'G' }
  const operation = { op: 'remove', path: 'displayName' }
  expect(said(await refusalOf(() => patched(GROUP, group, operation)))).toMatch(
    saying('mutability', /displayName is required/),
  )
})

test.each([
  ['no path', { op: 'remove' }, 'noTarget', /needs a path/],
  ['no path, with a value', { op: 'remove', value: { title: 'x' } }, 'noTarget', /needs a path/],
  [
    'no path, with keys that are paths',
    { op: 'remove', value: { 'name.givenName': 'x' } },
    'noTarget',
    /needs a path/,
  ],
  ['unknown', { op: 'remove', path: 'bogus' }, 'invalidPath', /bogus/],
])('%s: refused', async (_, operation, kind, detail) => {
  expect(said(await refusalOf(() => patched(GUARDED_USER, user, operation)))).toMatch(
    saying(kind, detail),
  )
})
