import { describe, expect, test } from 'vitest'
import { unwrapped } from '../../../../lib/scim/clients/wrapped.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { readPatchAtOnce } from '../../../../lib/scim/patch/read.ts'
import { URN } from '../../../../lib/scim/urn.ts'
import { ENTERPRISE, patched } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

const user = { userName: 'u', name: { givenName: 'G', familyName: 'F' }, title: 'T' }

function replaced(path: string, value: JsonValue): JsonObject {
  return patched(USER, user, { op: 'replace', path, value })
}

describe('a value wrapped in its own name', () => {
  test.each<[path: string, value: JsonObject, after: JsonObject]>([
    ['title', { title: 'N' }, { title: 'N' }],
    ['title', { TITLE: 'N' }, { title: 'N' }],
    ['title', { [`${URN.user}:title`]: 'N' }, { title: 'N' }],
    [`${URN.user}:title`, { title: 'N' }, { title: 'N' }],
    ['title', { title: null }, { title: null }],
    ['name', { name: { givenName: 'N' } }, { name: { givenName: 'N', familyName: 'F' } }],
    ['name.givenName', { givenName: 'N' }, { name: { givenName: 'N', familyName: 'F' } }],
    ['name.givenName', { 'name.givenName': 'N' }, { name: { givenName: 'N', familyName: 'F' } }],
    ['emails', { emails: [{ value: 'a' }] }, { emails: [{ value: 'a' }] }],
    ['emails', { emails: 'a' }, { emails: [{ value: 'a' }] }],
    ['emails[type eq "work"].value', { value: 'a' }, { emails: [{ value: 'a', type: 'work' }] }],
    ['manager', { manager: { value: 'm' } }, { [ENTERPRISE]: { manager: { value: 'm' } } }],
    [`${ENTERPRISE}:manager`, { manager: 'm' }, { [ENTERPRISE]: { manager: { value: 'm' } } }],
    [ENTERPRISE, { [ENTERPRISE]: { division: 'D' } }, { [ENTERPRISE]: { division: 'D' } }],
    [URN.user, { [URN.user]: { title: 'N' } }, { title: 'N' }],
  ])('at %s: %j', (path, value, after) => {
    const expected = Object.fromEntries(
      Object.entries({ ...user, ...after }).filter(([, each]) => each !== null),
    )
    expect(replaced(path, value)).toEqual(expected)
  })

  test('is read as if the path were not there: other attributes beside it are meant too', () => {
    expect(replaced('title', { title: 'N', nickName: 'Nick', unknown: 1 })).toEqual({
      ...user,
      title: 'N',
      nickName: 'Nick',
    })
    expect(replaced(`${ENTERPRISE}:division`, { division: 'D', title: 'N' })).toEqual({
      ...user,
      title: 'N',
      [ENTERPRISE]: { division: 'D' },
    })
  })

  test('is given once', async () => {
    expect(said(await refusalOf(() => replaced('title', { title: 'a', Title: 'b' })))).toMatch(
      saying('invalidSyntax', /title is given more than once/),
    )
  })

  test('is what a remove lists', () => {
    const roles = [{ value: 'a' }, { value: 'b' }]
    const operation = { op: 'remove', path: 'roles', value: { roles: [{ value: 'a' }] } }
    expect(patched(USER, { ...user, roles }, operation)['roles']).toEqual([{ value: 'b' }])
    const { members } = readPatchAtOnce(GROUP, {
      Operations: [{ op: 'remove', path: 'members', value: { members: [{ value: 'a' }] } }],
    })
    expect(members).toMatchObject({ replaceAll: false, remove: ['a'] })
  })

  test.each<[path: string, value: JsonObject]>([
    ['name.givenName', { givenName: 'N', familyName: 'M' }],
    ['title', { other: 'N' }],
    ['emails[type eq "work"]', { emails: [{ value: 'a' }] }],
  ])('is none at %s: %j', async (path, value) => {
    expect(said(await refusalOf(() => replaced(path, value)))).toMatch(
      saying('invalidValue', /must be|has no/),
    )
  })

  test('is none where a part has the name, or stands beside it', () => {
    const operation = {
      op: 'replace',
      path: 'name',
      value: { name: 1, givenName: 'N' },
      index: 1,
    } as const
    expect(unwrapped(USER, operation)).toEqual(operation)
  })

  test('without a value, or without a path, stays as it is', () => {
    const remove = { op: 'remove', path: 'title', index: 1 } as const
    expect(unwrapped(USER, remove)).toBe(remove)
    const add = { op: 'add', value: { title: 'T' }, index: 1 } as const
    expect(unwrapped(USER, add)).toEqual(add)
  })
})

describe('JSON text where objects belong', () => {
  test.each<[path: string | undefined, value: JsonValue, after: JsonObject]>([
    [undefined, { title: 'N' }, { title: 'N' }],
    ['name', { givenName: 'N' }, { name: { givenName: 'N', familyName: 'F' } }],
    ['name', {}, { name: null }],
    ['emails', [{ value: 'a' }], { emails: [{ value: 'a' }] }],
    ['emails', ['a'], { emails: [{ value: 'a' }] }],
    ['emails[type eq "work"]', { value: 'a' }, { emails: [{ value: 'a', type: 'work' }] }],
    ['manager', { value: 'm' }, { [ENTERPRISE]: { manager: { value: 'm' } } }],
    [ENTERPRISE, { division: 'D' }, { [ENTERPRISE]: { division: 'D' } }],
    [URN.user, { title: 'N' }, { title: 'N' }],
    ['title', { title: 'N' }, { title: ' {"title":"N"}\n' }],
  ])('at %s: %j', (path, value, after) => {
    const operation = { op: 'replace', ...(path === undefined ? {} : { path }) }
    const result = patched(USER, user, { ...operation, value: ` ${JSON.stringify(value)}\n` })
    const expected = Object.fromEntries(
      Object.entries({ ...user, ...after }).filter(([, each]) => each !== null),
    )
    expect(result).toEqual(expected)
  })

  test.each<[path: string | undefined, value: JsonValue]>([
    [undefined, '{"title":'],
    ['name', '{givenName: "N"}'],
    ['emails', '[{"value":"a"}'],
    ['emails', ['{"value":"a"']],
    ['manager', '{"value":"m"'],
    ['manager', ['[m]']],
    [ENTERPRISE, '{'],
    ['roles', '{"value":"a","value":"b"}'],
    ['roles', '['.repeat(40) + ']'.repeat(40)],
  ])('that is none is refused at %s: %j', async (path, value) => {
    const operation = { op: 'add', ...(path === undefined ? {} : { path }), value }
    expect(said(await refusalOf(() => patched(USER, user, operation)))).toMatch(
      saying('invalidValue', /JSON/),
    )
  })

  test('is not read where the value of a remove says nothing', () => {
    const operation = { op: 'remove', path: 'name', value: '{' }
    expect(patched(USER, user, operation)).toEqual({ userName: 'u', title: 'T' })
  })
})
