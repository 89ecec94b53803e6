import { expect, test } from 'vitest'
import {
  Differences,
  Ledger,
  type Fact,
  type Side,
} from '../../../../../lib/storage/table/check/ledger.ts'

const fact = (n: number, content = ''): Fact => ({
  suspect: { kind: 'indexRow', type: 'User', key: `k${String(n)}`, ids: ['a'] },
  content,
})

type Noted = readonly (readonly [Side, Fact])[]

/** The keys of what does not fit, and in how many parts it was found. */
function compared(facts: Noted): { readonly keys: readonly string[]; readonly parts: number } {
  const ledger = new Ledger()
  for (const [side, each] of facts) ledger.note(side, each)
  const parts = ledger.parts()
  const keys = parts.flatMap((part) => {
    const differences = new Differences(part)
    for (const [side, each] of facts) differences.note(side, each)
    return differences.suspects().map(({ key }) => key)
  })
  return { keys: [...new Set(keys)].toSorted(), parts: parts.length }
}

const both = (n: number): Noted => [
  ['told', fact(n)],
  ['kept', fact(n)],
]

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

test('what both sides say needs no second reading, in whatever order it comes', () => {
  const facts = numbers(1000).flatMap(both)
  const sides = (wanted: Side): Noted => facts.filter(([side]) => side === wanted)
  expect(compared([...sides('kept').toReversed(), ...sides('told')])).toEqual({
    keys: [],
    parts: 0,
  })
})

test('what one side alone says is found among what both say, once where they say different things', () => {
  const facts: Noted = [
    ...numbers(1000).flatMap(both),
    ['told', fact(1001)],
    ['kept', fact(1002)],
    ['told', fact(1003, 'this')],
    ['kept', fact(1003, 'that')],
  ]
  expect(compared(facts)).toEqual({ keys: ['k1001', 'k1002', 'k1003'], parts: 1 })
})

test('what differs is compared in parts that can be held', () => {
  const { keys, parts } = compared(numbers(150_000).map((n) => ['told', fact(n)]))
  expect([keys.length, parts]).toEqual([150_000, 2])
})
