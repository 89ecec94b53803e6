import { describe, expect, test } from 'vitest'
import { coreContainer } from '../../../../lib/scim/clients/core-container.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import type { PatchOperation } from '../../../../lib/scim/patch-operation.ts'
import { readPatchAtOnce } from '../../../../lib/scim/patch/read.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import { URN } from '../../../../lib/scim/urn.ts'
import { canonicalResource } from '../../../../lib/scim/validate/resource.ts'
import { ENTERPRISE, frozen, jsonObject, patched } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

const user = { userName: 'bjensen', name: { familyName: 'Jensen' }, title: 'Clerk' }

describe('a PATCH', () => {
  test.each<[name: string, operation: JsonObject]>([
    ['key', { op: 'add', value: { [URN.user]: { title: 'T', name: { givenName: 'G' } } } }],
    [
      'key, replace',
      { op: 'replace', value: { [URN.user]: { title: 'T', 'name.givenName': 'G' } } },
    ],
    [
      'key in another case',
      { op: 'add', value: { [URN.user.toUpperCase()]: { TITLE: 'T', 'name.givenName': 'G' } } },
    ],
    ['path, add', { op: 'add', path: URN.user, value: { title: 'T', name: { givenName: 'G' } } }],
    [
      'path, replace',
      { op: 'replace', path: URN.user, value: { title: 'T', name: { givenName: 'G' } } },
    ],
    [
      'beside other names',
      { op: 'add', value: { title: 'T', [URN.user]: { 'name.givenName': 'G' } } },
    ],
    [
      'with what is readOnly or unknown',
      {
        op: 'add',
        path: URN.user,
        value: { id: '7', meta: {}, bogus: 1, title: 'T', 'name.givenName': 'G' },
      },
    ],
  ])('%s', (_, operation) => {
    expect(patched(USER, user, operation)).toEqual({
      userName: 'bjensen',
      name: { familyName: 'Jensen', givenName: 'G' },
      title: 'T',
    })
  })

  test.each<[name: string, value: JsonValue]>([
    ['null', { [URN.user]: null }],
    ['an empty text', { [URN.user]: '' }],
    ['an empty object', { [URN.user]: {} }],
    ['an attribute of an extension', { [URN.user]: { department: 'D' } }],
  ])('%s in the container changes nothing', (_, value) => {
    expect(patched(USER, user, { op: 'replace', value })).toEqual(user)
  })

  test.each<[name: string, operation: JsonObject]>([
    ['a key', { op: 'add', value: { [URN.user]: 'T' } }],
    ['a path', { op: 'replace', path: URN.user, value: [] }],
    ['a path with null', { op: 'replace', path: URN.user, value: null }],
  ])('%s with something else than an object is refused', async (_, operation) => {
    expect(said(await refusalOf(() => patched(USER, user, operation)))).toMatch(
      saying('invalidValue', /^Operation 1: \S+:core:2\.0:User must be an object .*; .+ came\./),
    )
  })

  test('what is required cannot be cleared in the container', async () => {
    const operation = { op: 'replace', path: URN.user, value: { userName: '' } }
    expect(said(await refusalOf(() => patched(USER, user, operation)))).toMatch(
      saying('invalidValue', /userName is required/),
    )
  })

  test('the container cannot be removed', async () => {
    expect(
      said(await refusalOf(() => patched(USER, user, { op: 'remove', path: URN.user }))),
    ).toMatch(saying('invalidPath', /not an attribute of a User/))
  })

  test('what has none stays as it came', () => {
    const operation: PatchOperation = { op: 'add', index: 1, value: { title: 'T' } }
    expect(coreContainer(USER, operation)).toEqual([operation])
    expect(coreContainer(USER, operation)[0]).toBe(operation)
  })

  test('`__proto__` stays a key', () => {
    const value = jsonObject(`{"__proto__":{"title":"x"},"${URN.user}":{"title":"T"}}`)
    const [only] = coreContainer(USER, { op: 'add', value, index: 1 })
    expect(Object.keys(only?.value ?? {})).toEqual(['__proto__', `${URN.user}:title`])
  })
})

describe('a PATCH of a group', () => {
  test.each<[name: string, operation: JsonObject]>([
    ['key', { op: 'add', value: { [URN.group]: { displayName: 'D', members: [{ value: 'a' }] } } }],
    [
      'path',
      { op: 'add', path: URN.group, value: { displayName: 'D', Members: [{ value: 'a' }] } },
    ],
    [
      'member by filter',
      { op: 'add', path: URN.group, value: { displayName: 'D', 'members[value eq "a"]': {} } },
    ],
  ])('%s: members and attributes', (_, operation) => {
    const { members, operations } = readPatchAtOnce(GROUP, frozen({ Operations: [operation] }))
    expect(members).toEqual({
      replaceAll: false,
      add: [{ value: 'a', type: 'User' }],
      remove: [],
      removeMatching: [],
    })
    expect(operations).toMatchObject([
      {
        op: 'add',
        index: 1,
        target: { reference: { attribute: { name: 'displayName' } } },
        value: 'D',
      },
    ])
    expect(operations).toHaveLength(1)
  })

  test('members alone leave nothing over, nor do readOnly attributes beside them', () => {
    const value = { id: '7', [URN.group]: { members: [{ value: 'a' }] } }
    const { operations } = readPatchAtOnce(GROUP, { Operations: [{ op: 'add', value }] })
    expect(operations).toEqual([])
  })
})

describe('an attribute twice in one operation is refused', () => {
  test.each<[name: string, value: JsonObject, path: string]>([
    ['in another case', { title: 'a', TITLE: 'b' }, 'title'],
    ['behind its URN', { title: 'a', [`${URN.user}:title`]: 'b' }, 'title'],
    ['in the core container', { title: 'a', [URN.user]: { title: 'b' } }, 'title'],
    ['inside the core container', { [URN.user]: { title: 'a', Title: 'b' } }, 'title'],
    [
      'of an extension',
      { department: 'a', [ENTERPRISE]: { department: 'b' } },
      `${ENTERPRISE}:department`,
    ],
    ['a part', { 'name.givenName': 'a', 'NAME.givenName': 'b' }, 'name.givenName'],
    [
      'by a filter',
      {
        [`${URN.user}:emails[type eq "a"].value`]: 'a',
        [URN.user]: { 'emails[type eq "a"].value': 'b' },
      },
      `${URN.user}:emails`,
    ],
  ])('%s', async (_, value, path) => {
    const found = said(
      await refusalOf(() =>
        patched(USER, user, { op: 'replace', path: 'title', value: 'x' }, { op: 'add', value }),
      ),
    )
    expect(found).toBe(
      `invalidSyntax: Operation 2: ${path} is given more than once; names ignore case.`,
    )
  })

  test.each<[name: string, value: JsonObject]>([
    ['in another case', { members: [{ value: 'a' }], Members: [{ value: 'b' }] }],
    ['behind its URN', { members: [{ value: 'a' }], [`${URN.group}:members`]: [{ value: 'b' }] }],
    ['in the core container', { members: 'a', [URN.group]: { members: 'b' } }],
  ])('members %s', async (_, value) => {
    const nothing = { op: 'add', value: {} }
    const body = { Operations: [nothing, nothing, { op: 'add', value }] }
    expect(said(await refusalOf(() => readPatchAtOnce(GROUP, body)))).toMatch(
      saying('invalidSyntax', /^Operation 3: members is given more than once/),
    )
  })

  test.each<[name: string, operation: JsonObject]>([
    [
      'the container of an extension',
      { op: 'add', path: ENTERPRISE, value: { department: 'a', Department: 'b' } },
    ],
    ['the core schema', { op: 'add', path: URN.user, value: { title: 'a', Title: 'b' } }],
  ])('in a value for %s', async (_, operation) => {
    expect(said(await refusalOf(() => patched(USER, user, operation)))).toMatch(
      saying('invalidSyntax', /^Operation 1: \S+ is given more than once/),
    )
  })

  test('what is ignored may come twice', () => {
    expect(
      patched(USER, user, { op: 'add', value: { id: '1', ID: '2', bogus: 1, BOGUS: 2 } }),
    ).toEqual(user)
  })
})

describe('a body', () => {
  test('takes the attributes of the core container', () => {
    const body = {
      schemas: [URN.user],
      userName: 'b',
      [URN.user]: { title: 'T', 'name.givenName': 'G', department: 'D', id: '1' },
    }
    expect(canonicalResource(USER, body)).toEqual({
      userName: 'b',
      name: { givenName: 'G' },
      title: 'T',
    })
  })

  test('takes those of a group, members included', () => {
    const body = {
      schemas: [URN.group],
      [URN.group]: { displayName: 'D', members: [{ value: 'a' }] },
    }
    expect(canonicalResource(GROUP, body)).toEqual({ displayName: 'D', members: [{ value: 'a' }] })
  })

  test('refuses an attribute beside and inside the container, and a container that is no object', async () => {
    const twice = { schemas: [URN.user], userName: 'b', [URN.user]: { userName: 'c' } }
    expect(said(await refusalOf(() => canonicalResource(USER, twice)))).toMatch(
      saying('invalidSyntax', /userName is given more than once/),
    )
    const text = { schemas: [URN.user], userName: 'b', [URN.user]: 'c' }
    expect(said(await refusalOf(() => canonicalResource(USER, text)))).toMatch(
      saying('invalidValue', /:core:2\.0:User must be an object .*; "c" came/),
    )
  })
})
