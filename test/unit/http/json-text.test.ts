import { describe, expect, test } from 'vitest'
import { parseJsonText } from '../../../lib/http/json-text.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe('parseJsonText', () => {
  test.each([
    ['{"a":1,"b":{"a":2}}', { a: 1, b: { a: 2 } }],
    ['[{"a":1},{"a":1}]', [{ a: 1 }, { a: 1 }]],
    ['{"a":"b","c":"b"}', { a: 'b', c: 'b' }],
    ['{"a":"\\"}{:,["}', { a: '"}{:,[' }],
    ['{"a\\\\":1,"a":2}', { 'a\\': 1, a: 2 }],
    [' "x" ', 'x'],
    ['null', null],
  ])('reads %s', (text, value) => {
    expect(parseJsonText(text)).toEqual(value)
  })

  test.each([
    ['{"userName":"a","userName":"b"}', 'userName'],
    ['{"a":{"b":1,"c":{},"b":2}}', '"b"'],
    ['{"a":1,"\\u0061":2}', 'twice'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('refuses a name given twice: %s', (text, named) => {
    expect(() => parseJsonText(text)).toThrow(
      expect.objectContaining({ kind: 'invalidSyntax', detail: expect.stringContaining(named) }),
    )
  })

  test('does not quote the body in the error', () => {
    const secret = '{"password":"hunter2" oops}'
    expect(() => parseJsonText(secret)).toThrow(
      expect.objectContaining({ detail: expect.not.stringContaining('hunter2') }),
    )
    expect(() => parseJsonText(secret)).toThrow(
      expect.objectContaining({ detail: expect.stringContaining('character 23') }),
    )
  })

  test('accepts the deepest nesting allowed and refuses one more', () => {
    expect(parseJsonText(nested(LIMITS.bodyDepth))).toBeInstanceOf(Array)
    expect(() => parseJsonText(nested(LIMITS.bodyDepth + 1))).toThrow(/deeper than 32/)
  })

  test.each([
    ['a million brackets', '['.repeat(1_000_000)],
    ['an unterminated string of quotes', `"${'\\"'.repeat(500_000)}`],
    ['many unterminated objects', '{"a":'.repeat(200_000)],
    ['a long string', `"${'x'.repeat(1_000_000)}`],
  ])('refuses %s in linear time', (_, text) => {
    const started = performance.now()
    expect(() => parseJsonText(text)).toThrow(expect.objectContaining({ kind: 'invalidSyntax' }))
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('leaves prototypes alone', () => {
    const value = parseJsonText('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
