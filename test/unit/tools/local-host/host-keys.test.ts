import { describe, expect, test } from 'vitest'
import { authLevelOf, isAdmitted, presentedKey } from '../../../../tools/local-host/host-keys.ts'

const KEYS = { master: 'the master key', host: 'the host key', functions: { probe: 'its own' } }
const LEVELS = ['anonymous', 'function', 'admin'] as const

/** Which levels a key opens. */
function opened(key: string | undefined, functionName = 'Probe', keys = KEYS): readonly string[] {
  return LEVELS.filter((level) => isAdmitted({ level, functionName }, key, keys))
}

describe('which key opens what', () => {
  test.each([
    ['none', undefined, ['anonymous']],
    ['an empty one', '', ['anonymous']],
    ['a wrong one', 'the host kez', ['anonymous']],
    ['two in one', 'the host key,the host key', ['anonymous']],
    ['the host key', 'the host key', ['anonymous', 'function']],
    ["the function's own", 'its own', ['anonymous', 'function']],
    ['the master key', 'the master key', ['anonymous', 'function', 'admin']],
  ])('%s', (_case, key, expected) => {
    expect(opened(key)).toEqual(expected)
  })

  test("another function's own key opens nothing", () => {
    expect(opened('its own', 'other')).toEqual(['anonymous'])
    expect(opened('its own', 'constructor')).toEqual(['anonymous'])
  })

  test('an empty key in the file is no key', () => {
    expect(opened('', 'probe', { master: '', host: '', functions: { probe: '' } })).toEqual([
      'anonymous',
    ])
  })

  test('without keys only what wants none is open', () => {
    const admitted = LEVELS.filter((level) => isAdmitted({ level }, 'x', undefined))
    expect(admitted).toEqual(['anonymous'])
  })
})

describe('the key that is presented', () => {
  test.each([
    [{ 'x-functions-key': 'a' }, {}, 'a'],
    [{}, { code: 'a' }, 'a'],
    [{}, { CODE: 'a' }, 'a'],
    [{ 'x-functions-key': 'a' }, { code: 'b' }, 'a'],
    [{ 'x-functions-key': '' }, { code: 'b' }, 'b'],
    [{ authorization: 'Bearer a' }, { key: 'a' }, undefined],
  ])('%j, %j', (headers, query, expected) => {
    expect(presentedKey(headers, query)).toBe(expected)
  })
})

test('a level is read without case, and is function where nothing is said', () => {
  const binding = { type: 'httpTrigger', direction: 'in' }
  expect(authLevelOf({ ...binding, authLevel: 'Anonymous' })).toBe('anonymous')
  expect(authLevelOf(binding)).toBe('function')
  expect(() => authLevelOf({ ...binding, authLevel: 'user' })).toThrow('"user" is none of')
})
