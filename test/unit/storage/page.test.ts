import { describe, expect, test } from 'vitest'
import { parseSort } from '../../../lib/scim/sort.ts'
import type { StoredResource } from '../../../lib/scim/resource.ts'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import {
  inOrderOfIds,
  MAX_SORTED,
  pageByIndex,
  pageByPosition,
  requirePosition,
} from '../../../lib/storage/page.ts'

function resource(id: string): StoredResource {
  const created = '2026-01-01T00:00:00.000Z'
  return { id, version: '1', created, lastModified: created, attributes: { userName: id } }
}

/** Batches of resources, and how many of them were asked for. */
function batches(...ids: readonly (readonly string[])[]): {
  matching: AsyncIterable<readonly StoredResource[]>
  asked: () => number
} {
  let asked = 0
  async function* matching(): AsyncGenerator<readonly StoredResource[]> {
    for (const batch of ids) {
      asked += 1
      yield batch.map(resource)
    }
  }
  return { matching: matching(), asked: () => asked }
}

const ids = (resources: readonly StoredResource[]): string[] => resources.map(({ id }) => id)

describe('pageByIndex', () => {
  test.each([
    [1, 2, ['a', 'b']],
    [2, 3, ['b', 'c', 'd']],
    [4, 10, ['d', 'e']],
    [5, 1, ['e']],
    [6, 1, []],
    [1, 0, []],
    [3, 1, ['c']],
  ])('from %i, %i of them', async (startIndex, count, expected) => {
    const { matching } = batches(['a', 'b'], [], ['c'], ['d', 'e'])
    const page = await pageByIndex(USER, matching, { startIndex, count })
    expect(page.totalResults).toBe(5)
    expect(ids(page.resources)).toEqual(expected)
  })

  test('sorts before it pages', async () => {
    const sort = parseSort(USER, { sortBy: 'userName', sortOrder: 'descending' })
    if (sort === undefined) throw new Error('no order')
    const { matching } = batches(['b', 'd'], ['a'], ['c'])
    const page = await pageByIndex(USER, matching, { startIndex: 2, count: 2, sort })
    expect(ids(page.resources)).toEqual(['c', 'b'])
    expect(page.totalResults).toBe(4)
  })

  test('sorts no more than it can hold, and stops reading', async () => {
    const sort = parseSort(USER, { sortBy: 'userName' })
    if (sort === undefined) throw new Error('no order')
    const full = Array.from({ length: MAX_SORTED }, (_, n) => `id-${n}`)
    const query = { startIndex: 1, count: 1, sort }
    const enough = batches(full)
    expect((await pageByIndex(USER, enough.matching, query)).totalResults).toBe(MAX_SORTED)
    const tooMany = batches(full, ['one more'], ['never read'])
    await expect(pageByIndex(USER, tooMany.matching, query)).rejects.toMatchObject({
      kind: 'tooMany',
    })
    expect(tooMany.asked()).toBe(2)
  })
})

describe('pageByPosition', () => {
  test.each([
    [1, ['a'], 'a', 1],
    [2, ['a', 'b'], 'b', 3],
    [4, ['a', 'b', 'c', 'd'], 'd', 4],
    [5, ['a', 'b', 'c', 'd', 'e'], undefined, 4],
    [9, ['a', 'b', 'c', 'd', 'e'], undefined, 4],
    [0, [], '', 1],
  ])('%i of them', async (count, expected, next, asked) => {
    const found = batches(['a', 'b'], [], ['c'], ['d', 'e'])
    const page = await pageByPosition(found.matching, { count })
    expect(ids(page.resources)).toEqual(expected)
    expect(page.next).toBe(next)
    expect(found.asked()).toBe(asked)
    expect(page.totalResults).toBe(next === undefined ? 5 : undefined)
  })

  test('knows the total only from the start', async () => {
    const page = await pageByPosition(batches(['b']).matching, { after: 'a', count: 5 })
    expect(page).toEqual({ resources: [resource('b')] })
  })

  test('of nothing stays where it is', async () => {
    const page = await pageByPosition(batches(['b']).matching, { after: 'a', count: 0 })
    expect(page).toEqual({ resources: [], next: 'a' })
  })
})

test.each(['a b', '%', 'user:1'])('the position %j is refused', (after) => {
  expect(() => requirePosition(after)).toThrow('cursor')
})

test('ids are in the order of their keys', () => {
  const sorted = inOrderOfIds(['b', 'é', 'B', 'a', '1'].map(resource))
  expect(ids(sorted)).toEqual(['1', 'é', 'B', 'a', 'b'])
})
