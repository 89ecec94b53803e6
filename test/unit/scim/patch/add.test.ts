import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { GROUP } from '../../../../lib/scim/default-resource-types.ts'
import { ENTERPRISE, GUARDED_URN, GUARDED_USER, patched } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'
import { TYPED_URN } from '../../../support/typed-attributes.ts'

const user = { userName: 'bjensen' }
const home = { value: 'h@example.com', type: 'home' }
const work = { value: 'w@example.com', type: 'work', primary: true }

/** What the attributes beside userName become. */
function added(before: JsonObject, path: string | undefined, value: JsonValue): JsonObject {
  const operation = path === undefined ? { op: 'add', value } : { op: 'add', path, value }
  const { userName, ...others } = patched(GUARDED_USER, { ...user, ...before }, operation)
  expect(userName).toBe('bjensen')
  return others
}

describe('a single value', () => {
  test.each<[name: string, before: JsonObject, path: string, value: JsonValue, after: JsonObject]>([
    ['absent', {}, 'title', 'Boss', { title: 'Boss' }],
    ['present: replaced', { title: 'Clerk' }, 'title', 'Boss', { title: 'Boss' }],
    ['name in another case', {}, 'TITLE', 'Boss', { title: 'Boss' }],
    ['qualified', {}, 'urn:ietf:params:scim:schemas:core:2.0:User:title', 'x', { title: 'x' }],
    ['boolean as text', {}, 'active', 'False', { active: false }],
    ['in an array', {}, 'title', ['Boss'], { title: 'Boss' }],
    ['empty text unassigns', { title: 'Clerk' }, 'title', '', {}],
    ['null unassigns', { title: 'Clerk' }, 'title', null, {}],
    ['in an extension', {}, `${ENTERPRISE}:department`, 'R', { [ENTERPRISE]: { department: 'R' } }],
    [
      'beside another in an extension',
      { [ENTERPRISE]: { division: 'D' } },
      `${ENTERPRISE}:department`,
      'R',
      { [ENTERPRISE]: { division: 'D', department: 'R' } },
    ],
  ])('%s', (_, before, path, value, after) => {
    expect(added(before, path, value)).toEqual(after)
  })
})

describe('a complex value', () => {
  test.each<[name: string, before: JsonObject, path: string, value: JsonValue, after: JsonObject]>([
    ['absent', {}, 'name', { givenName: 'B' }, { name: { givenName: 'B' } }],
    [
      'present: merged',
      { name: { familyName: 'J', givenName: 'A' } },
      'name',
      { GivenName: 'B' },
      { name: { familyName: 'J', givenName: 'B' } },
    ],
    [
      'an empty object adds nothing',
      { name: { givenName: 'A' } },
      'name',
      {},
      { name: { givenName: 'A' } },
    ],
    ['a part, absent', {}, 'name.middleName', 'M', { name: { middleName: 'M' } }],
    [
      'a part, beside others',
      { name: { givenName: 'A' } },
      'name.middleName',
      'M',
      { name: { givenName: 'A', middleName: 'M' } },
    ],
  ])('%s', (_, before, path, value, after) => {
    expect(added(before, path, value)).toEqual(after)
  })

  const managed = { [ENTERPRISE]: { manager: { value: 'm1' } } }
  const uri = 'https://example.com/scim/Users/m1'
  test.each<[name: string, path: string | undefined, value: JsonValue]>([
    ['a bare id', `${ENTERPRISE}:manager`, 'm1'],
    ['without URN', 'manager', 'm1'],
    ['a dot behind the URN', `${ENTERPRISE}.manager`, 'm1'],
    ['an object', 'manager', { value: 'm1' }],
    ['an object with $ref', 'manager', { value: 'm1', $ref: uri }],
    ['an object with displayName', 'manager', { value: 'm1', displayName: 'Boss' }],
    ['an array', 'manager', [{ $ref: uri, value: 'm1' }]],
    ['an array of a bare id', 'manager', ['m1']],
    ['its value', 'manager.value', 'm1'],
    ['its value, qualified', `${ENTERPRISE}:manager.value`, 'm1'],
    ['no path, qualified key', undefined, { [`${ENTERPRISE}:manager`]: 'm1' }],
    ['no path, extension', undefined, { [ENTERPRISE]: { manager: { value: 'm1' } } }],
    ['no path, bare key', undefined, { manager: { value: 'm1' } }],
    ['no path, dotted key', undefined, { 'manager.value': 'm1' }],
  ])('manager: %s', (_, path, value) => {
    expect(added({}, path, value)).toEqual(managed)
    expect(added({ [ENTERPRISE]: { manager: { value: 'm0' } } }, path, value)).toEqual(managed)
  })

  test('a manager by $ref alone is refused, not dropped in silence', async () => {
    const before = { [ENTERPRISE]: { manager: { value: 'm0' } } }
    expect(said(await refusalOf(() => added(before, 'manager', { $ref: uri })))).toMatch(
      saying('invalidValue', /Operation 1: .*manager\.value is missing/),
    )
  })

  test('$ref is issued here, so that writing it has no effect', () => {
    const before = { [ENTERPRISE]: { manager: { value: 'm0' } } }
    expect(added(before, 'manager.$ref', uri)).toEqual(before)
  })
})

describe('a multi-valued attribute', () => {
  test.each<[name: string, before: JsonObject, value: JsonValue, after: JsonObject]>([
    ['absent', {}, [home], { emails: [home] }],
    ['absent, one object', {}, home, { emails: [home] }],
    ['present: appended', { emails: [home] }, [work], { emails: [home, work] }],
    ['the same', { emails: [home, work] }, [home], { emails: [home, work] }],
    ['the same twice', {}, [home, home], { emails: [home] }],
    [
      'the same value in another case',
      { emails: [home] },
      { ...home, value: 'H@example.com' },
      { emails: [{ ...home, value: 'H@example.com' }] },
    ],
    [
      'the same value with another type',
      { emails: [home] },
      { ...home, type: 'other' },
      { emails: [home, { ...home, type: 'other' }] },
    ],
    [
      'the same with another part: merged',
      { emails: [home] },
      { ...home, display: 'Home' },
      { emails: [{ ...home, display: 'Home' }] },
    ],
    ['nothing', { emails: [home] }, [], { emails: [home] }],
    ['null', { emails: [home] }, null, { emails: [home] }],
    ['an empty object', { emails: [home] }, {}, { emails: [home] }],
    [
      'a primary one ends the other',
      { emails: [work] },
      { ...home, primary: 'True' },
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      'of two primary ones the first is',
      { emails: [work] },
      [
        { ...home, primary: true },
        { value: 'o@example.com', primary: true },
      ],
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
          { value: 'o@example.com', primary: false },
        ],
      },
    ],
    [
      'primary taken from one that is there',
      { emails: [work] },
      { ...work, primary: false },
      { emails: [{ ...work, primary: false }] },
    ],
  ])('%s', (_, before, value, after) => {
    expect(added(before, 'emails', value)).toEqual(after)
  })

  test('elements without value are the same when all their parts are', () => {
    const addresses = [{ locality: 'L', type: 'work' }]
    const value = [...addresses, { locality: 'M', type: 'work' }]
    expect(added({ addresses }, 'addresses', value)).toEqual({ addresses: value })
  })

  test('simple values', () => {
    const before = { [TYPED_URN]: { tags: ['a'] } }
    expect(added(before, `${TYPED_URN}:tags`, ['A', 'b', 'b'])).toEqual({
      [TYPED_URN]: { tags: ['a', 'b'] },
    })
    expect(added(before, `${TYPED_URN}:tags`, 'b')).toEqual({ [TYPED_URN]: { tags: ['a', 'b'] } })
  })

  test('members are a set, and a part that is immutable stays', () => {
    const group = { displayName: 'Sales', members: [{ value: 'u1', type: 'User', display: 'Ann' }] }
    const value = [{ value: 'u1', type: 'User', display: 'Bob' }, { value: 'U1' }]
    expect(patched(GROUP, group, { op: 'add', path: 'members', value })).toEqual({
      displayName: 'Sales',
      members: [{ value: 'u1', type: 'User', display: 'Ann' }, { value: 'U1' }],
    })
  })
})

describe('a part of every element', () => {
  test.each<[name: string, before: JsonObject, value: JsonValue, after: JsonObject]>([
    ['no element: one is made', {}, 'x', { emails: [{ display: 'x' }] }],
    [
      'elements',
      { emails: [home, work] },
      'x',
      {
        emails: [
          { ...home, display: 'x' },
          { ...work, display: 'x' },
        ],
      },
    ],
    ['nothing to no element', {}, null, {}],
  ])('%s', (_, before, value, after) => {
    expect(added(before, 'emails.display', value)).toEqual(after)
  })
})

describe('elements that match a filter', () => {
  test.each<[name: string, path: string, value: JsonValue, emails: readonly JsonObject[]]>([
    ['a part', 'emails[type eq "home"].display', 'x', [{ ...home, display: 'x' }, work]],
    ['parts', 'emails[type eq "home"]', { display: 'x' }, [{ ...home, display: 'x' }, work]],
    [
      'in an array',
      'emails[type eq "home"]',
      [{ display: 'x' }],
      [{ ...home, display: 'x' }, work],
    ],
    ['nothing', 'emails[type eq "home"]', null, [home, work]],
    ['an empty object', 'emails[type eq "home"]', {}, [home, work]],
    [
      'a part unassigned',
      'emails[type eq "work"].primary',
      '',
      [home, { value: work.value, type: 'work' }],
    ],
    [
      'primary moves',
      'emails[type eq "home"].primary',
      true,
      [
        { ...home, primary: true },
        { ...work, primary: false },
      ],
    ],
    [
      'no match: made',
      'emails[type eq "other"].value',
      'o@x',
      [home, work, { value: 'o@x', type: 'other' }],
    ],
    [
      'no match: made of parts',
      'emails[type eq "other"]',
      { value: 'o@x', display: 'O' },
      [home, work, { value: 'o@x', display: 'O', type: 'other' }],
    ],
    ['no match: nothing', 'emails[type eq "other"]', null, [home, work]],
  ])('%s', (_, path, value, emails) => {
    expect(added({ emails: [home, work] }, path, value)).toEqual({ emails })
  })

  test('a simple value', () => {
    const before = { [TYPED_URN]: { tags: ['a', 'b'] } }
    const path = `${TYPED_URN}:tags[value eq "A"]`
    expect(added(before, path, 'c')).toEqual({ [TYPED_URN]: { tags: ['c', 'b'] } })
    expect(added({}, path, 'c')).toEqual({ [TYPED_URN]: { tags: ['c'] } })
  })
})

/** Attributes of the extension, with the one that is required. */
function guarded(content: JsonObject): JsonObject {
  return { [GUARDED_URN]: { grade: 'A', ...content } }
}

describe('immutable attributes', () => {
  test.each<[name: string, before: JsonObject, path: string, value: JsonValue, after: JsonObject]>([
    ['unset: set', {}, 'origin', 'here', { origin: 'here' }],
    ['the same', { origin: 'here' }, 'origin', 'here', { origin: 'here' }],
    ['several, unset', {}, 'marks', ['a', 'b'], { marks: ['a', 'b'] }],
    ['several, the same', { marks: ['a'] }, 'marks', 'a', { marks: ['a'] }],
    [
      'a part, unset',
      { badge: { colour: 'red' } },
      'badge.serial',
      '1',
      { badge: { colour: 'red', serial: '1' } },
    ],
    [
      'a part, the same',
      { badge: { serial: '1' } },
      'badge',
      { serial: '1', colour: 'red' },
      { badge: { serial: '1', colour: 'red' } },
    ],
    ['a secret part', {}, 'badge', { pin: '0000', colour: 'red' }, { badge: { colour: 'red' } }],
    [
      'a secret part by its path',
      { badge: { colour: 'red' } },
      'badge.pin',
      '0000',
      { badge: { colour: 'red' } },
    ],
    [
      'a readOnly part inside',
      {},
      'badge',
      { checked: 'x', colour: 'red' },
      { badge: { colour: 'red' } },
    ],
  ])('%s', (_, before, name, value, after) => {
    expect(added(guarded(before), `${GUARDED_URN}:${name}`, value)).toEqual(guarded(after))
  })

  test.each<[name: string, before: JsonObject, path: string, value: JsonValue]>([
    ['another value', { origin: 'here' }, 'origin', 'there'],
    ['no value', { origin: 'here' }, 'origin', null],
    ['one more', { marks: ['a'] }, 'marks', 'b'],
    ['another value of a part', { badge: { serial: '1' } }, 'badge.serial', '2'],
    ['another value of a part inside', { badge: { serial: '1' } }, 'badge', { serial: '2' }],
    ['no value of a part', { badge: { serial: '1' } }, 'badge', { serial: null }],
  ])('%s: refused', async (_, before, name, value) => {
    expect(
      said(await refusalOf(() => added(guarded(before), `${GUARDED_URN}:${name}`, value))),
    ).toMatch(saying('mutability', /^Operation 1: .*(origin|marks|serial) is immutable/))
  })
})

test.each<[name: string, path: string, value: JsonValue, kind: string, detail: RegExp]>([
  ['of another type', 'active', 'x', 'invalidValue', /active must be true or false .*; "x" came/],
  ['several for one', 'title', ['a', 'b'], 'invalidValue', /title must be a string; an array came/],
  ['text for a complex value', 'name', 'x', 'invalidValue', /name must be an object/],
  ['a number for an element', 'addresses', 5, 'invalidValue', /addresses must be an object/],
  [
    'several for one element',
    'emails[type eq "work"]',
    [home, work],
    'invalidValue',
    /emails must be an object .*; an array came/,
  ],
  [
    'a part of another type',
    'emails[type eq "work"].primary',
    7,
    'invalidValue',
    /emails\.primary must be true or false/,
  ],
  [
    'a part twice',
    'name',
    { givenName: 'a', GIVENNAME: 'b' },
    'invalidSyntax',
    /name\.givenName is given more than once/,
  ],
  ['required, empty', 'userName', '', 'invalidValue', /userName is required/],
  ['readOnly', 'groups', [{ value: 'g' }], 'mutability', /groups is readOnly/],
  ['a readOnly part', 'manager.displayName', 'x', 'mutability', /manager\.displayName is readOnly/],
  [
    'no equality',
    'emails[type ne "work" and value pr].value',
    'x',
    'noTarget',
    /No value of emails matches/,
  ],
])('%s: refused', async (_, path, value, kind, detail) => {
  expect(said(await refusalOf(() => added({}, path, value)))).toMatch(saying(kind, detail))
})
