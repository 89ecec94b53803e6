import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import { canonicalResource } from '../../../../lib/scim/validate/resource.ts'
import { readPatchAtOnce } from '../../../../lib/scim/patch/read.ts'
import {
  ENTERPRISE,
  GUARDED_URN,
  GUARDED_USER,
  jsonObject,
  patched,
} from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'
import { TYPED_URN } from '../../../support/typed-attributes.ts'
import { workingTime } from '../../../support/working-time.ts'

const user = { userName: 'bjensen', title: 'Clerk', emails: [{ value: 'w@x', type: 'work' }] }

describe('order', () => {
  test('each operation sees what those before it did', () => {
    const operations = [
      { op: 'add', path: 'nickName', value: 'A' },
      { op: 'replace', path: 'nickName', value: 'B' },
      { op: 'remove', path: 'title' },
      { op: 'add', path: 'emails', value: [{ value: 'n@x', type: 'new' }] },
      { op: 'replace', path: 'emails[type eq "new"].value', value: 'm@x' },
      { op: 'remove', path: 'emails[type eq "work"]' },
    ]
    expect(patched(USER, user, ...operations)).toEqual({
      userName: 'bjensen',
      nickName: 'B',
      emails: [{ value: 'm@x', type: 'new' }],
    })
  })

  test('a required attribute is refused in the middle too', async () => {
    const operations = [
      { op: 'remove', path: 'userName' },
      { op: 'add', path: 'userName', value: 'new' },
    ]
    expect(said(await refusalOf(() => patched(USER, user, ...operations)))).toMatch(
      saying('mutability', /userName is required/),
    )
  })
})

describe('clearing what has a default makes it false', () => {
  test.each<[name: string, active: boolean, operation: JsonObject]>([
    ['by an empty text', true, { op: 'replace', path: 'active', value: '' }],
    ['by null', true, { op: 'add', path: 'active', value: null }],
    ['by null without a path', true, { op: 'replace', value: { active: null } }],
    ['by remove', true, { op: 'remove', path: 'active' }],
    ['when it is false already', false, { op: 'remove', path: 'active' }],
  ])('%s', (_, active, operation) => {
    expect(patched(USER, { ...user, active }, operation)).toEqual({ ...user, active: false })
  })

  test('unless a later operation sets it', () => {
    const operations = [
      { op: 'remove', path: 'active' },
      { op: 'add', path: 'active', value: true },
    ]
    const before = { ...user, active: true }
    expect(patched(USER, before, ...operations)).toEqual(before)
  })

  test('and other operations do not invent it', () => {
    expect(patched(USER, user, { op: 'remove', path: 'title' })).not.toHaveProperty('active')
  })
})

describe('no change', () => {
  test.each<[name: string, operations: readonly JsonValue[]]>([
    ['no operations', []],
    ['the same value', [{ op: 'replace', path: 'title', value: 'Clerk' }]],
    ['the same element', [{ op: 'add', path: 'emails', value: user.emails }]],
    ['removing what is not there', [{ op: 'remove', path: 'nickName' }]],
    ['no match', [{ op: 'remove', path: 'emails[type eq "home"]' }]],
    ['an empty value object', [{ op: 'replace', value: {} }]],
    ['an empty extension', [{ op: 'add', path: ENTERPRISE, value: {} }]],
    ['an undeclared extension', [{ op: 'add', path: 'urn:acme:2.0:User:tag', value: '7' }]],
    ['schemas', [{ op: 'add', path: 'schemas', value: [ENTERPRISE] }]],
    ['removing schemas', [{ op: 'remove', path: 'schemas[value eq "urn:x"]' }]],
    ['a password', [{ op: 'replace', value: { password: 'secret' } }]],
  ])('%s: the same object', (_, operations) => {
    expect(patched(USER, user, ...operations)).toBe(user)
  })

  test('there and back again is equal', () => {
    const operations = [
      { op: 'replace', path: 'title', value: 'Boss' },
      { op: 'replace', path: 'title', value: 'Clerk' },
    ]
    expect(patched(USER, user, ...operations)).toEqual(user)
  })
})

describe('without a path', () => {
  test.each<[name: string, op: string, value: JsonObject, after: JsonObject]>([
    [
      'add: values are added',
      'add',
      { title: 'Boss', emails: [{ value: 'n@x' }] },
      { title: 'Boss', emails: [...user.emails, { value: 'n@x' }] },
    ],
    [
      'replace: values are replaced',
      'replace',
      { title: 'Boss', emails: [{ value: 'n@x' }] },
      { title: 'Boss', emails: [{ value: 'n@x' }] },
    ],
    ['names in another case', 'replace', { TITLE: 'Boss' }, { title: 'Boss' }],
    [
      'dotted keys',
      'add',
      { 'name.givenName': 'A', 'name.familyName': 'B' },
      { name: { givenName: 'A', familyName: 'B' } },
    ],
    [
      'nested and dotted keys',
      'replace',
      { name: { givenName: 'A' }, 'name.familyName': 'B' },
      { name: { givenName: 'A', familyName: 'B' } },
    ],
    [
      'a qualified key',
      'replace',
      { [`${ENTERPRISE}:employeeNumber`]: '7' },
      { [ENTERPRISE]: { employeeNumber: '7' } },
    ],
    [
      'a container',
      'replace',
      { [ENTERPRISE]: { department: 'D', Division: 'V', nope: 1 } },
      { [ENTERPRISE]: { department: 'D', division: 'V' } },
    ],
    [
      'a container in another case',
      'add',
      { [ENTERPRISE.toUpperCase()]: { department: 'D' } },
      { [ENTERPRISE]: { department: 'D' } },
    ],
    [
      'an extension attribute by its name',
      'add',
      { department: 'D' },
      { [ENTERPRISE]: { department: 'D' } },
    ],
    [
      'a filtered key',
      'replace',
      { 'emails[type eq "work"].value': 'n@x' },
      { emails: [{ value: 'n@x', type: 'work' }] },
    ],
    [
      'a core URN before the name',
      'replace',
      { [`${USER.schema.id}:title`]: 'Boss' },
      { title: 'Boss' },
    ],
    [
      'readOnly keys are ignored',
      'replace',
      { id: '7', meta: {}, groups: [], title: 'Boss', 'meta.created': 1 },
      { title: 'Boss' },
    ],
    [
      'unknown keys are ignored',
      'add',
      { bogus: 1, 'no.thing': 2, 'urn:x:y:z': 3, 'bogus[type eq "x"].y': 4, title: 'Boss' },
      { title: 'Boss' },
    ],
    ['schemas is ignored', 'add', { schemas: ['urn:x'], title: 'Boss' }, { title: 'Boss' }],
    ['active as text', 'replace', { active: 'False' }, { active: false }],
  ])('%s', (_, op, value, after) => {
    const result = patched(USER, user, { op, value })
    expect(result).toEqual({ ...user, ...after })
    for (const key of Object.keys(result)) expect(key).toMatch(/^[A-Za-z]+$|^urn:.*:User$/)
  })

  test('null and empty arrays unassign', () => {
    const value = { title: null, emails: [] }
    expect(patched(USER, user, { op: 'replace', value })).toEqual({ userName: 'bjensen' })
  })

  test.each<[value: JsonValue, came: RegExp]>([
    ['x', /a string/],
    [null, /null/],
    [[{ title: 'x' }], /an array/],
    [7, /a number/],
  ])('value %j is refused', async (value, came) => {
    const error = said(await refusalOf(() => patched(USER, user, { op: 'add', value })))
    expect(error).toMatch(saying('invalidValue', /^Operation 1: add without a path needs an/))
    expect(error).toMatch(came)
  })

  test.each<[name: string, value: JsonObject, kind: string]>([
    ['a required attribute emptied', { userName: null }, 'invalidValue'],
    ['of another type', { active: 'maybe' }, 'invalidValue'],
    ['an extension that is no object', { [ENTERPRISE]: 'x' }, 'invalidValue'],
    ['a malformed filter', { 'emails[type eq].value': 'x' }, 'invalidPath'],
    ['a filter that does not fit', { 'emails[bogus eq "x"].value': 'x' }, 'invalidFilter'],
  ])('%s is refused', async (_, value, kind) => {
    expect(said(await refusalOf(() => patched(USER, user, { op: 'replace', value })))).toMatch(
      saying(kind, /^Operation 1: /),
    )
  })

  test('names that every object has stay names that mean nothing', () => {
    const value = jsonObject(
      '{"__proto__":{"title":"x"},"constructor":{"prototype":{"title":"x"}},"toString":"x","a.__proto__":1,"name":{"__proto__":{"givenName":"x"},"familyName":"F"}}',
    )
    const result = patched(USER, user, { op: 'add', value })
    expect(result).toStrictEqual({ ...user, name: { familyName: 'F' } })
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.hasOwn(Object.prototype, 'title')).toBe(false)
  })
})

describe('the URN of an extension as path', () => {
  const before = { userName: 'b', [ENTERPRISE]: { department: 'Finance', costCenter: '1' } }
  test.each<[name: string, op: string, value: JsonValue, content: JsonObject | undefined]>([
    [
      'replace merges',
      'replace',
      { division: 'P' },
      { department: 'Finance', costCenter: '1', division: 'P' },
    ],
    ['add merges', 'add', { costCenter: '2' }, { department: 'Finance', costCenter: '2' }],
    ['null parts go', 'replace', { department: null }, { costCenter: '1' }],
    ['replace with null', 'replace', null, undefined],
    ['replace with an empty object', 'replace', {}, undefined],
    ['add of null', 'add', null, { department: 'Finance', costCenter: '1' }],
    ['remove', 'remove', { department: 'x' }, undefined],
  ])('%s', (_, op, value, content) => {
    expect(patched(USER, before, { op, path: ENTERPRISE, value })).toEqual({
      userName: 'b',
      ...(content === undefined ? {} : { [ENTERPRISE]: content }),
    })
  })

  test.each<[name: string, op: string, value: JsonValue, kind: string, detail: RegExp]>([
    ['a text', 'add', 'x', 'invalidValue', /must be an object .*; "x" came/],
    ['a readOnly attribute', 'add', { score: 1 }, 'mutability', /score is readOnly/],
    ['clearing what is required', 'replace', null, 'invalidValue', /grade is required/],
    [
      'leaving out what is required',
      'add',
      { badge: { colour: 'red' } },
      'invalidValue',
      /grade is required/,
    ],
  ])('%s is refused', async (_, op, value, kind, detail) => {
    const attributes =
      op === 'add' ? { userName: 'b' } : { userName: 'b', [GUARDED_URN]: { grade: 'A' } }
    const run = (): unknown => patched(GUARDED_USER, attributes, { op, path: GUARDED_URN, value })
    expect(said(await refusalOf(run))).toMatch(saying(kind, detail))
  })
})

describe('errors', () => {
  test('name the operation and hold nothing of the filter, and a log nothing of the value', async () => {
    const operations = [
      { op: 'replace', path: 'title', value: 'Boss' },
      { op: 'replace', path: 'emails[value ne "secret@x"].primary', value: 'perhaps' },
    ]
    const error = await refusalOf(() => patched(USER, user, ...operations))
    expect(said(error)).toMatch(
      saying('invalidValue', /^Operation 2: emails\.primary must be true .*; "perhaps" came/),
    )
    expect(error.detail).not.toContain('secret')
    expect(error.loggedDetail).not.toMatch(/secret|perhaps/)
    expect(user.title).toBe('Clerk')
  })

  test('the result as a whole is checked', async () => {
    const emails = Array.from({ length: 41 }, (_, i) => ({ value: `${i}@x` }))
    expect(
      said(
        await refusalOf(() =>
          patched(USER, user, { op: 'replace', path: 'emails', value: emails }),
        ),
      ),
    ).toMatch(saying('invalidValue', /emails may have at most 30 values, 41 came/))
  })

  test('far too many values are refused by the operation that brings them', async () => {
    const roles = Array.from({ length: 1001 }, (_, i) => ({ value: `role ${i}` }))
    const operations = [
      { op: 'add', path: 'roles', value: roles },
      { op: 'remove', path: 'roles' },
    ]
    expect(said(await refusalOf(() => patched(USER, user, ...operations)))).toMatch(
      saying('invalidValue', /^Operation 1: roles may have at most 1000 values/),
    )
  })

  test('the values of a group are not limited', () => {
    const members = Array.from({ length: 3000 }, (_, i) => ({ value: `u${i}` }))
    const body = { Operations: [{ op: 'add', path: 'members', value: members }] }
    expect(readPatchAtOnce(GROUP, body).members?.add).toHaveLength(3000)
  })
})

test('the 36 operations of the SCIM Validator change in place and add nothing (VAL-PATCH-02)', () => {
  const attributes = canonicalResource(USER, {
    schemas: [USER.schema.id],
    userName: 'val',
    active: true,
    emails: [{ type: 'work', value: 'a@x', primary: true }],
    addresses: [{ type: 'work', formatted: 'AF', locality: 'L', primary: true }],
    phoneNumbers: ['work', 'mobile', 'fax'].map((type) => ({
      type,
      value: '1',
      primary: type === 'work',
    })),
    roles: [{ primary: 'True', display: 'RD', value: 'RV', type: 'RT' }],
    [ENTERPRISE]: { employeeNumber: 'E1', manager: { value: 'm' } },
  })
  const paths = [
    'displayName',
    'title',
    'preferredLanguage',
    'userType',
    'nickName',
    'locale',
    'timezone',
    'profileUrl',
    'name.givenName',
    'name.familyName',
    'name.formatted',
    'name.middleName',
    'name.honorificPrefix',
    'name.honorificSuffix',
    'emails[type eq "work"].value',
    'addresses[type eq "work"].formatted',
    'addresses[type eq "work"].streetAddress',
    'addresses[type eq "work"].locality',
    'addresses[type eq "work"].region',
    'addresses[type eq "work"].postalCode',
    'addresses[type eq "work"].country',
    'phoneNumbers[type eq "work"].value',
    'phoneNumbers[type eq "mobile"].value',
    'phoneNumbers[type eq "fax"].value',
    'roles[primary eq "True"].display',
    'roles[primary eq "True"].value',
    'roles[primary eq "True"].type',
    ...['employeeNumber', 'department', 'costCenter', 'organization', 'division'].map(
      (name) => `${ENTERPRISE}:${name}`,
    ),
  ]
  const primaries = ['emails', 'addresses', 'phoneNumbers'].map(
    (name) => `${name}[type eq "work"].primary`,
  )
  const operations = [
    { op: 'replace', path: 'active', value: true },
    ...paths.map((path) => ({ op: 'replace', path, value: 'new' })),
    ...primaries.map((path) => ({ op: 'replace', path, value: true })),
  ]
  expect(operations).toHaveLength(36)
  const result = patched(USER, attributes, ...operations)
  expect(result).toMatchObject({
    emails: [{ value: 'new', type: 'work', primary: true }],
    addresses: [{ formatted: 'new', country: 'new', type: 'work', primary: true }],
    phoneNumbers: [
      { value: 'new', type: 'work', primary: true },
      { value: 'new', type: 'mobile' },
      { value: 'new', type: 'fax' },
    ],
    roles: [{ value: 'new', display: 'new', type: 'new', primary: true }],
    name: { givenName: 'new', honorificSuffix: 'new' },
    [ENTERPRISE]: { employeeNumber: 'new', division: 'new', manager: { value: 'm' } },
  })
})

test('1000 operations on 1000 values each take seconds at most', () => {
  const roles = Array.from({ length: 1000 }, (_, i) => ({ value: `role ${i}`, type: 't' }))
  const attributes = { userName: 'b', roles }
  const operations = roles.map((_, i) => ({ op: 'replace', path: 'roles.display', value: `${i}` }))
  const worked = workingTime()
  const result = patched(USER, attributes, ...operations)
  expect(worked()).toBeLessThan(5000)
  expect(result['roles']).toEqual(roles.map(({ value, type }) => ({ value, display: '999', type })))
})

test('simple values of an extension that the tenant declares', () => {
  const operation = { op: 'add', path: `${TYPED_URN}:numbers`, value: [1, 2, 1] }
  expect(patched(GUARDED_USER, { userName: 'b' }, operation)).toEqual({
    userName: 'b',
    [TYPED_URN]: { numbers: [1, 2] },
  })
})
