import { describe, expect, test } from 'vitest'
import type { BulkOperation } from '../../../lib/scim/bulk.ts'
import {
  postponeReferences,
  referencesOf,
  replaceReferences,
} from '../../../lib/scim/bulk-reference.ts'
import { ScimError } from '../../../lib/scim/errors.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { frozen, jsonObject } from '../../support/patching.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'

const idOf = (bulkId: string): string => `<${bulkId}>`
const refuse = (): string => {
  throw new ScimError('invalidValue', 'no such bulkId')
}
const operation = (path: string, data?: JsonObject): BulkOperation => ({
  method: 'PATCH',
  path,
  ...(data === undefined ? {} : { data: frozen(data) }),
})

const CASES: readonly [string, BulkOperation, BulkOperation, readonly string[]][] = [
  [
    'a member',
    operation('/Groups', {
      members: [{ value: 'bulkId:a' }, { value: '1' }, { value: 'bulkId:b' }],
    }),
    operation('/Groups', { members: [{ value: '<a>' }, { value: '1' }, { value: '<b>' }] }),
    ['a', 'b'],
  ],
  [
    'a manager in an extension',
    operation('/Users', { [URN.enterpriseUser]: { manager: { value: 'bulkId:a' } } }),
    operation('/Users', { [URN.enterpriseUser]: { manager: { value: '<a>' } } }),
    ['a'],
  ],
  [
    'a bare value',
    operation('/Users', { x: 'bulkId:a' }),
    operation('/Users', { x: '<a>' }),
    ['a'],
  ],
  [
    'an id with colons, slashes and line ends',
    operation('/Users', { x: 'bulkId:a:b/c\nd' }),
    operation('/Users', { x: '<a:b/c\nd>' }),
    ['a:b/c\nd'],
  ],
  ['the path of an operation', operation('/Users/bulkId:a'), operation('/Users/<a>'), ['a']],
  ['a path without a slash', operation('Users/bulkId:a'), operation('Users/<a>'), ['a']],
  [
    'the same in single quotes',
    operation('/Groups/1', {
      Operations: [{ op: 'remove', path: "members[value eq 'bulkId:a']" }],
    }),
    operation('/Groups/1', { Operations: [{ op: 'remove', path: "members[value eq '<a>']" }] }),
    ['a'],
  ],
  [
    'the filter in the path of a PATCH',
    operation('/Groups/1', {
      Operations: [{ op: 'remove', path: 'members[value eq "bulkId:a" or value eq "bulkId:b"]' }],
    }),
    operation('/Groups/1', {
      Operations: [{ op: 'remove', path: 'members[value eq "<a>" or value eq "<b>"]' }],
    }),
    ['a', 'b'],
  ],
  [
    'text that only contains it',
    operation('/Users', { x: 'see bulkId:a', bulkId: 'y' }),
    operation('/Users', { x: 'see bulkId:a', bulkId: 'y' }),
    [],
  ],
  [
    'an empty one',
    operation('/Users', { x: 'bulkId:' }),
    operation('/Users', { x: 'bulkId:' }),
    [],
  ],
  [
    'another case',
    operation('/Users', { x: 'bulkid:a' }),
    operation('/Users', { x: 'bulkid:a' }),
    [],
  ],
  ['no data', operation('/Users/1'), operation('/Users/1'), []],
  [
    'numbers, nulls and lists in lists',
    operation('/Users', { x: [1, null, true, ['bulkId:a']] }),
    operation('/Users', { x: [1, null, true, ['<a>']] }),
    ['a'],
  ],
]

describe('replaceReferences', () => {
  test.each(CASES)('%s', (_, before, after) => {
    expect(replaceReferences(before, idOf)).toEqual(after)
  })

  test('keeps a key that JavaScript knows as a key', () => {
    const data = jsonObject('{"__proto__":{"value":"bulkId:a"},"constructor":"bulkId:b"}')
    const { data: replaced } = replaceReferences(operation('/Users', data), idOf)
    expect(JSON.stringify(replaced)).toBe('{"__proto__":{"value":"<a>"},"constructor":"<b>"}')
  })

  test('passes on what is wrong with a reference', async () => {
    const replaced = said(
      await refusalOf(() => replaceReferences(operation('/Users', { x: 'bulkId:a' }), refuse)),
    )
    expect(replaced).toMatch(saying('invalidValue', /no such bulkId/))
  })
})

describe('referencesOf', () => {
  test.each(CASES)('%s', (_, before, __, references) => {
    expect([...referencesOf(before)]).toEqual(references)
  })
})

describe('postponeReferences', () => {
  const enterprise = URN.enterpriseUser

  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    [
      'nothing to postpone',
      { a: 1, members: [{ value: 'bulkId:other' }] },
      { a: 1, members: [{ value: 'bulkId:other' }] },
      {},
    ],
    [
      'elements of a list',
      { displayName: 'A', members: [{ value: 'bulkId:a' }, { value: '1' }] },
      { displayName: 'A', members: [{ value: '1' }] },
      { members: [{ value: 'bulkId:a' }] },
    ],
    [
      'a complex attribute of an extension',
      { userName: 'x', [enterprise]: { department: 'D', manager: { value: 'bulkId:a' } } },
      { userName: 'x', [enterprise]: { department: 'D' } },
      { [enterprise]: { manager: { value: 'bulkId:a' } } },
    ],
    [
      'a complex attribute',
      { manager: { value: 'bulkId:a' } },
      {},
      { manager: { value: 'bulkId:a' } },
    ],
    [
      'a simple attribute',
      { nickName: 'bulkId:a', title: 'x' },
      { title: 'x' },
      { nickName: 'bulkId:a' },
    ],
  ])('%s', (_, data, now, later) => {
    expect(postponeReferences(frozen(data), new Set(['a']))).toEqual({ now, later })
  })

  test('keeps a key that JavaScript knows as a key', () => {
    const data = jsonObject('{"__proto__":{"value":"bulkId:a"},"constructor":1}')
    const { now, later } = postponeReferences(data, new Set(['a']))
    expect([JSON.stringify(now), JSON.stringify(later)]).toEqual([
      '{"constructor":1}',
      '{"__proto__":{"value":"bulkId:a"}}',
    ])
  })
})
