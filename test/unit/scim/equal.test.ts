import { expect, test } from 'vitest'
import { sameValue } from '../../../lib/scim/equal.ts'
import type { JsonValue } from '../../../lib/scim/json.ts'

const hostile: JsonValue = { ['__proto__']: { a: 1 } }

test.each<[string, JsonValue | undefined, JsonValue | undefined, boolean]>([
  ['equal strings', 'a', 'a', true],
  ['strings in another case', 'a', 'A', false],
  ['a number and its text', 1, '1', false],
  ['null and absent', null, undefined, false],
  ['absent twice', undefined, undefined, true],
  ['false and absent', false, undefined, false],
  ['objects in another order', { a: 1, b: [2] }, { b: [2], a: 1 }, true],
  ['objects of another size', { a: 1 }, { a: 1, b: 2 }, false],
  ['objects with other names', { a: 1 }, { b: 1 }, false],
  ['arrays in another order', [1, 2], [2, 1], false],
  ['an array and its beginning', [1, 2], [1], false],
  ['an array and an object with its keys', [1], { 0: 1 }, false],
  ['an empty array and an empty object', [], {}, false],
  ['a member called __proto__ and none', hostile, {}, false],
  ['a member called __proto__ and an inherited one', hostile, { toString: 1 }, false],
  ['deep values', { a: [{ b: null }] }, { a: [{ b: null }] }, true],
  ['deep values that differ', { a: [{ b: null }] }, { a: [{ b: 0 }] }, false],
])('%s', (_, a, b, expected) => {
  expect(sameValue(a, b)).toBe(expected)
  expect(sameValue(b, a)).toBe(expected)
})
