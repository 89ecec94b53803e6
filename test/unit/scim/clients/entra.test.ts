import { expect, test } from 'vitest'
import { pathKeys } from '../../../../lib/scim/clients/entra.ts'
import type { JsonValue } from '../../../../lib/scim/json.ts'
import type { PatchOperation } from '../../../../lib/scim/patch-operation.ts'
import { USER } from '../../../../lib/scim/default-resource-types.ts'
import { ENTERPRISE, jsonObject } from '../../../support/patching.ts'

function rewritten(value: JsonValue): readonly PatchOperation[] {
  return pathKeys(USER, { op: 'replace', value, index: 3 })
}

test('keys that are paths become operations of their own, in their place (ENT-NOPATH-02)', () => {
  const value = {
    displayName: 'D',
    'name.givenName': 'G',
    title: 'T',
    nickName: 'N',
    [`${ENTERPRISE}:employeeNumber`]: '7',
    'emails[type eq "work"].value': 'w@x',
  }
  expect(rewritten(value)).toStrictEqual([
    { op: 'replace', index: 3, value: { displayName: 'D' } },
    { op: 'replace', index: 3, path: 'name.givenName', value: 'G' },
    { op: 'replace', index: 3, value: { title: 'T', nickName: 'N' } },
    { op: 'replace', index: 3, path: `${ENTERPRISE}:employeeNumber`, value: '7' },
    { op: 'replace', index: 3, path: 'emails[type eq "work"].value', value: 'w@x' },
  ])
})

test.each([
  ['a qualified name (ENT-NOPATH-04)', { [`${ENTERPRISE}:manager`]: 'm' }, `${ENTERPRISE}:manager`],
  ['a dot behind the URN', { [`${ENTERPRISE}.manager`]: 'm' }, `${ENTERPRISE}.manager`],
])('%s is a path', (_, value, path) => {
  expect(rewritten(value).map((operation) => operation.path)).toEqual([path])
})

test('keys that name nothing are dropped', () => {
  expect(rewritten({ 'no.thing': 1, 'urn:x:tag': 2, 'bogus[type eq "x"].y': 3 })).toEqual([])
})

test('`__proto__` stays a key', () => {
  const [first] = rewritten(jsonObject('{"__proto__":{"title":"x"},"name.givenName":"G"}'))
  expect(Object.keys(first?.value ?? {})).toEqual(['__proto__'])
})

test.each<[name: string, operation: PatchOperation]>([
  ['plain names', { op: 'add', value: { title: 'T', name: { givenName: 'G' } }, index: 1 }],
  ['an extension', { op: 'add', value: { [ENTERPRISE]: { department: 'D' } }, index: 1 }],
  ['a path', { op: 'add', path: 'name', value: { 'a.b': 'G' }, index: 1 }],
  ['remove', { op: 'remove', value: { 'name.givenName': 'G' }, index: 1 }],
  ['no object', { op: 'add', value: 'name.givenName', index: 1 }],
  ['an array', { op: 'add', value: [{ 'name.givenName': 'G' }], index: 1 }],
])('%s: as it came', (_, operation) => {
  const [only, ...more] = pathKeys(USER, operation)
  expect(only).toBe(operation)
  expect(more).toEqual([])
})
