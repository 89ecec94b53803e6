import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../../lib/scim/limits.ts'
import type { StoredResource } from '../../../lib/scim/resource.ts'
import {
  emptyPage,
  inOrderOfIds,
  pageByIndex,
  pageByPosition,
  requirePosition,
  type Matches,
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

/** The same, each as large as an answer may be. */
async function* heavy(matching: Matches): Matches {
  for await (const batch of matching) {
    for (const stored of batch) yield [{ ...stored, characters: LIMITS.answerBytes }]
  }
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
    const page = await pageByIndex(matching, { startIndex, count })
    expect(page.totalResults).toBe(5)
    expect(ids(page.resources)).toEqual(expected)
  })

  test('counts on behind what an answer can hold', async () => {
    const { matching } = batches(['a', 'b'], ['c', 'd'])
    const page = await pageByIndex(heavy(matching), { startIndex: 2, count: 3 })
    expect(ids(page.resources)).toEqual(['b'])
    expect(page.totalResults).toBe(4)
  })
})

describe('a page', () => {
  const half = LIMITS.answerBytes / 2
  test.each([
    [[1, 1, 1], 3],
    [[half, half, 1], 2],
    [[half, half + 1, 1], 1],
    [[LIMITS.answerBytes + 1, 1], 1],
    [[1, LIMITS.answerBytes, 1], 1],
  ])('of %j characters holds %i', (sizes, expected) => {
    const page = emptyPage(3)
    const added = sizes.map((characters, n) => page.add({ ...resource(String(n)), characters }))
    expect(added.filter(Boolean)).toHaveLength(expected)
    expect(page.resources).toHaveLength(expected)
    expect(page.isFull).toBe(expected === 3 || expected < sizes.length)
  })

  test('of none is full', () => {
    expect(emptyPage(0).isFull).toBe(true)
    expect(emptyPage(0).add(resource('a'))).toBe(false)
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

  test('goes on behind what an answer can hold', async () => {
    const found = batches(['a', 'b'], ['c'])
    const page = await pageByPosition(heavy(found.matching), { count: 3 })
    expect(page).toMatchObject({ resources: [{ id: 'a' }], next: 'a' })
    expect(page.totalResults).toBeUndefined()
    expect(found.asked()).toBe(1)
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
