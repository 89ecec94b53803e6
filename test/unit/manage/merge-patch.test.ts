import { expect, test } from 'vitest'
import * as z from 'zod'
import { mergePatch } from '../../../lib/manage/merge-patch.ts'
import type { JsonValue } from '../../../lib/scim/json.ts'

function parsed(text: string): JsonValue {
  return z.custom<JsonValue>().parse(JSON.parse(text))
}

/** RFC 7396, Appendix A. */
const EXAMPLES: readonly (readonly [string, string, string])[] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
]

test.each(EXAMPLES)('%s with %s is %s', (target, patch, result) => {
  expect(mergePatch(parsed(target), parsed(patch))).toEqual(parsed(result))
})

test('__proto__ is a name like any other', () => {
  const merged = mergePatch({ a: 2 }, parsed('{"__proto__":{"polluted":true},"a":1}'))
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":true},"a":1}')
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})
