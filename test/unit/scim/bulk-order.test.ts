import { describe, expect, test } from 'vitest'
import type { BulkOperation } from '../../../lib/scim/bulk.ts'
import {
  footprintOf,
  mustFollow,
  parseBulkPath,
  type Footprint,
} from '../../../lib/scim/bulk-order.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'

const footprintIn = (operation: BulkOperation): Footprint =>
  footprintOf(DEFAULT_RESOURCE_TYPES, operation)

describe('parseBulkPath', () => {
  test.each<[string, string | undefined, string | undefined]>([
    ['/Users', 'User', undefined],
    ['/Users/', 'User', undefined],
    ['Users', 'User', undefined],
    ['/users/1', 'User', '1'],
    ['Groups/1', 'Group', '1'],
    ['/GROUPS/bulkId:a', 'Group', 'bulkId:a'],
    ['/Users/__proto__', 'User', '__proto__'],
    ['/Users/1/2', undefined, undefined],
    ['/Users/1/', 'User', '1'],
    ['//Users', 'User', undefined],
    ['/Users//1', 'User', '1'],
    ['/', undefined, undefined],
    ['/Bulk', undefined, undefined],
    ['/constructor/1', undefined, undefined],
    ['', undefined, undefined],
    ['/', undefined, undefined],
    ['https://scim.example/Users/1', undefined, undefined],
  ])('%s is %s %s', (path, name, id) => {
    const parsed = parseBulkPath(DEFAULT_RESOURCE_TYPES, path)
    expect([parsed.resourceType?.name, parsed.id]).toEqual([name, id])
  })
})

const post = (path: string, data: JsonObject, bulkId = 'x'): BulkOperation => ({
  method: 'POST',
  path,
  bulkId,
  data,
})
const put = (path: string, data: JsonObject = {}): BulkOperation => ({ method: 'PUT', path, data })
const patch = (path: string, ...operations: readonly JsonObject[]): BulkOperation => ({
  method: 'PATCH',
  path,
  data: { Operations: operations },
})
const remove = (path: string): BulkOperation => ({ method: 'DELETE', path })
const user = (userName: string): BulkOperation => post('/Users', { userName })
const title = { op: 'replace', path: 'title', value: 'x' }

/** Pairs in the order in which the client wrote them. */
const PAIRS: readonly [string, BulkOperation, BulkOperation, boolean][] = [
  ['creates of different users', user('a'), user('b'), false],
  ['creates of one userName', user('a'), user('A'), true],
  ['creates of one name in other spellings', user('ａ'), user('a'), true],
  ['a user and a group of one name', user('a'), post('/Groups', { displayName: 'a' }), false],
  [
    'groups of one name',
    post('/Groups', { DisplayName: 'a' }),
    post('/Groups', { displayName: 'A' }),
    true,
  ],
  ['a delete and a create', remove('/Users/1'), user('a'), true],
  ['a create and a delete', user('a'), remove('/Users/1'), true],
  ['deletes', remove('/Users/1'), remove('/Users/2'), false],
  ['deletes of one user', remove('/Users/1'), remove('/users/1'), true],
  ['a user and a group of one id', remove('/Users/1'), remove('/Groups/1'), false],
  ['PATCHes of two titles', patch('/Users/1', title), patch('/Users/2', title), false],
  ['PATCHes of one user', patch('/Users/1', title), patch('/Users/1', title), true],
  ['a PATCH of a title and a create', patch('/Users/1', title), user('a'), false],
  [
    'a PATCH of a userName and a create',
    patch('/Users/1', { op: 'replace', path: 'userName', value: 'b' }),
    user('a'),
    true,
  ],
  [
    'a PATCH of a userName under its URN and a create',
    patch('/Users/1', { op: 'replace', path: `${URN.user}:USERNAME`, value: 'b' }),
    user('a'),
    true,
  ],
  [
    'a PATCH without path and a PUT',
    patch('/Users/1', { op: 'replace', value: { userName: 'b' } }),
    put('/Users/2'),
    true,
  ],
  [
    'a PATCH with the URN as a key and a delete',
    patch('/Users/1', { op: 'add', value: { [`${URN.user}:userName`]: 'b' } }),
    remove('/Users/2'),
    true,
  ],
  ['PUTs of two users', put('/Users/1'), put('/Users/2'), true],
  ['a PUT of a user and a create of a group', put('/Users/1'), post('/Groups', {}), false],
  [
    'a member added and that user deleted',
    patch('/Groups/1', { op: 'add', path: 'members', value: [{ value: 'u' }] }),
    remove('/Users/u'),
    true,
  ],
  [
    'a user deleted and added to a group',
    remove('/Users/u'),
    post('/Groups', { members: [{ value: 'u' }] }),
    true,
  ],
  [
    'a reference to a bulkId and a change of what it names',
    patch('/Users/bulkId:u', title),
    patch('/Groups/1', { op: 'add', path: 'members', value: [{ value: 'bulkId:u' }] }),
    true,
  ],
  ['an unknown path and a create', remove('/Nope/1'), user('a'), false],
  ['two unknown paths', remove('/Nope/1'), remove('/Nope/1'), false],
]

describe('mustFollow', () => {
  test.each(PAIRS)('%s', (_, earlier, later, expected) => {
    expect(mustFollow(footprintIn(later), footprintIn(earlier))).toBe(expected)
  })

  test.each(PAIRS)('%s: the other way round it is the same', (_, earlier, later, expected) => {
    expect(mustFollow(footprintIn(earlier), footprintIn(later))).toBe(expected)
  })
})

describe('footprintOf', () => {
  test('has the bulkIds it refers to', () => {
    const footprint = footprintIn(post('/Groups', { members: [{ value: 'bulkId:u' }] }))
    expect([...footprint.references]).toEqual(['u'])
  })

  test('finds the unique name at the top only', () => {
    const footprint = footprintIn(post('/Users', { name: { userName: 'no' }, USERNAME: 'Yes' }))
    expect([...footprint.claims]).toEqual(['yes'])
  })

  test('of a delete mentions nothing', () => {
    const footprint = footprintIn(remove('/Users/1'))
    expect([footprint.id, footprint.mentions.size, footprint.references.size]).toEqual(['1', 0, 0])
  })
})
