import { describe, expect, test } from 'vitest'
import { resolvePath, type ResolvedAttribute } from '../../../lib/scim/attribute-path.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject, JsonValue } from '../../../lib/scim/json.ts'
import { attributeValueAt, valuesAt } from '../../../lib/scim/values-at.ts'
import { ENTERPRISE, jsonObject } from '../../support/patching.ts'

const resource: JsonObject = {
  userName: 'b',
  name: { givenName: 'G' },
  emails: [{ value: 'w@x', type: 'work' }, { value: 'h@x' }],
  [ENTERPRISE]: { department: 'D', manager: { value: 'm' } },
}

function reference(path: string): ResolvedAttribute {
  const found = resolvePath(USER, path)
  if (found?.kind !== 'attribute') throw new Error(`${path} is no attribute.`)
  return found
}

describe('the values at a reference', () => {
  test.each<[path: string, values: readonly (JsonValue | undefined)[]]>([
    ['userName', ['b']],
    ['title', []],
    ['name', [{ givenName: 'G' }]],
    ['name.givenName', ['G']],
    ['name.familyName', [undefined]],
    ['emails.value', ['w@x', 'h@x']],
    ['emails.type', ['work', undefined]],
    ['ims.value', []],
    [`${ENTERPRISE}:department`, ['D']],
    [`${ENTERPRISE}:division`, []],
    [`${ENTERPRISE}:manager.value`, ['m']],
  ])('%s', (path, values) => {
    expect(valuesAt(reference(path), resource)).toEqual(values)
  })

  test('are none without the container of the extension', () => {
    expect(valuesAt(reference(`${ENTERPRISE}:department`), { userName: 'b' })).toEqual([])
  })

  test('are none that an object inherits', () => {
    const inherited = jsonObject('{"__proto__":{"userName":"b"}}')
    expect(valuesAt(reference('userName'), inherited)).toEqual([])
  })
})

test('the value of an attribute is all of it, whatever sub-attribute is named', () => {
  expect(attributeValueAt(reference('emails.type'), resource)).toBe(resource['emails'])
  expect(attributeValueAt(reference('title'), resource)).toBeUndefined()
})
