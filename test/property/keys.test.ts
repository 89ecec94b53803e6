import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bucketOf,
  bucketRanges,
  BUCKETS,
  deletionKey,
  guardKey,
  hiddenKey,
  indexKey,
  indexRange,
  invitationKey,
  MAX_KEY_LENGTH,
  memberKey,
  memberOfKey,
  memberRange,
  positionOf,
  prefixRange,
  resourceKey,
  resourceRange,
  slicesOf,
  uniqueIndexName,
  uniqueKey,
  type KeyRange,
} from '../../lib/storage/keys.ts'
import { teamKey, teamMemberKey, teamNameKey, teamOfKey } from '../../lib/storage/team-keys.ts'
import { codePoint } from '../support/code-point.ts'

const USER = { family: 'user', prefix: '' }
const GROUP = { family: 'group', prefix: '' }
const DEVICE = { family: 'device', prefix: 'device.' }

/** Any text, lone surrogates included, short and long, and texts that look like keys. */
const text = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => {
    return String.fromCharCode(...units)
  }),
  fc.string({ unit: fc.constantFrom('=', 'A', '4', '1', ':', 'a', '~', '!'), maxLength: 8 }),
  fc
    .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), fc.nat(600))
    .map(([unit, times]) => unit.repeat(times)),
)

const FAMILIES: readonly ((a: string, b: string) => string)[] = [
  (a) => resourceKey(USER, a),
  (a) => resourceKey(GROUP, a),
  (a) => uniqueKey('userName', a),
  (a, b) => indexKey('externalId', a, b),
  (a, b) => memberKey(a, b),
  (a, b) => memberOfKey(a, b),
  (a) => deletionKey(USER, a),
  (a) => resourceKey(DEVICE, a),
  (a) => deletionKey(DEVICE, a),
  (a) => uniqueKey(uniqueIndexName(DEVICE, 'a:b'), a),
  (a) => guardKey(a),
  (a) => teamKey(a),
  (a) => teamNameKey(a),
  (a, b) => teamMemberKey(a, b),
  (a, b) => teamOfKey(a, b),
  (a) => hiddenKey(USER, a),
  (a) => invitationKey(USER, a),
]

/** How many of the two texts a family's key holds. */
const TEXTS = [1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 1]

const isIn = (key: string, { from, to }: KeyRange): boolean => key >= from && key < to

describe('keys', () => {
  test('have no character that a key may not have, and are never too long', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        for (const key of FAMILIES.map((family) => family(a, b))) {
          expect(key).toMatch(/^[A-Za-z0-9._@+:=-]*$/)
          expect(key.length).toBeLessThanOrEqual(MAX_KEY_LENGTH)
        }
      }),
    )
  })

  test('of different things differ', () => {
    const thing = fc.record({ family: fc.nat(FAMILIES.length - 1), a: text, b: text })
    fc.assert(
      fc.property(thing, thing, (one, other) => {
        const count = TEXTS[one.family] ?? 0
        const isSame =
          one.family === other.family && one.a === other.a && (count === 1 || one.b === other.b)
        const keyOf = ({ family, a, b }: typeof one): string | undefined => FAMILIES[family]?.(a, b)
        expect(keyOf(one) === keyOf(other)).toBe(isSame)
      }),
      { numRuns: 500 },
    )
  })

  test('of texts that begin alike are in the range of what they begin with', () => {
    fc.assert(
      fc.property(text, text, (prefix, rest) => {
        expect(isIn(uniqueKey('n', prefix + rest), prefixRange('n', prefix))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('are in the range of their value or group, and in no other', () => {
    fc.assert(
      fc.property(text, text, text, (a, b, other) => {
        expect(isIn(indexKey('n', a, b), indexRange('n', a))).toBe(true)
        expect(isIn(indexKey('n', a, b), indexRange('n', other))).toBe(a === other)
        expect(isIn(memberKey(a, b), memberRange(a))).toBe(true)
        expect(isIn(memberKey(a, b), memberRange(other))).toBe(a === other)
      }),
    )
  })
})

describe('the order of ids', () => {
  test('is that of keys, positions and buckets', () => {
    // The empty position stands before all ids.
    const id = text.filter((each) => each !== '')
    fc.assert(
      fc.property(id, id, (a, b) => {
        const isBefore = positionOf(a) < positionOf(b)
        expect(resourceKey(USER, a) < resourceKey(USER, b)).toBe(isBefore)
        const { from } = resourceRange(USER, positionOf(a))
        expect(resourceKey(USER, b) >= from).toBe(isBefore)
        expect(isBefore && bucketOf(a) > bucketOf(b)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('puts each id in the range of its bucket, and of one slice', () => {
    const id = fc.oneof(fc.uuid(), text)
    fc.assert(
      fc.property(id, id, fc.double({ min: 0, max: 1, noNaN: true }), (a, start, share) => {
        const key = resourceKey(USER, a)
        const holding = (ranges: readonly KeyRange[]): number =>
          ranges.filter((range) => isIn(key, range)).length
        const bucket = bucketOf(a)
        expect(holding(bucketRanges(USER, bucket))).toBe(1)
        expect(holding(bucketRanges(USER, (bucket + 1) % BUCKETS))).toBe(0)
        const range = resourceRange(USER, positionOf(start))
        expect(holding(slicesOf(USER, range, share))).toBe(holding([range]))
      }),
    )
  })
})
