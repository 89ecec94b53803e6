import { expect, test } from 'vitest'
import { ifMatchHolds, ifNoneMatchHolds, toETag } from '../../../lib/scim/etag.ts'
import { workingTime } from '../../support/working-time.ts'

test('an ETag is weak', () => {
  expect(toETag('3694e05e9dff590')).toBe('W/"3694e05e9dff590"')
})

const HEADERS: readonly [header: string, names: boolean][] = [
  ['W/"v1"', true],
  ['"v1"', true],
  ['w/"v1"', true],
  ['v1', true],
  ['W/v1', true],
  ['*', true],
  ['"a", W/"v1"', true],
  ['"a","v1"', true],
  ['"a,v1"', false],
  ['"v1,b"', false],
  ['W/"v2"', false],
  ['"V1"', false],
  ['"v1', true],
  ['"*"', false],
  ['v', false],
  ['v11', false],
  [',,', false],
]

test.each(HEADERS)('If-Match: %s', (header, expected) => {
  expect(ifMatchHolds(header, 'v1')).toBe(expected)
})

test.each(HEADERS)('If-None-Match: %s', (header, expected) => {
  expect(ifNoneMatchHolds(header, 'v1')).toBe(expected)
})

test.each([undefined, '', '  '])('without a tag (%j) nothing is asked for', (header) => {
  expect(ifMatchHolds(header, 'v1')).toBe(true)
  expect(ifNoneMatchHolds(header, 'v1')).toBe(false)
})

test('a version with a comma is found in its quotes', () => {
  expect(ifMatchHolds(`"x", ${toETag('a,b')}`, 'a,b')).toBe(true)
})

test('a long malformed header is read in linear time', () => {
  const worked = workingTime()
  ifMatchHolds(`W/${'"'.repeat(60_001)}`, 'v1')
  ifMatchHolds('W/'.repeat(60_000), 'v1')
  ifMatchHolds(`"${'a'.repeat(60_000)}`, 'v1')
  expect(worked()).toBeLessThan(500)
})
