import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  compareIds,
  memberKey,
  memberOfKey,
  memberRange,
  type KeyRange,
} from '../../../lib/storage/keys.ts'
import {
  compareInMemberOf,
  memberOfSpan,
  memberSlices,
} from '../../../lib/storage/membership-keys.ts'

const GROUP_ID = '6c5bb468-14b2-8183-baf2-06d523e03bd3'
const isIn = ({ from, to }: KeyRange, key: string): boolean => from <= key && key < to
const anyId = fc.oneof(
  fc.uuid(),
  fc.string({ unit: 'grapheme', maxLength: 700 }),
  fc.string({ unit: fc.constantFrom('a', '-', ':', '~'), maxLength: 3 }),
)

describe('memberOfSpan', () => {
  test('holds the memberships of all ids between the two, and of the two', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyId, { minLength: 3, maxLength: 8 }), (ids) => {
        const sorted = ids.toSorted(compareInMemberOf)
        const inner = sorted.slice(1, -1)
        const [first = '', last = ''] = [inner[0], inner.at(-1)]
        const span = memberOfSpan(first, last)
        for (const id of inner) expect(isIn(span, memberOfKey(id, GROUP_ID))).toBe(true)
        expect(isIn(span, memberOfKey(sorted[0] ?? '', GROUP_ID))).toBe(false)
        expect(isIn(span, memberOfKey(sorted.at(-1) ?? '', GROUP_ID))).toBe(false)
      }),
    )
  })
})

describe('memberSlices', () => {
  test('hold every member behind the last one, each once, in order', () => {
    fc.assert(
      fc.property(anyId, fc.array(anyId, { minLength: 1, maxLength: 20 }), (last, ids) => {
        const slices = memberSlices(GROUP_ID, last)
        for (const id of ids) {
          const holders = slices.filter((slice) => isIn(slice, memberKey(GROUP_ID, id)))
          expect(holders).toHaveLength(compareIds(id, last) > 0 ? 1 : 0)
        }
        const bounds = slices.flatMap(({ from, to }) => [from, to])
        expect(bounds).toEqual(bounds.toSorted())
        expect(bounds.at(-1)).toBe(memberRange(GROUP_ID).to)
      }),
    )
  })

  test.each([
    ['10000000-0000-4000-8000-000000000000', 17],
    // 1,000 members up to here: 100,000 of them, 900 to a slice.
    ['028f5c28-0000-4000-8000-000000000000', 111],
    ['fff00000-0000-4000-8000-000000000000', 1],
    // Ids that crowd at the start, or are no UUIDs, are no measure.
    ['00000000-0000-4000-8000-0000000003e8', 1],
    ['0000ffff-0000-4000-8000-0000000003e8', 1],
    ['user-1000', 1],
    ['', 1],
  ])('behind %s there are %i', (last, count) => {
    expect(memberSlices(GROUP_ID, last)).toHaveLength(count)
  })
})
