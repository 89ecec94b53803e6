import { expect, test } from 'vitest'
import { compareRates, median } from '../../../../tools/bench/measure.ts'

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
  [[], NaN],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected)
})

function busy(times: number): () => number {
  return () => {
    let sum = 0
    for (let at = 0; at < times; at += 1) sum += Math.sqrt(at)
    return sum
  }
}

test('of work that is fifty times as much less is done in a second, and the ratio says so', () => {
  const { rates, ratios } = compareRates([busy(2_000), busy(100_000)])
  expect(ratios[0]).toBe(1)
  expect(ratios[1]).toBeGreaterThan(5)
  expect(ratios[1]).toBeLessThan(500)
  expect(rates[0]).toBeGreaterThan(rates[1] ?? NaN)
})
