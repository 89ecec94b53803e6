import { afterEach, describe, expect, test, vi } from 'vitest'
import { GROUP, USER } from '../../../../lib/scim/default-resource-types.ts'
import type { JsonObject, JsonValue } from '../../../../lib/scim/json.ts'
import { LIMITS } from '../../../../lib/scim/limits.ts'
import { applyPatch } from '../../../../lib/scim/patch/apply.ts'
import { Comparisons } from '../../../../lib/scim/patch/comparisons.ts'
import { memberMatcher } from '../../../../lib/scim/patch/members.ts'
import { readPatchAtOnce } from '../../../../lib/scim/patch/read.ts'
import { frozen, patched } from '../../../support/patching.ts'
import { refusalOf, said, saying } from '../../../support/refusal.ts'
import { workingTime } from '../../../support/working-time.ts'

afterEach(() => vi.restoreAllMocks())

const TOO_MANY = /at most 2000000 comparisons.*several requests/

function userWith(count: number, text: (i: number) => string): JsonObject {
  return { userName: 'b', ims: Array.from({ length: count }, (_, i) => ({ value: text(i) })) }
}

/** A path with a condition so many times: what does not match the first is done at once, and counts as all. */
function pathOf(attribute: string, condition: string, count: number): string {
  return `${attribute}[${Array.from({ length: count }, () => condition).join(' and ')}]`
}

function times(count: number, operation: JsonObject): readonly JsonObject[] {
  return Array.from({ length: count }, () => operation)
}

/** How often the others had their turn while the operations were applied. */
function turns(attributes: JsonObject, operations: readonly JsonValue[]): number {
  const { operations: read } = readPatchAtOnce(USER, { Operations: operations })
  return [...applyPatch(USER, frozen(attributes), read)].length
}

describe('a PATCH', () => {
  const user = userWith(1000, (i) => `${i}`)

  test('may make as many comparisons as the limit', async () => {
    // 1000 values with 50 conditions each.
    const operation = { op: 'remove', path: pathOf('ims', 'value eq "x"', 50) }
    expect(patched(USER, user, ...times(40, operation))).toBe(user)
    expect(said(await refusalOf(() => patched(USER, user, ...times(41, operation))))).toMatch(
      saying('invalidValue', new RegExp(`^Operation 41: .*${TOO_MANY.source}`)),
    )
  })

  test('is refused before it makes those that are too many', async () => {
    const long = userWith(1000, (i) => `${i}${'é'.repeat(395)}`)
    const path = pathOf('ims', 'value co "z"', 50)
    const worked = workingTime()
    const error = said(
      await refusalOf(() => patched(USER, long, ...times(918, { op: 'remove', path }))),
    )
    expect(error).toMatch(saying('invalidValue', TOO_MANY))
    expect(worked()).toBeLessThan(2000)
  })

  test.each<[string, JsonObject]>([
    ['values that are added', { op: 'add', path: 'ims', value: [{ value: '1' }] }],
    ['values that are listed', { op: 'remove', path: 'ims', value: [{ value: 'x' }] }],
    ['values that are changed', { op: 'replace', path: 'ims.display', value: 'D' }],
  ])(
    'counts the %s, and 300 operations on 1000 short ones are not too many',
    async (_, operation) => {
      expect(() => patched(USER, user, ...times(300, operation))).not.toThrow()
      const long = userWith(999, (i) => `${i}${'a'.repeat(400)}`)
      expect(said(await refusalOf(() => patched(USER, long, ...times(300, operation))))).toMatch(
        saying('invalidValue', TOO_MANY),
      )
    },
  )

  test('counts a search in a long text as more, other conditions not', async () => {
    const long = userWith(50, (i) => `${i}${'a'.repeat(8000)}`)
    const run = (operator: string): unknown =>
      patched(
        USER,
        long,
        ...times(20, { op: 'remove', path: pathOf('ims', `value ${operator} "x"`, 50) }),
      )
    expect(said(await refusalOf(() => run('co')))).toMatch(saying('invalidValue', TOO_MANY))
    expect(run('eq')).toBe(long)
  })

  test('folds each stored value once, however many operations and conditions look at it', () => {
    const named = userWith(20, (i) => `é${i}`)
    const operations = times(10, { op: 'remove', path: pathOf('ims', 'value co "z"', 10) })
    const normalize = vi.spyOn(String.prototype, 'normalize')
    patched(USER, named, ...operations)
    expect(normalize).toHaveBeenCalledTimes(20)
  })
})

describe('others have their turn', () => {
  const user = userWith(1000, (i) => `${i}`)

  test('not during a few operations', () => {
    expect(turns(user, times(3, { op: 'remove', path: 'ims[value eq "x"]' }))).toBe(0)
  })

  test('after 50,000 comparisons', () => {
    expect(turns(user, times(11, { op: 'remove', path: pathOf('ims', 'value eq "x"', 50) }))).toBe(
      10,
    )
  })

  test('after some operations that compare nothing', () => {
    const operation = { op: 'replace', path: 'title', value: 'T' }
    expect(turns(user, times(100, operation))).toBeGreaterThan(3)
  })
})

describe('members', () => {
  const remove = { op: 'remove', path: pathOf('members', 'type eq "User"', 40) }
  const members = Array.from({ length: 2500 }, (_, i) => ({ value: `u${i}`, type: 'Group' }))
  const add = { op: 'add', path: 'members', value: members }

  test('that were added are compared with later filters so often only', async () => {
    const body = { Operations: [add, ...times(999, remove)] }
    expect(said(await refusalOf(() => readPatchAtOnce(GROUP, body)))).toMatch(
      saying('invalidValue', new RegExp(`^Operation 22: .*${TOO_MANY.source}`)),
    )
  })

  test('of a group too', async () => {
    const { members: patch } = readPatchAtOnce(GROUP, { Operations: times(2, remove) })
    const comparisons = new Comparisons()
    comparisons.charge(Array.from({ length: LIMITS.patchComparisons - 80 }, () => 'x'))
    const isMatched = memberMatcher(patch?.removeMatching ?? [], comparisons)
    expect(isMatched({ value: 'g', type: 'Group' })).toBe(false)
    expect(said(await refusalOf(() => isMatched({ value: 'g', type: 'Group' })))).toMatch(
      saying('invalidValue', new RegExp(`^Operation 1: .*${TOO_MANY.source}`)),
    )
  })
})
