import { expect, test } from 'vitest'
import { containing } from '../../../../lib/scim/filter/contains.ts'
import { workingTime } from '../../../support/working-time.ts'

/** A text of two letters, so that the beginning of an operand is found again and again. */
function twoLetters(seed: number, length: number): string {
  let state = seed
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647
    return state % 7 < 5 ? 'a' : 'é'
  }).join('')
}

test.each([1, 2, 64, 65, 66, 200])('an operand of %i characters is found where it is', (length) => {
  for (let seed = 1; seed < 50; seed += 1) {
    const text = twoLetters(seed, 400)
    const inside = text.slice(seed, seed + length)
    const others = [`${inside.slice(0, -1)}b`, twoLetters(seed + 1, length), 'a'.repeat(length)]
    for (const operand of [inside, ...others]) {
      expect(containing(operand)(text)).toBe(text.includes(operand))
      expect(containing(operand)(operand)).toBe(true)
      expect(containing(operand)(operand.slice(1))).toBe(false)
    }
  }
})

test('an operand that repeats itself is found', () => {
  const operand = 'aab'.repeat(40)
  const nearly = `${'aab'.repeat(39)}aac`
  expect(containing(operand)(nearly + operand)).toBe(true)
  expect(containing(operand)(nearly.repeat(5))).toBe(false)
})

test('the empty operand is in every text', () => {
  expect(containing('')('')).toBe(true)
})

test('operands made to be slow are not', () => {
  const half = 'a'.repeat(4900)
  const isIn = containing(`${half}b${half}`)
  const text = 'a'.repeat(65_536)
  const worked = workingTime()
  for (let i = 0; i < 10; i += 1) expect(isIn(text)).toBe(false)
  expect(worked()).toBeLessThan(500)
})
