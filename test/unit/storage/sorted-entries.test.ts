import { describe, expect, test } from 'vitest'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { LIMITS } from '../../../lib/scim/limits.ts'
import type { StoredResource } from '../../../lib/scim/resource.ts'
import { parseSort, type Sort } from '../../../lib/scim/sort.ts'
import { NO_DEADLINE, type Deadline } from '../../../lib/storage/deadline.ts'
import type { SortedEntry } from '../../../lib/storage/port.ts'
import { sortedEntries } from '../../../lib/storage/sorted-entries.ts'
import { PASSED } from '../../support/changes.ts'

function sortBy(sortOrder: string, by = 'userName'): Sort {
  const sort = parseSort(USER, { sortBy: by, sortOrder })
  if (sort === undefined) throw new Error('no order')
  return sort
}

function resource(id: string, userName: string | undefined, characters = 1): StoredResource {
  const created = '2026-01-01T00:00:00.000Z'
  const attributes = userName === undefined ? {} : { userName }
  return { id, version: '1', created, lastModified: created, attributes, characters }
}

function sorted(
  batches: readonly (readonly StoredResource[])[],
  sort: Sort = sortBy('ascending'),
  deadline: Deadline = NO_DEADLINE,
): Promise<readonly SortedEntry[]> {
  async function* matching(): AsyncGenerator<readonly StoredResource[]> {
    yield* batches
  }
  return sortedEntries(USER, matching(), sort, deadline)
}

const ids = (entries: readonly SortedEntry[]): string => entries.map(({ id }) => id).join('')

describe('sortedEntries', () => {
  const batches = [
    [resource('1', 'b'), resource('2', undefined), resource('3', 'D')],
    [],
    [resource('4', 'a'), resource('5', 'B'), resource('6', undefined)],
  ]

  test.each([
    ['ascending', '415326'],
    ['descending', '263154'],
  ])('%s: %s; equal ones in the order of ids', async (sortOrder, expected) => {
    expect(ids(await sorted(batches, sortBy(sortOrder)))).toBe(expected)
  })

  test('have the key, and the resource', async () => {
    const [first, , , , last] = await sorted(batches)
    expect(first).toEqual({ id: '4', key: { value: 'a' }, stored: batches[2]?.[0] })
    expect(last).toEqual({ id: '2', key: { value: undefined }, stored: batches[0]?.[1] })
  })

  test('have no resources when they are too large together', async () => {
    const large = [1, 2, 3].map((n) => resource(String(n), `${n}`, LIMITS.answerBytes / 2))
    expect(ids(await sorted([large.slice(0, 2)]))).toBe('12')
    expect((await sorted([large.slice(0, 2)])).every(({ stored }) => stored !== undefined)).toBe(
      true,
    )
    const entries = await sorted([large.slice(0, 2), large.slice(2), [resource('4', '4')]])
    expect(ids(entries)).toBe('1234')
    expect(entries.every(({ stored }) => stored === undefined)).toBe(true)
  })

  test('are no more than can be held', async () => {
    const full = Array.from({ length: LIMITS.sortedResources }, (_, n) => resource(`${n}`, `${n}`))
    expect(await sorted([full])).toHaveLength(LIMITS.sortedResources)
    await expect(sorted([full, [resource('x', 'x')]])).rejects.toMatchObject({ kind: 'tooMany' })
  })

  test('end with the deadline', async () => {
    const late = sorted([[resource('1', 'a')]], sortBy('ascending'), PASSED)
    await expect(late).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
