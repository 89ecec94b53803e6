import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { DEFAULT_LAYOUTS, indexesOf, layoutOf } from '../../../lib/storage/layout.ts'
import { URN } from '../../../lib/scim/urn.ts'
import {
  entriesMissingIn,
  indexEntries,
  type IndexEntry,
} from '../../../lib/storage/index-entries.ts'

const written = (entries: readonly IndexEntry[]): string[] =>
  entries.map(({ index, value }) => `${index.name}=${value}`)

describe('indexEntries', () => {
  test.each<[JsonObject, string[]]>([
    [{}, []],
    [{ userName: 'BJensen' }, ['userName=bjensen']],
    [{ externalId: 'BJensen' }, ['externalId=BJensen']],
    [
      { emails: [{ value: 'A@x' }, { value: 'a@X' }, { type: 'work' }, { value: 'b@x' }] },
      ['email=a@x', 'email=b@x'],
    ],
    [{ [URN.enterpriseUser]: { employeeNumber: 'E1' } }, ['employeeNumber=e1']],
    [{ [URN.enterpriseUser]: {}, title: 'Guide' }, []],
    [{ externalId: 'e\u0301' }, ['externalId=é']],
  ])('of %j', (attributes, expected) => {
    expect(written(indexEntries(USER, attributes))).toEqual(expected)
  })

  test('sees own properties only', () => {
    expect(indexEntries(USER, { __proto__: { userName: 'a' } })).toEqual([])
  })
})

test('an index of an attribute that does not exist is a mistake', () => {
  const layout = { ...layoutOf(DEFAULT_LAYOUTS, USER), indexes: { nothing: 'nothing' } }
  expect(() => indexesOf(layout, USER)).toThrow('nothing')
})

test('entriesMissingIn gives what has to be added, or removed', () => {
  const before = indexEntries(USER, { userName: 'a', emails: [{ value: 'x' }, { value: 'y' }] })
  const after = indexEntries(USER, { userName: 'A', emails: [{ value: 'y' }, { value: 'z' }] })
  expect(written(entriesMissingIn(before, after))).toEqual(['email=z'])
  expect(written(entriesMissingIn(after, before))).toEqual(['email=x'])
})
