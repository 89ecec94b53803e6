import { describe, expect, test } from 'vitest'
import { attribute, type Attribute } from '../../../lib/scim/attribute.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { parseProjection, project, wants } from '../../../lib/scim/project.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { withExtensions } from '../../../lib/scim/resource-type.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { refusalOf } from '../../support/refusal.ts'

const ENTERPRISE = URN.enterpriseUser
const TENANT = 'urn:example:tenant:2.0:User'

function custom(declared: Partial<Attribute> & Pick<Attribute, 'name' | 'type'>): Attribute {
  return attribute({ description: declared.name, ...declared })
}

/** User with one attribute for every `returned`, alone and as a part. */
const TYPE = withExtensions(USER, [
  {
    required: false,
    schema: {
      id: TENANT,
      name: 'Tenant',
      description: 'Tenant',
      attributes: [
        custom({ name: 'badge', type: 'string', returned: 'always' }),
        custom({ name: 'salary', type: 'integer', returned: 'request' }),
        custom({ name: 'pin', type: 'string', returned: 'never' }),
        custom({
          name: 'bank',
          type: 'complex',
          returned: 'request',
          subAttributes: [
            custom({ name: 'name', type: 'string' }),
            custom({ name: 'iban', type: 'string' }),
          ],
        }),
        custom({
          name: 'car',
          type: 'complex',
          subAttributes: [
            custom({ name: 'plate', type: 'string', returned: 'always' }),
            custom({ name: 'color', type: 'string' }),
            custom({ name: 'price', type: 'integer', returned: 'request' }),
            custom({ name: 'code', type: 'string', returned: 'never' }),
          ],
        }),
      ],
    },
  },
])

const name = { familyName: 'F', givenName: 'G' }
const emails = [
  { value: 'a', type: 'work', primary: true },
  { value: 'b', type: 'home' },
  { display: 'nothing else' },
]
const enterprise = { department: 'D', manager: { value: 'm1', $ref: 'https://x/Users/m1' } }
const schemas = [URN.user, ENTERPRISE, TENANT]
const meta = { resourceType: 'User', version: 'W/"v1"', location: 'https://x/Users/u1' }
const FULL: JsonObject = {
  schemas,
  id: 'u1',
  userName: 'a',
  name,
  password: 'secret',
  emails,
  [ENTERPRISE]: enterprise,
  [TENANT]: {
    badge: 'B',
    salary: 1,
    pin: 'P',
    bank: { name: 'N', iban: 'I' },
    car: { plate: 'L', color: 'red', price: 9, code: 'C' },
  },
  meta,
}

/** What is there whatever the parameters say. */
const ALWAYS = { schemas, id: 'u1', [TENANT]: { badge: 'B' } }

type Parameters = { attributes?: string[]; excludedAttributes?: string[] }

function projected(parameters: Parameters, supplied?: readonly string[]): JsonObject {
  const projection = parseProjection(TYPE, parameters)
  return supplied === undefined
    ? project(projection, FULL)
    : project(projection, FULL, new Set(supplied))
}

const DEFAULT = {
  schemas,
  id: 'u1',
  userName: 'a',
  name,
  emails,
  [ENTERPRISE]: enterprise,
  [TENANT]: { badge: 'B', car: { plate: 'L', color: 'red' } },
  meta,
}

describe('without parameters', () => {
  test.each<Parameters>([
    {},
    { attributes: [] },
    { attributes: ['', '  '] },
    { attributes: [''], excludedAttributes: [] },
  ])('%j: what is returned always and by default', (parameters) => {
    expect(projected(parameters)).toStrictEqual(DEFAULT)
  })

  test.each<[string, readonly string[], JsonObject]>([
    ['itself', [`${TENANT}:salary`], { salary: 1 }],
    ['a part', [`${TENANT}:car.price`], { car: { plate: 'L', color: 'red', price: 9 } }],
    ['the whole of it', [`${TENANT}:car`], { car: { plate: 'L', color: 'red', price: 9 } }],
    ['a part of it', [`${TENANT}:bank.iban`], { bank: { name: 'N', iban: 'I' } }],
    ['something with a longer name', [`${TENANT}:salaryRange`], {}],
    ['never', [`${TENANT}:pin`, `${TENANT}:car.code`, 'password'], {}],
  ])('a write that supplied %s', (_, supplied, added) => {
    expect(projected({}, supplied)).toEqual({
      ...DEFAULT,
      [TENANT]: { ...DEFAULT[TENANT], ...added },
    })
  })
})

describe('attributes', () => {
  test.each<[string, string[], JsonObject]>([
    ['an attribute', ['userName'], { userName: 'a' }],
    ['another case and spaces', [' USERNAME '], { userName: 'a' }],
    ['the core URN', [`${URN.user}:userName`], { userName: 'a' }],
    ['several', ['userName', 'name'], { userName: 'a', name }],
    ['a sub-attribute', ['name.givenName'], { name: { givenName: 'G' } }],
    ['a qualified sub-attribute', [`${URN.user}:NAME.givenname`], { name: { givenName: 'G' } }],
    ['a part and the whole', ['name.givenName', 'name'], { name }],
    ['a part of every element', ['emails.value'], { emails: [{ value: 'a' }, { value: 'b' }] }],
    ['a part of no element', ['addresses.country'], {}],
    ['a bare extension attribute', ['department'], { [ENTERPRISE]: { department: 'D' } }],
    ['a path', [`${ENTERPRISE}:department`], { [ENTERPRISE]: { department: 'D' } }],
    [
      'a part of manager',
      ['manager.$ref'],
      { [ENTERPRISE]: { manager: { $ref: 'https://x/Users/m1' } } },
    ],
    ['an extension', [ENTERPRISE.toUpperCase()], { [ENTERPRISE]: enterprise }],
    ['a part of meta', ['meta.version'], { meta: { version: 'W/"v1"' } }],
    ['what is unknown', ['bogus', 'name.bogus', 'emails[type eq "work"].value'], {}],
    ['__proto__', ['__proto__', 'constructor', 'name.__proto__'], {}],
    ['what is never returned', ['password', 'pin', 'car.code'], {}],
    ['what is always there', ['id'], {}],
  ])('%s', (_, attributes, expected) => {
    expect(projected({ attributes })).toEqual({ ...ALWAYS, ...expected })
  })

  test.each<[string, string[], JsonObject]>([
    ['by name', ['salary'], { salary: 1 }],
    ['by path of the part', [`${TENANT}:car.price`], { car: { plate: 'L', price: 9 } }],
    ['by its part', ['bank.iban'], { bank: { iban: 'I' } }],
    ['but not by its whole', ['car'], { car: { plate: 'L', color: 'red' } }],
    ['but not by its extension', [TENANT], { car: { plate: 'L', color: 'red' } }],
  ])('what is returned on request comes %s', (_, attributes, expected) => {
    expect(projected({ attributes })).toEqual({ ...ALWAYS, [TENANT]: { badge: 'B', ...expected } })
  })

  test('name all that a write answers with', () => {
    expect(projected({ attributes: ['userName'] }, [`${TENANT}:salary`])).toEqual({
      ...ALWAYS,
      userName: 'a',
    })
  })
})

describe('excludedAttributes', () => {
  const without = (...names: readonly string[]): JsonObject =>
    Object.fromEntries(Object.entries(DEFAULT).filter(([key]) => !names.includes(key)))

  test.each<[string, string[], JsonObject]>([
    ['an attribute', ['userName'], without('userName')],
    ['another case', ['NAME', 'EMAILS'], without('name', 'emails')],
    ['a sub-attribute', ['name.givenName'], { ...DEFAULT, name: { familyName: 'F' } }],
    ['all that is in it', ['name.givenName', 'name.familyName'], without('name')],
    ['a bare extension attribute', ['manager'], { ...DEFAULT, [ENTERPRISE]: { department: 'D' } }],
    ['a path', [`${ENTERPRISE}:manager`], { ...DEFAULT, [ENTERPRISE]: { department: 'D' } }],
    ['an extension', [ENTERPRISE], without(ENTERPRISE)],
    ['all of an extension', ['manager', 'department'], without(ENTERPRISE)],
    ['meta', ['meta'], without('meta')],
    ['what is always there', ['id', 'schemas', 'badge', 'car.plate'], DEFAULT],
    ['what is never there', ['password'], DEFAULT],
    ['what is unknown', ['bogus'], DEFAULT],
    ['an extension with a required minimum', [TENANT], { ...DEFAULT, [TENANT]: { badge: 'B' } }],
    [
      'parts of elements',
      ['emails.value', 'emails.type', 'emails.primary'],
      { ...DEFAULT, emails: [{ display: 'nothing else' }] },
    ],
  ])('%s', (_, excludedAttributes, expected) => {
    expect(projected({ excludedAttributes })).toEqual(expected)
  })

  test('win over what a write supplied', () => {
    expect(projected({ excludedAttributes: ['salary'] }, [`${TENANT}:salary`])).toEqual(DEFAULT)
  })
})

test('both parameters at once are refused', async () => {
  const error = await refusalOf(() =>
    parseProjection(USER, { attributes: ['userName'], excludedAttributes: ['name'] }),
  )
  expect(error).toMatchObject({ kind: 'invalidValue', status: 400 })
  expect(error.detail).toContain('excludedAttributes')
})

describe('wants', () => {
  test.each<[Parameters, string, boolean]>([
    [{}, 'members', true],
    [{}, 'displayName', true],
    [{ excludedAttributes: ['members'] }, 'members', false],
    [{ excludedAttributes: ['MEMBERS'] }, 'members', false],
    [{ excludedAttributes: [`${URN.group}:members`] }, 'members', false],
    [{ excludedAttributes: ['members.display'] }, 'members', true],
    [{ excludedAttributes: ['members.display'] }, 'members.display', false],
    [{ excludedAttributes: ['members.display'] }, 'members.value', true],
    [
      { excludedAttributes: ['members.value', 'members.$ref', 'members.type', 'members.display'] },
      'members',
      false,
    ],
    [{ attributes: ['displayName'] }, 'members', false],
    [{ attributes: ['members.value'] }, 'members', true],
    [{ attributes: ['members.value'] }, 'members.display', false],
    [{}, 'bogus', false],
    [{ attributes: ['id'] }, 'id', true],
  ])('%j: %s %s', (parameters, path, expected) => {
    expect(wants(parseProjection(GROUP, parameters), path)).toBe(expected)
  })

  test('knows extensions, and what is returned on request or never', () => {
    expect(wants(parseProjection(TYPE, {}), `${ENTERPRISE}:manager`)).toBe(true)
    expect(wants(parseProjection(TYPE, { attributes: ['title'] }), 'manager')).toBe(false)
    expect(wants(parseProjection(TYPE, {}), `${TENANT}:salary`)).toBe(true)
    expect(wants(parseProjection(TYPE, {}), 'password')).toBe(false)
    expect(wants(parseProjection(TYPE, {}), ENTERPRISE)).toBe(false)
  })
})
