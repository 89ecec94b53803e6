import { describe, expect, test } from 'vitest'
import { referencePath } from '../../../../lib/scim/attribute-path.ts'
import { attribute, type Schema } from '../../../../lib/scim/attribute.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { Comparisons } from '../../../../lib/scim/patch/comparisons.ts'
import { memberMatcher } from '../../../../lib/scim/patch/members.ts'
import { readPatchAtOnce, type Patch } from '../../../../lib/scim/patch/read.ts'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import { withExtensions } from '../../../../lib/scim/resource-type.ts'
import { frozen, jsonObject } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

const CLUB: Schema = {
  id: 'urn:example:params:scim:schemas:extension:club:1.0:Group',
  name: 'Club',
  description: 'An attribute that is called as the members of a group are',
  attributes: [attribute({ name: 'members', description: 'free text' })],
}

function read(operations: readonly JsonValue[], resourceType = GROUP): Patch {
  return readPatchAtOnce(resourceType, frozen({ Operations: operations }))
}

const members = (...ids: readonly string[]): JsonValue => ids.map((value) => ({ value }))
const add = (...ids: readonly string[]): JsonObject => ({
  op: 'add',
  path: 'members',
  value: members(...ids),
})
const remove = (path: string, value?: JsonValue): JsonObject => ({
  op: 'remove',
  path,
  ...(value === undefined ? {} : { value }),
})
const replace = (...ids: readonly string[]): JsonObject => ({
  op: 'replace',
  path: 'members',
  value: members(...ids),
})

/** Whom a patch names: `=` everybody, `+` added, `-` removed. */
function effect(...operations: readonly JsonValue[]): string {
  const { members: patch, operations: others } = read(operations)
  expect(others).toEqual([])
  if (patch === undefined) return 'nothing about members'
  const { replaceAll, add: added, remove: removed, removeMatching } = patch
  return [
    ...(replaceAll ? ['='] : []),
    ...added.map(({ value }) => `+${value}`),
    ...removed.map((id) => `-${id}`),
    ...removeMatching.map(() => '-[…]'),
  ].join(' ')
}

describe('the net effect', () => {
  test.each<[string, readonly JsonValue[], string]>([
    ['add', [add('a', 'b')], '+a +b'],
    ['add one object', [{ ...add(), value: { value: 'a' } }], '+a'],
    ['add one bare id', [{ ...add(), value: 'a' }], '+a'],
    ['add nobody', [add()], ''],
    ['add null', [{ ...add(), value: null }], ''],
    ['add twice', [add('a'), add('a', 'b')], '+a +b'],
    ['add by value filter', [{ op: 'add', path: 'members[value eq "a"]', value: {} }], '+a'],
    [
      'add by value filter with its own value',
      [{ op: 'add', path: 'members[value eq "a"]', value: { value: 'a', display: 'A' } }],
      '+a',
    ],
    [
      'add by value filter and null',
      [{ op: 'add', path: 'members[value eq "a"]', value: null }],
      '+a',
    ],
    ['add to members.value', [{ op: 'add', path: 'members.value', value: 'a' }], '+a'],
    ['remove everybody', [remove('members')], '='],
    ['remove everybody, value null', [remove('members', null)], '='],
    ['remove nobody', [remove('members', [])], ''],
    ['remove an empty id', [remove('members', '')], ''],
    ['remove empty ids', [remove('members', ['', { value: '' }])], ''],
    ['remove with value', [remove('members', members('a', 'b'))], '-a -b'],
    ['remove with one value', [remove('members', { value: 'a' })], '-a'],
    ['remove with a bare id', [remove('members', 'a')], '-a'],
    ['remove by id', [remove('members[value eq "a"]')], '-a'],
    ['remove from members.value', [remove('members.value', 'a')], '-a'],
    ['remove by ids', [remove('members[value eq "a" or value eq "b"]')], '-a -b'],
    ['remove by type', [remove('members[type eq "Group"]')], '-[…]'],
    ['remove by two conditions', [remove('members[value eq "a" and type eq "User"]')], '-[…]'],
    ['remove all but one', [remove('members[value ne "a"]')], '-[…]'],
    ['replace', [replace('a', 'b')], '= +a +b'],
    ['replace by nobody', [replace()], '='],
    ['replace by null', [{ ...replace(), value: null }], '='],
    [
      'replace by value filter',
      [{ op: 'replace', path: 'members[value eq "a"]', value: { value: 'a' } }],
      '+a',
    ],
    ['set a display', [{ op: 'replace', path: 'members[value eq "a"].display', value: 'A' }], ''],
    ['remove a display', [remove('members[value eq "a"].display')], ''],
    ['add, then remove', [add('a', 'b'), remove('members[value eq "a"]')], '+b -a'],
    ['remove, then add', [remove('members[value eq "a"]'), add('a')], '+a'],
    ['add, then remove everybody', [add('a'), remove('members')], '='],
    ['remove everybody, then add', [remove('members'), add('a')], '= +a'],
    ['replace, then remove one', [replace('a', 'b'), remove('members', 'a')], '= +b'],
    ['remove one, then replace', [remove('members', 'a'), replace('b')], '= +b'],
    ['replace twice', [replace('a'), replace('b')], '= +b'],
    ['add, then remove by type', [add('a'), remove('members[type eq "User"]')], '-[…]'],
    ['remove by type, then add', [remove('members[type eq "User"]'), add('a')], '+a -[…]'],
    ['remove by type, then everybody', [remove('members[type eq "User"]'), remove('members')], '='],
    ['in any case', [{ OP: 'Add', PATH: 'MEMBERS', VALUE: [{ Value: 'a' }] }], '+a'],
    ['under the URN', [{ ...add('a'), path: `${GROUP.schema.id}:members` }], '+a'],
    ['without a path', [{ op: 'add', value: { members: members('a') } }], '+a'],
    ['without a path, replaced', [{ op: 'replace', value: { Members: members('a') } }], '= +a'],
    [
      'without a path under the URN',
      [{ op: 'add', value: { [`${GROUP.schema.id}:members`]: members('a') } }],
      '+a',
    ],
  ])('of %s', (_, operations, expected) => {
    expect(effect(...operations)).toBe(expected)
  })

  test('keeps the type of a member', () => {
    const { members: patch } = read([{ ...add(), value: [{ value: 'g', type: 'Group' }] }])
    expect(patch?.add).toEqual([{ value: 'g', type: 'Group' }])
  })

  test('of a filter is the filter', () => {
    const { members: patch } = read([add('a'), remove('members[type eq "Group"]')])
    const matches = memberMatcher(patch?.removeMatching ?? [], new Comparisons())
    expect(patch?.removeMatching.map(({ index }) => index)).toEqual([2])
    expect(matches({ value: 'g', type: 'Group' })).toBe(true)
    expect(matches({ value: 'u', type: 'User' })).toBe(false)
  })

  test('of ids that JavaScript knows', () => {
    expect(effect(add('__proto__', 'constructor'), remove('members', 'constructor'))).toBe(
      '+__proto__ -constructor',
    )
  })
})

/** The operations on other attributes: position, op, attribute, value. */
function othersOf(operations: readonly JsonValue[], resourceType = GROUP): readonly JsonValue[] {
  return read(operations, resourceType).operations.map(({ index, op, target, value }) => [
    index,
    op,
    target.kind === 'attribute' ? referencePath(target.reference) : target.extension.id,
    value,
  ])
}

describe('what is left for the group itself', () => {
  const rename = { op: 'replace', path: 'displayName', value: 'x' }

  test.each<[string, readonly JsonValue[], readonly JsonValue[]]>([
    [
      'all but members',
      [rename, add('a'), { ...rename, path: 'externalId' }],
      [
        [1, 'replace', 'displayName', 'x'],
        [3, 'replace', 'externalId', 'x'],
      ],
    ],
    [
      'the rest of a value without a path',
      [{ op: 'add', value: { displayName: 'x', members: members('a'), externalId: 'y' } }],
      [
        [1, 'add', 'displayName', 'x'],
        [1, 'add', 'externalId', 'y'],
      ],
    ],
    [
      'nothing of a value with members alone',
      [{ op: 'add', value: { members: members('a') } }],
      [],
    ],
  ])('%s', (_, operations, others) => {
    expect(othersOf(operations)).toEqual(others)
    expect(read(operations).members?.add).toEqual([{ value: 'a', type: 'User' }])
  })

  test.each<[string, readonly JsonValue[], number]>([
    ['a change of the name', [rename], 1],
    ['no operations', [], 0],
    ['an unknown URN', [{ op: 'add', path: 'urn:x:y:members', value: members('a') }], 0],
  ])('everything of %s, and nothing about members', (_, operations, length) => {
    expect(read(operations).members).toBeUndefined()
    expect(othersOf(operations)).toHaveLength(length)
  })

  test('nothing of a key that JavaScript knows', () => {
    const value = jsonObject('{"__proto__":{"displayName":"x"},"members":[{"value":"a"}]}')
    expect(othersOf([{ op: 'add', value }])).toEqual([])
  })

  test('nothing that is called members, in a type without members', async () => {
    expect(said(await refusalOf(() => read([add('a')], USER)))).toMatch(
      saying('invalidPath', /members/),
    )
  })

  test('an attribute of an extension that is called members', () => {
    const type = withExtensions(GROUP, [{ schema: CLUB, required: false }])
    const path = `${CLUB.id}:members`
    const operations = [{ op: 'add', path, value: 'x' }]
    expect(othersOf(operations, type)).toEqual([[1, 'add', path, 'x']])
    expect(read(operations, type).members).toBeUndefined()
  })
})

describe('what is refused', () => {
  test.each<[string, JsonValue, RegExp]>([
    [
      'a member without an id',
      { ...add(), value: [{ display: 'A' }] },
      saying('invalidValue', /members\.value/),
    ],
    [
      'a number for members',
      { ...add(), value: 7 },
      saying('invalidValue', /members.*the number 7 came/),
    ],
    [
      'removing a number',
      remove('members', 7),
      saying('invalidValue', /members.*the number 7 came/),
    ],
    [
      'removing a member without an id',
      remove('members', [{ display: 'A' }]),
      saying('invalidValue', /members\.value/),
    ],
    [
      'another value',
      { op: 'replace', path: 'members[value eq "a"].value', value: 'b' },
      saying('mutability', /^Operation 2: members\.value is immutable/),
    ],
    [
      'another value in an object',
      { op: 'replace', path: 'members[value eq "a"]', value: { value: 'b' } },
      saying('mutability', /members\.value/),
    ],
    [
      'another type',
      { op: 'replace', path: 'members[value eq "a"].type', value: 'Group' },
      saying('mutability', /members\.type/),
    ],
    [
      'another $ref',
      { op: 'add', path: 'members[value eq "a"].$ref', value: 'x' },
      saying('mutability', /members\.\$ref/),
    ],
    [
      'all values',
      { op: 'replace', path: 'members.value', value: 'b' },
      saying('mutability', /members\.value/),
    ],
    [
      'removing a value',
      remove('members[value eq "a"].value'),
      saying('mutability', /members\.value/),
    ],
    ['removing all values', remove('members.value'), saying('mutability', /members\.value/)],
    [
      'adding to many',
      { op: 'add', path: 'members[type eq "User"]', value: { value: 'a' } },
      saying('noTarget', /Operation 2.*value eq/),
    ],
    [
      'replacing two',
      { op: 'replace', path: 'members[value eq "a" or value eq "b"]', value: { value: 'a' } },
      saying('noTarget', /Operation 2/),
    ],
    ['an unknown part', remove('members.bogus'), saying('invalidPath', /bogus/)],
    [
      'a filter on an unknown part',
      remove('members[bogus eq "x"]'),
      saying('invalidFilter', /bogus/),
    ],
    ['a broken filter', remove('members[value eq ]'), /^(?:invalidPath|invalidFilter): /],
    [
      'a value that is no object, without a path',
      { op: 'add', value: 'x' },
      saying('invalidValue', /^Operation 2: add without a path/),
    ],
    ['a remove without a path', { op: 'remove' }, saying('noTarget', /^Operation 2: remove/)],
    ['an index', remove('members[0]'), /^(?:invalidPath|invalidFilter): /],
  ])('%s', async (_, operation, expected) => {
    expect(said(await refusalOf(() => read([add('z'), operation])))).toMatch(expected)
  })
})
