import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { parseSort } from '../../lib/scim/sort.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
import type { ListQuery, ResourceStore } from '../../lib/storage/port.ts'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { newResource, newTenant, newUser } from './resource-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let table: ResourceStore
let memory: ResourceStore

beforeAll(async () => {
  azurite = await startAzurite()
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  table = tableResourceStore(tables, tableMemberships(tables))
  const state = memoryState()
  memory = memoryResourceStore(state, memoryMemberships(state))
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

function sortOf(sortBy: string, sortOrder: string): NonNullable<ListQuery['sort']> {
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
      await Promise.all([table.create(tenant, USER, user), memory.create(tenant, USER, user)])
    }
    for (const startIndex of [1, 4, 10, 99]) {
      const query = { startIndex, count: 4, sort }
      const [fromTable, fromMemory] = await Promise.all([
        table.list(tenant, USER, query),
        memory.list(tenant, USER, query),
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
        table.create(tenant, GROUP, newResource({ displayName })),
      ),
    )
    const { result, calls } = await countCalls(() =>
      table.list(tenant, GROUP, { startIndex: 2, count: 2, sort }),
    )
    const names = result.resources.map(({ attributes }) => attributes['displayName'])
    expect(names).toEqual(sortOrder === 'ascending' ? ['b', 'c'] : ['c', 'b'])
    expect(calls).toBe(3)
  })
})

test('a renamed user is found under the new name', async () => {
  const tenant = newTenant()
  const [first, second] = [newUser('a'), newUser('b')]
  await table.create(tenant, USER, first)
  await table.create(tenant, USER, second)
  const before = await table.get(tenant, USER, first.id)
  if (before === undefined) throw new Error('no user')
  await table.replace(tenant, USER, before, { ...before, attributes: { userName: 'c' } })
  const page = await table.list(tenant, USER, {
    startIndex: 1,
    count: 10,
    sort: sortOf('userName', 'ascending'),
  })
  expect(page.resources.map(({ id }) => id)).toEqual([second.id, first.id])
})
