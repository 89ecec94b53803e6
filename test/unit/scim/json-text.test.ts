import { describe, expect, test } from 'vitest'
import { jsonTextIn, parseJsonText } from '../../../lib/scim/json-text.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'
import { refusalOf } from '../../support/refusal.ts'
import { workingTime } from '../../support/working-time.ts'

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
  ])('refuses a name given twice: %s', async (text, named) => {
    const refusal = await refusalOf(() => parseJsonText(text))
    expect(refusal.kind).toBe('invalidSyntax')
    expect(refusal.detail).toContain(named)
  })

  test('does not quote the body in the error', async () => {
    const refusal = await refusalOf(() => parseJsonText('{"password":"hunter2" oops}'))
    expect(refusal.detail).toContain('character 23')
    expect(refusal.detail).not.toContain('hunter2')
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
    const worked = workingTime()
    expect(() => parseJsonText(text)).toThrow(expect.objectContaining({ kind: 'invalidSyntax' }))
    expect(worked()).toBeLessThan(1000)
  })

  test.each([
    ['"an id"', 'an id'],
    [' "[1]" ', [1]],
    ['"', '"'],
    ['"a" or "b"', '"a" or "b"'],
    ['"a\\q"', '"a\\q"'],
  ])('a string in quotes is what it says: %s', (text, meant) => {
    expect(jsonTextIn(text, 'members')).toEqual(meant)
  })

  test('leaves prototypes alone', () => {
    const value = parseJsonText('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
