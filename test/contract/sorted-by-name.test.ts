import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { parseSort, type Sort } from '../../lib/scim/sort.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { ResourceStore } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { creation, replacement } from '../support/changes.ts'
import { requestMeter, tablesThrough } from '../support/tables.ts'
import { newResource, newTenant, newUser, sortedPage } from './resource-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let table: ResourceStore
let memory: ResourceStore
const meter = requestMeter()

beforeAll(async () => {
  azurite = await startAzurite()
  const tables = await tablesThrough(azurite.connectionString, undefined, meter)
  await createTables(tables)
  table = tableStores(tables).resources
  memory = memoryStores().resources
})

afterAll(() => azurite.stop())

/** Case, width, punctuation that keys escape, and names that a key does not hold as a whole. */
const NAMES = [
  'bo',
  'Al',
  'a!b',
  'a0b',
  'ａｋ',
  'Émile',
  'zoë',
  '~tilde',
  ...['c', 'a', 'b'].map((end) => `${'long-'.repeat(150)}${end}`),
]

function sortOf(sortBy: string, sortOrder: string): Sort {
  const sort = parseSort(sortBy === 'userName' ? USER : GROUP, { sortBy, sortOrder })
  if (sort === undefined) throw new Error('no order')
  return sort
}

describe.each(['ascending', 'descending'])('sorted by a unique name, %s', (sortOrder) => {
  test('the index gives the order that sorting in memory gives, page by page', async () => {
    const tenant = newTenant()
    const sort = sortOf('userName', sortOrder)
    for (const name of NAMES) {
      const user = newUser(name)
      await Promise.all([
        table.create(tenant, USER, ...creation(user)),
        memory.create(tenant, USER, ...creation(user)),
      ])
    }
    for (const startIndex of [1, 4, 10, 99]) {
      const [fromTable, fromMemory] = await Promise.all([
        sortedPage(table, tenant, USER, { sort }, startIndex, 4),
        sortedPage(memory, tenant, USER, { sort }, startIndex, 4),
      ])
      expect(fromTable.resources.map(({ id }) => id)).toEqual(
        fromMemory.resources.map(({ id }) => id),
      )
      expect(fromTable.totalResults).toBe(NAMES.length)
    }
  })

  test('groups by displayName, and only the page is read', async () => {
    const tenant = newTenant()
    const sort = sortOf('displayName', sortOrder)
    await Promise.all(
      ['b', 'c', 'A', 'd'].map((displayName) =>
        table.create(tenant, GROUP, ...creation(newResource({ displayName }))),
      ),
    )
    const { result, calls } = await meter.count(() =>
      sortedPage(table, tenant, GROUP, { sort }, 2, 2),
    )
    const names = result.resources.map(({ attributes }) => attributes['displayName'])
    expect(names).toEqual(sortOrder === 'ascending' ? ['b', 'c'] : ['c', 'b'])
    expect(calls).toBe(3)
  })
})

test('a renamed user is found under the new name', async () => {
  const tenant = newTenant()
  const [first, second] = [newUser('a'), newUser('b')]
  await table.create(tenant, USER, ...creation(first))
  await table.create(tenant, USER, ...creation(second))
  const before = await table.get(tenant, USER, first.id)
  if (before === undefined) throw new Error('no user')
  await table.replace(
    tenant,
    USER,
    before,
    ...replacement({ ...before, attributes: { userName: 'c' } }),
  )
  const page = await sortedPage(
    table,
    tenant,
    USER,
    { sort: sortOf('userName', 'ascending') },
    1,
    10,
  )
  expect(page.resources.map(({ id }) => id)).toEqual([second.id, first.id])
})
