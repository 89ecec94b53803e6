import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BulkOperation } from '../../../lib/scim/bulk.ts'
import { footprintOf, mustFollow } from '../../../lib/scim/bulk-order.ts'
import { DEFAULT_RESOURCE_TYPES as TYPES } from '../../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../../lib/scim/json.ts'
import { URN } from '../../../lib/scim/urn.ts'
import { BulkSchedule } from '../../../lib/service/bulk-schedule.ts'
import { refusalOf, said, saying } from '../../support/refusal.ts'

const scheduleOf = (operations: Operations): BulkSchedule => new BulkSchedule(TYPES, operations)

type Operations = readonly (BulkOperation | undefined)[]

const user = (userName: string, bulkId = userName, manager?: string): BulkOperation => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: {
    userName,
    ...(manager === undefined ? {} : { [URN.enterpriseUser]: { manager: { value: manager } } }),
  },
})
const group = (displayName: string, ...members: readonly string[]): BulkOperation => ({
  method: 'POST',
  path: '/Groups',
  bulkId: displayName,
  data: { displayName, members: members.map((value) => ({ value })) },
})
const patch = (path: string, ...operations: readonly JsonObject[]): BulkOperation => ({
  method: 'PATCH',
  path,
  data: { Operations: operations },
})
const remove = (path: string): BulkOperation => ({ method: 'DELETE', path })
const title = { op: 'replace', path: 'title', value: 'x' }
const rename = { op: 'replace', path: 'userName', value: 'x' }

/**
 * What would run side by side, one after the other, if there were no limit: each wave is all that is ready when the one
 * before has ended.
 */
function waves(
  schedule: BulkSchedule,
  fails: readonly number[] = [],
): readonly (readonly number[])[] {
  const all: (readonly number[])[] = []
  for (;;) {
    const wave: number[] = []
    for (;;) {
      const index = schedule.next(wave.length === 0)
      if (index === undefined) break
      wave.push(index)
    }
    if (wave.length === 0) return all
    for (const index of wave)
      schedule.settle(index, fails.includes(index) ? undefined : `id${index}`)
    all.push(wave)
  }
}

/** The operations before one that it must not overtake. */
function earlierThatMustEnd(all: Operations, index: number): readonly number[] {
  const later = all[index]
  return all.flatMap((earlier, at) =>
    at < index &&
    earlier !== undefined &&
    later !== undefined &&
    mustFollow(footprintOf(TYPES, later), footprintOf(TYPES, earlier))
      ? [at]
      : [],
  )
}

describe('the order of operations', () => {
  test.each<[string, Operations, readonly (readonly number[])[]]>([
    ['none', [], []],
    [
      'independent ones side by side',
      [user('a'), user('b'), group('G'), patch('/Users/1', title)],
      [[0, 1, 2, 3]],
    ],
    ['broken ones do not wait', [undefined, user('a'), undefined], [[0, 1, 2]]],
    ['a reference waits', [user('a'), group('G', 'bulkId:a')], [[0], [1]]],
    ['a forward reference waits', [group('G', 'bulkId:a'), user('a')], [[1], [0]]],
    [
      'only what refers waits',
      [group('G', 'bulkId:a'), user('a'), user('b'), group('H', '1')],
      [[1, 2, 3], [0]],
    ],
    [
      'references in a chain',
      [group('G', 'bulkId:H'), group('H', 'bulkId:I'), group('I', '1')],
      [[2], [1], [0]],
    ],
    [
      'what one resource undergoes stays in order',
      [patch('/Users/1', title), patch('/Users/1', title), remove('/Users/1')],
      [[0], [1], [2]],
    ],
    [
      'a name is freed before it is taken',
      [remove('/Users/1'), user('a'), user('b')],
      [[0], [1, 2]],
    ],
    [
      'names in a chain',
      [patch('/Users/1', rename), patch('/Users/2', rename), user('a')],
      [[0], [1], [2]],
    ],
    ['a name twice', [user('a', '1'), user('A', '2'), user('b', '3')], [[0, 2], [1]]],
    [
      'deletes side by side',
      [remove('/Users/1'), remove('/Users/2'), remove('/Groups/1')],
      [[0, 1, 2]],
    ],
    ['a path with a bulkId', [patch('/Users/bulkId:a', title), user('a')], [[1], [0]]],
    [
      'a circle is opened at its first POST',
      [group('G', 'bulkId:H'), group('H', 'bulkId:G')],
      [[0], [1]],
    ],
    ['a reference to itself is a circle', [group('G', 'bulkId:G')], [[0]]],
    [
      'a circle of three',
      [user('a', 'a', 'bulkId:b'), user('b', 'b', 'bulkId:c'), user('c', 'c', 'bulkId:a')],
      [[0], [2], [1]],
    ],
    [
      'what is not in a circle does not wait for it',
      [group('G', 'bulkId:H'), user('a'), group('H', 'bulkId:G')],
      [[1], [0], [2]],
    ],
    [
      'a forward reference outweighs the order of names',
      [
        patch('/Users/1', rename, {
          op: 'add',
          value: { [URN.enterpriseUser]: { manager: { value: 'bulkId:a' } } },
        }),
        user('a'),
      ],
      [[1], [0]],
    ],
    ['an unknown reference waits for nothing', [group('G', 'bulkId:none')], [[0]]],
  ])('%s', (_, operations, expected) => {
    expect(waves(scheduleOf(operations))).toEqual(expected)
  })

  test('nothing is taken while it waits, unless one must be chosen', () => {
    const schedule = scheduleOf([group('G', 'bulkId:H'), group('H', 'bulkId:G')])
    expect(schedule.next(false)).toBeUndefined()
    expect(schedule.next(true)).toBe(0)
    expect(schedule.next(false)).toBeUndefined()
    schedule.settle(0, 'id')
    expect(schedule.next(false)).toBe(1)
    expect(schedule.next(true)).toBeUndefined()
  })

  const operation = fc.oneof(
    fc.record({ name: fc.constantFrom('a', 'A', 'b', 'c') }).map(({ name }) => user(name)),
    fc.constantFrom('1', '2').map((id) => remove(`/Users/${id}`)),
    fc
      .record({ id: fc.constantFrom('1', '2'), change: fc.constantFrom(title, rename) })
      .map(({ id, change }) => patch(`/Users/${id}`, change)),
    fc.constantFrom('1', '2').map((id) => group('G', id)),
    fc.constant(undefined),
  )

  /** bulkIds are given once. */
  const operations = fc
    .array(operation, { maxLength: 12 })
    .map((all) =>
      all.map((each, index) =>
        each?.method === 'POST' ? { ...each, bulkId: String(index) } : each,
      ),
    )

  test('whatever ends first: each is taken once, and none before one it must follow', () => {
    fc.assert(
      fc.property(operations, fc.infiniteStream(fc.nat()), (all, choices) => {
        const schedule = scheduleOf(all)
        const running: number[] = []
        const started: number[] = []
        const settled = new Set<number>()
        const overtaken: number[] = []
        for (;;) {
          const index = schedule.next(running.length === 0)
          if (index !== undefined) {
            overtaken.push(...earlierThatMustEnd(all, index).filter((each) => !settled.has(each)))
            running.push(index)
            started.push(index)
            continue
          }
          if (running.length === 0) break
          const [choice = 0] = choices.take(1)
          const [ended] = running.splice(choice % running.length, 1)
          if (ended === undefined) break
          schedule.settle(ended, 'id')
          settled.add(ended)
        }
        expect(overtaken).toEqual([])
        expect(started.toSorted((a, b) => a - b)).toEqual(all.map((_, index) => index))
      }),
    )
  })
})

describe('ids for bulkIds', () => {
  test('are those of what was created', () => {
    const schedule = scheduleOf([user('a'), group('G', 'bulkId:a')])
    waves(schedule)
    expect([schedule.idOf('a'), schedule.idOf('G')]).toEqual(['id0', 'id1'])
  })

  test('do not exist for what has failed', async () => {
    const schedule = scheduleOf([user('a')])
    waves(schedule, [0])
    expect(said(await refusalOf(() => schedule.idOf('a')))).toMatch(
      saying('invalidValue', /failed/),
    )
  })

  test.each(['none', '__proto__', 'constructor', ''])('do not exist for %j', async (bulkId) => {
    const schedule = scheduleOf([user('a')])
    waves(schedule)
    expect(said(await refusalOf(() => schedule.idOf(bulkId)))).toMatch(
      saying('invalidValue', /no POST/),
    )
  })

  test('are none of what a POST has not created, whatever has ended by then', async () => {
    const schedule = scheduleOf([
      { ...patch('/Groups/1', title), bulkId: 'p' },
      group('G', 'bulkId:p'),
    ])
    waves(schedule)
    expect(said(await refusalOf(() => schedule.idOf('p')))).toMatch(
      saying('invalidValue', /no POST/),
    )
  })

  test('may be names that JavaScript knows', () => {
    const schedule = scheduleOf([group('G', 'bulkId:__proto__'), user('a', '__proto__')])
    expect(waves(schedule)).toEqual([[1], [0]])
    expect(schedule.idOf('__proto__')).toBe('id1')
  })
})

describe('circular references', () => {
  test('are left out of the one that goes first, and kept for later', () => {
    const first = group('G', 'bulkId:H', '1')
    const second = group('H', 'bulkId:G')
    const schedule = scheduleOf([first, second])
    waves(schedule)
    expect(schedule.withoutPostponed(first).data).toEqual({
      displayName: 'G',
      members: [{ value: '1' }],
    })
    expect(schedule.withoutPostponed(second)).toBe(second)
    expect([...schedule.postponed()]).toEqual([
      [
        0,
        expect.objectContaining({ operation: first, later: { members: [{ value: 'bulkId:H' }] } }),
      ],
    ])
  })

  test('are none where there is no circle', () => {
    const schedule = scheduleOf([group('G', 'bulkId:a'), user('a')])
    waves(schedule)
    expect(schedule.postponed().size).toBe(0)
  })
})
