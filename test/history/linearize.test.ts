import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contradictionIn } from '../support/history/contradiction.ts'
import { isLinearizable, type Entry, type ObjectHistory } from '../support/history/linearize.ts'

/** A register: a value that is written and read. */
function register(entries: readonly Entry<number>[]): ObjectHistory<number> {
  return { name: 'a register', initial: 0, key: String, entries }
}

type Times = readonly [called: number, returned: number]

function write([called, returned]: Times, value: number, isOptional = false): Entry<number> {
  const words = `write ${value}`
  return { called, returned, isOptional, isChange: true, apply: () => value, words }
}

function read([called, returned]: Times, value: number): Entry<number> {
  const apply = (state: number): number | undefined => (state === value ? state : undefined)
  return { called, returned, isOptional: false, isChange: false, apply, words: `read ${value}` }
}

describe('a history of a register is linearizable', () => {
  test.each<[string, readonly Entry<number>[]]>([
    ['when nothing happened', []],
    ['when a read sees the write before it', [write([1, 2], 1), read([3, 4], 1)]],
    ['when a read beside a write sees it', [write([1, 4], 1), read([2, 3], 1)]],
    ['when a read beside a write does not see it', [write([1, 4], 1), read([2, 3], 0)]],
    [
      'when a doubtful write is seen late',
      [write([1, Infinity], 1, true), read([5, 6], 0), read([7, 8], 1)],
    ],
    ['when a doubtful write is never seen', [write([1, Infinity], 1, true), read([5, 6], 0)]],
    [
      'when two writes took effect in the other order',
      [write([1, 4], 1), write([2, 3], 2), read([5, 6], 1)],
    ],
  ])('%s', (_, entries) => {
    expect(isLinearizable(register(entries))).toBe(true)
    expect(contradictionIn(register(entries))).toBeUndefined()
  })
})

describe('a history of a register is not linearizable', () => {
  test.each<[string, readonly Entry<number>[], readonly string[]]>([
    [
      'when a read does not see the write before it',
      [write([1, 2], 1), read([3, 4], 0), read([5, 6], 1)],
      ['write 1', 'read 0'],
    ],
    [
      'when a value comes back',
      [write([1, 10], 1), read([2, 3], 1), read([4, 5], 0), read([6, 7], 1)],
      ['read 1', 'read 0'],
    ],
    ['when nobody has written what is read', [write([1, 2], 1), read([3, 4], 7)], ['read 7']],
    [
      'when a doubtful write is seen twice',
      [
        write([1, Infinity], 1, true),
        read([2, 3], 1),
        write([4, 5], 2),
        read([6, 7], 2),
        read([8, 9], 1),
      ],
      ['read 1', 'read 2', 'read 1'],
    ],
    [
      'when a doubtful write is seen behind its last moment',
      [write([1, 4], 1, true), read([5, 6], 0), read([7, 8], 1)],
      ['read 0', 'read 1'],
    ],
  ])('%s', (_, entries, words) => {
    expect(isLinearizable(register(entries))).toBe(false)
    const contradiction = contradictionIn(register(entries)) ?? []
    expect(contradiction.slice(0, -1)).toEqual(words)
  })
})

/** Every order of the entries, and every choice of the optional ones. */
function isExplained(entries: readonly Entry<number>[], state = 0, latest = -1): boolean {
  if (entries.every(({ isOptional }) => isOptional)) return true
  return entries.some((entry, at) => {
    const others = entries.filter((_, other) => other !== at)
    const isInTime = others.every(
      ({ isOptional, returned }) => isOptional || returned > entry.called,
    )
    const next = entry.apply(state)
    if (!isInTime || entry.returned < latest || next === undefined) return false
    return isExplained(others, next, Math.max(latest, entry.called))
  })
}

const ENTRY = fc
  .record({
    moments: fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 2 }),
    value: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom('write', 'read', 'doubtful', 'open' as const),
  })
  .map(({ moments, value, kind }) => {
    const [called = 0, returned = 0] = moments.toSorted((one, other) => one - other)
    if (kind === 'read') return read([called, returned], value)
    return write([called, kind === 'open' ? Infinity : returned], value, kind !== 'write')
  })

test('the search finds what trying all orders finds', () => {
  const law = fc.check(
    fc.property(fc.array(ENTRY, { maxLength: 7 }), (entries) => {
      return isLinearizable(register(entries)) === isExplained(entries)
    }),
    { numRuns: 2000, seed: 9 },
  )
  expect(law).toMatchObject({ failed: false, counterexample: null })
})
