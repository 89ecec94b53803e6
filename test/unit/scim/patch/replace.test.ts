import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { GROUP } from '../../../../lib/scim/default-resource-types.ts'
import {
  ENTERPRISE,
  GUARDED_URN,
  GUARDED_USER,
  jsonObject,
  patched,
} from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'
import { TYPED_URN } from '../../../support/typed-attributes.ts'

const user = { userName: 'bjensen' }
const home = { value: 'h@example.com', type: 'home' }
const work = { value: 'w@example.com', display: 'W', type: 'work', primary: true }

/** What the attributes beside userName become. */
function replaced(before: JsonObject, path: string, value: JsonValue): JsonObject {
  const operation = { op: 'replace', path, value }
  const { userName: _, ...others } = patched(GUARDED_USER, { ...user, ...before }, operation)
  return others
}

test('userName itself', () => {
  expect(patched(GUARDED_USER, user, { op: 'replace', path: 'userName', value: 'ann' })).toEqual({
    userName: 'ann',
  })
})

describe('a single value', () => {
  test.each<[name: string, before: JsonObject, path: string, value: JsonValue, after: JsonObject]>([
    ['present', { title: 'Clerk' }, 'title', 'Boss', { title: 'Boss' }],
    ['absent: as add', {}, 'title', 'Boss', { title: 'Boss' }],
    ['false', { active: true }, 'active', false, { active: false }],
    ['a boolean as text', { active: true }, 'active', 'False', { active: false }],
    ['an array of a boolean as text', { active: true }, 'active', ['False'], { active: false }],
    ['an array of a value', { title: 'Clerk' }, 'title', [{ value: 'Boss' }], { title: 'Boss' }],
    ['null', { title: 'Clerk' }, 'title', null, {}],
    ['an empty text', { title: 'Clerk' }, 'title', '', {}],
    ['an empty array', { title: 'Clerk' }, 'title', [], {}],
    ['null where nothing is', {}, 'title', null, {}],
    ['externalId', { externalId: 'a' }, 'externalId', 'A', { externalId: 'A' }],
    ['a password is checked, not kept', {}, 'password', 'secret', {}],
  ])('%s', (_, before, path, value, after) => {
    expect(replaced(before, path, value)).toEqual(after)
  })
})

describe('a complex value', () => {
  const name = { familyName: 'J', givenName: 'B' }
  test.each<[name: string, path: string, value: JsonValue, after: JsonObject]>([
    [
      'parts not named stay',
      'name',
      { givenName: 'C' },
      { name: { familyName: 'J', givenName: 'C' } },
    ],
    ['a part null', 'name', { givenName: null }, { name: { familyName: 'J' } }],
    ['a part in an array', 'name.givenName', ['C'], { name: { familyName: 'J', givenName: 'C' } }],
    [
      'parts in arrays',
      'name',
      { givenName: ['C'] },
      { name: { familyName: 'J', givenName: 'C' } },
    ],
    ['all parts empty', 'name', { givenName: '', familyName: null }, {}],
    [
      'unknown parts beside a known one',
      'name',
      jsonObject('{ "nick": "x", "__proto__": { "givenName": "x" }, "givenName": "C" }'),
      { name: { familyName: 'J', givenName: 'C' } },
    ],
    ['null', 'name', null, {}],
    ['an empty object', 'name', {}, {}],
    ['a part', 'name.givenName', 'C', { name: { familyName: 'J', givenName: 'C' } }],
    ['a part unassigned', 'name.givenName', '', { name: { familyName: 'J' } }],
  ])('%s', (_, path, value, after) => {
    expect(replaced({ name }, path, value)).toEqual(after)
  })

  test.each<[name: string, path: string, value: JsonValue]>([
    ['an empty text', `${ENTERPRISE}:manager`, ''],
    ['null', 'manager', null],
    ['an empty id', `${ENTERPRISE}:manager`, { value: '' }],
    ['an id null', 'manager', { value: null, $ref: null }],
    ['an empty id in an array', 'manager', [{ value: '' }]],
    ['an empty array', 'manager', []],
    ['its value', 'manager.value', ''],
  ])('manager is cleared by %s, and the container goes when nothing is left', (_, path, value) => {
    expect(replaced({ [ENTERPRISE]: { manager: { value: 'm' } } }, path, value)).toEqual({})
    const others = { department: 'D' }
    const before = { [ENTERPRISE]: { ...others, manager: { value: 'm' } } }
    expect(replaced(before, path, value)).toEqual({ [ENTERPRISE]: others })
  })
})

describe('a multi-valued attribute', () => {
  test.each<[name: string, value: JsonValue, after: JsonObject]>([
    ['all values', [{ value: 'x@y' }], { emails: [{ value: 'x@y' }] }],
    ['one object', { value: 'x@y' }, { emails: [{ value: 'x@y' }] }],
    ['an empty array', [], {}],
    ['null', null, {}],
    ['duplicates', [home, { ...home, value: 'H@EXAMPLE.COM' }], { emails: [home] }],
    [
      'of two primary ones the first is',
      [
        { value: 'a', primary: true },
        { value: 'b', primary: true },
      ],
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: false },
        ],
      },
    ],
  ])('%s', (_, value, after) => {
    expect(replaced({ emails: [home, work] }, 'emails', value)).toEqual(after)
  })

  test('a part of every element', () => {
    expect(replaced({ emails: [home, work] }, 'emails.display', 'x')).toEqual({
      emails: [
        { ...home, display: 'x' },
        { ...work, display: 'x' },
      ],
    })
    expect(replaced({}, 'emails.value', 'x@y')).toEqual({ emails: [{ value: 'x@y' }] })
    expect(replaced({}, 'emails.value', '')).toEqual({})
  })
})

describe('elements that match a filter', () => {
  test.each<[name: string, path: string, value: JsonValue, emails: readonly JsonObject[]]>([
    ['a part', 'emails[type eq "work"].value', 'n@x', [home, { ...work, value: 'n@x' }]],
    ['by primary', 'emails[primary eq true].value', 'n@x', [home, { ...work, value: 'n@x' }]],
    [
      'by primary as text',
      'emails[primary eq "True"].value',
      'n@x',
      [home, { ...work, value: 'n@x' }],
    ],
    [
      'by type in another case',
      'emails[TYPE eq "WORK"].value',
      'n@x',
      [home, { ...work, value: 'n@x' }],
    ],
    [
      'parts not named stay',
      'emails[type eq "work"]',
      { value: 'n@x' },
      [home, { ...work, value: 'n@x' }],
    ],
    ['null', 'emails[type eq "work"]', null, [home]],
    ['an empty object', 'emails[type eq "work"]', {}, [home]],
    ['only labels left', 'emails[type eq "work"].value', '', [home]],
    ['only labels left by parts', 'emails[type eq "work"]', { value: null }, [home]],
    ['type', 'emails[type eq "work"].type', 'other', [home, { ...work, type: 'other' }]],
    [
      'several',
      'emails[value pr].display',
      'x',
      [
        { ...home, display: 'x' },
        { ...work, display: 'x' },
      ],
    ],
    ['primary stays', 'emails[type eq "work"].primary', true, [home, work]],
    [
      'primary moves',
      'emails[type eq "home"].primary',
      'True',
      [
        { ...home, primary: true },
        { ...work, primary: false },
      ],
    ],
    [
      'primary moves with parts',
      'emails[type eq "home"]',
      { primary: true },
      [
        { ...home, primary: true },
        { ...work, primary: false },
      ],
    ],
    ['made', 'emails[type eq "other"].value', 'o@x', [home, work, { value: 'o@x', type: 'other' }]],
    [
      'made by two conditions',
      'emails[type eq "other" and display eq "O"].value',
      'o@x',
      [home, work, { value: 'o@x', display: 'O', type: 'other' }],
    ],
    ['not made to be cleared', 'emails[type eq "other"].value', '', [home, work]],
    ['not made of nothing', 'emails[type eq "other"]', { value: null }, [home, work]],
    ['not made of labels alone', 'emails[type eq "other"].primary', true, [home, work]],
  ])('%s', (_, path, value, emails) => {
    expect(replaced({ emails: [home, work] }, path, value)).toEqual({ emails })
  })

  test('elements that become the same are one', () => {
    const emails = [
      { value: 'a', type: 'work' },
      { value: 'b', type: 'work', primary: true },
    ]
    expect(replaced({ emails }, 'emails[type eq "work"].value', 'c')).toEqual({
      emails: [{ value: 'c', type: 'work', primary: true }],
    })
  })

  test.each<[name: string, emails: readonly JsonObject[], primary: readonly unknown[]]>([
    ['the one that was stays', [home, work, { value: 'o' }], [false, true, false]],
    ['else the first is', [home, { value: 'o' }], [true, false]],
  ])('of several that are made primary %s, twice over', (_, emails, primary) => {
    const path = 'emails[value pr].primary'
    const once = replaced({ emails }, path, true)
    const values = Array.isArray(once['emails']) ? once['emails'] : []
    expect(values).toMatchObject(primary.map((each) => ({ primary: each })))
    expect(replaced(once, path, true)).toEqual(once)
  })

  test('roles[primary eq "True"] is made with primary true', () => {
    expect(replaced({}, 'roles[primary eq "True"].value', 'Admin')).toEqual({
      roles: [{ value: 'Admin', primary: true }],
    })
  })

  test('several operations on one filter make one element, whatever comes first', () => {
    const parts = ['primary', 'locality', 'country'] as const
    const operations = parts.map((part) => ({
      op: 'replace',
      path: `addresses[type eq "work"].${part}`,
      value: part === 'primary' ? true : part,
    }))
    expect(patched(GUARDED_USER, user, ...operations)).toEqual({
      ...user,
      addresses: [{ locality: 'locality', country: 'country', type: 'work', primary: true }],
    })
  })

  test('a value cleared and set again keeps its labels', () => {
    const operations = ['', 'n'].map((value) => ({
      op: 'replace',
      path: 'emails[type eq "work"].value',
      value,
    }))
    expect(patched(GUARDED_USER, { ...user, emails: [work] }, ...operations)).toEqual({
      ...user,
      emails: [{ value: 'n', type: 'work', primary: true }],
    })
  })

  test('an element made for a filter does not take primary before it has a value', () => {
    const emails = [{ ...home, primary: true }]
    const primary = { op: 'replace', path: 'emails[type eq "work"].primary', value: true }
    expect(patched(GUARDED_USER, { ...user, emails }, primary)).toEqual({ ...user, emails })
    const value = { op: 'replace', path: 'emails[type eq "work"].value', value: 'w' }
    expect(patched(GUARDED_USER, { ...user, emails }, primary, value)).toEqual({
      ...user,
      emails: [
        { ...home, primary: false },
        { value: 'w', type: 'work', primary: true },
      ],
    })
  })

  test('an address keeps its other parts', () => {
    const addresses = [{ streetAddress: 'S', locality: 'L', type: 'work' }]
    expect(replaced({ addresses }, 'addresses[type eq "work"].streetAddress', '')).toEqual({
      addresses: [{ locality: 'L', type: 'work' }],
    })
  })

  test('simple values', () => {
    const tags = `${TYPED_URN}:tags`
    const before = { [TYPED_URN]: { tags: ['a', 'b', 'c'] } }
    expect(replaced(before, tags, ['x', 'x'])).toEqual({ [TYPED_URN]: { tags: ['x'] } })
    expect(replaced(before, `${tags}[value eq "a"]`, 'c')).toEqual({
      [TYPED_URN]: { tags: ['c', 'b'] },
    })
    expect(replaced(before, `${tags}[value sw "b"]`, null)).toEqual({
      [TYPED_URN]: { tags: ['a', 'c'] },
    })
  })
})

test.each([null, ''])('$ref %j without an id says nothing about manager', ($ref) => {
  const before = { [ENTERPRISE]: { manager: { value: 'm' } } }
  expect(replaced(before, 'manager', { $ref })).toEqual(before)
})

test.each<[name: string, path: string, value: JsonValue, kind: string, detail: RegExp]>([
  [
    'userName, null',
    'userName',
    null,
    'invalidValue',
    /userName is required and must not be empty/,
  ],
  ['userName, empty', 'userName', '', 'invalidValue', /userName is required/],
  [
    'a required part',
    `${GUARDED_URN}:rooms[floor eq "1"].number`,
    null,
    'invalidValue',
    /rooms\.number is required/,
  ],
  [
    'a required attribute of an extension',
    `${GUARDED_URN}:grade`,
    '',
    'invalidValue',
    /grade is required/,
  ],
  ['immutable', `${GUARDED_URN}:origin`, 'there', 'mutability', /origin is immutable/],
  ['immutable, null', `${GUARDED_URN}:origin`, null, 'mutability', /origin is immutable/],
  ['immutable values', `${GUARDED_URN}:marks`, ['b'], 'mutability', /marks is immutable/],
  [
    'an immutable part',
    `${GUARDED_URN}:badge.serial`,
    '2',
    'mutability',
    /badge\.serial is immutable/,
  ],
  [
    'a whole with an immutable part',
    `${GUARDED_URN}:badge`,
    null,
    'mutability',
    /badge\.serial is immutable/,
  ],
  ['id', 'id', 'x', 'mutability', /id is readOnly/],
  [
    'meta.created',
    'meta.created',
    '2020-01-01T00:00:00Z',
    'mutability',
    /meta\.created is readOnly/,
  ],
  ['groups', 'groups', [], 'mutability', /groups is readOnly/],
  [
    'a readOnly attribute of an extension',
    `${GUARDED_URN}:score`,
    1,
    'mutability',
    /score is readOnly/,
  ],
  ['a readOnly part', `${GUARDED_URN}:badge.checked`, 'x', 'mutability', /checked is readOnly/],
  ['no boolean', 'active', 'x', 'invalidValue', /active must be true or false/],
  ['password no text', 'password', 7, 'invalidValue', /password must be a string/],
  ['unknown', 'bogus', 'x', 'invalidPath', /bogus/],
  ['an unknown part in an extension', `${ENTERPRISE}:manager.bogus`, 'x', 'invalidPath', /bogus/],
  ['an index', 'emails[0].value', 'x', 'invalidPath', /position/],
  ['malformed', 'emails[type eq', 'x', 'invalidPath', /path/],
  ['a filter on an unknown part', 'emails[bogus eq "x"].value', 'x', 'invalidFilter', /bogus/],
  ['or', 'emails[type eq "a" or type eq "b"].value', 'x', 'noTarget', /emails matches/],
  ['not', 'emails[not (type eq "a")].value', 'x', 'noTarget', /emails matches/],
  ['a contradiction', 'emails[type eq "a" and type eq "b"].value', 'x', 'noTarget', /emails/],
  [
    'eq null and another',
    'emails[type eq null and display sw "x"].value',
    'x',
    'noTarget',
    /emails/,
  ],
])('%s: refused', async (_, path, value, kind, detail) => {
  const before = {
    [GUARDED_URN]: {
      grade: 'A',
      origin: 'here',
      marks: ['a'],
      badge: { serial: '1' },
      rooms: [{ number: 1, floor: '1' }],
    },
  }
  expect(said(await refusalOf(() => replaced(before, path, value)))).toMatch(saying(kind, detail))
})

describe('members', () => {
  const group = { displayName: 'Sales', members: [{ value: 'a' }] }
  const replaceMembers = (path: string, value: JsonValue): JsonObject =>
    patched(GROUP, group, { op: 'replace', path, value })

  test('all of them', () => {
    expect(replaceMembers('members', [{ value: 'b' }])).toEqual({
      ...group,
      members: [{ value: 'b' }],
    })
  })

  test.each<[path: string, value: JsonValue, kind: string]>([
    ['members[value eq "a"].value', 'b', 'mutability'],
    ['members[value eq "a"]', { value: 'b' }, 'mutability'],
    ['members[value eq "c"].value', 'b', 'mutability'],
    ['members.value', 'b', 'mutability'],
    ['members[value eq "a"].value', null, 'mutability'],
    ['members[display eq "Ann"].type', 'User', 'noTarget'],
  ])('%s = %j is refused', async (path, value, kind) => {
    expect(said(await refusalOf(() => replaceMembers(path, value)))).toMatch(
      saying(kind, /members/),
    )
  })

  test('the same value is no change', () => {
    expect(replaceMembers('members[value eq "a"].value', 'a')).toBe(group)
  })
})
