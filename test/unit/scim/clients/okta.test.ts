import { expect, test } from 'vitest'
import { echoedReadOnly } from '../../../../lib/scim/clients/okta.ts'
import type { JsonObject } from '../../../../lib/scim/json.ts'
import type { PatchOperation } from '../../../../lib/scim/patch-operation.ts'
import { GROUP } from '../../../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../../../lib/scim/resource-type.ts'
import { GUARDED_URN, GUARDED_USER, jsonObject, patched } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'

test.each<[name: string, type: ResourceType, value: JsonObject, kept: JsonObject]>([
  ['id (OKTA-GRP-01)', GROUP, { id: '7', displayName: 'Sales' }, { displayName: 'Sales' }],
  ['id in another case', GROUP, { ID: '7', displayName: 'Sales' }, { displayName: 'Sales' }],
  ['meta and schemas', GROUP, { meta: {}, schemas: [], displayName: 'S' }, { displayName: 'S' }],
  ['groups', GUARDED_USER, { groups: [], title: 'T' }, { title: 'T' }],
  ['keys that are paths', GUARDED_USER, { 'meta.created': 1, 'manager.displayName': 'x' }, {}],
  [
    'inside the container of an extension',
    GUARDED_USER,
    { [GUARDED_URN]: { score: 1, grade: 'A' } },
    { [GUARDED_URN]: { grade: 'A' } },
  ],
])('%s', (_, type, value, kept) => {
  const [only, ...more] = echoedReadOnly(type, { op: 'replace', value, index: 2 })
  expect(only).toStrictEqual({ op: 'replace', value: kept, index: 2 })
  expect(more).toEqual([])
})

test('`__proto__` stays a key', () => {
  const value = jsonObject('{"__proto__":{"displayName":"x"},"id":"7"}')
  const [only] = echoedReadOnly(GROUP, { op: 'add', value, index: 1 })
  expect(Object.keys(only?.value ?? {})).toEqual(['__proto__'])
})

test.each<[name: string, operation: PatchOperation]>([
  ['nothing readOnly', { op: 'add', value: { title: 'T', bogus: 1 }, index: 1 }],
  ['a container without', { op: 'add', value: { [GUARDED_URN]: { grade: 'A' } }, index: 1 }],
  ['a path', { op: 'add', path: 'id', value: { id: '7' }, index: 1 }],
  ['no object', { op: 'add', value: 'id', index: 1 }],
])('%s: as it came', (_, operation) => {
  const [only] = echoedReadOnly(GUARDED_USER, operation)
  expect(only).toBe(operation)
})

test('what is dropped without a path is refused with one', async () => {
  const group = { displayName: 'Sales' }
  const value = { id: '7', displayName: 'Research' }
  expect(patched(GROUP, group, { op: 'replace', value })).toEqual({ displayName: 'Research' })
  const run = (): unknown => patched(GROUP, group, { op: 'replace', path: 'id', value: '7' })
  expect(said(await refusalOf(run))).toMatch(saying('mutability', /id is readOnly/))
})
