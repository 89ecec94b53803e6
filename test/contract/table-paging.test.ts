import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { parseSort } from '../../lib/scim/sort.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type { PositionedPage, ResourceStore, Scope } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { creation, replacement } from '../support/changes.ts'
import {
  hesitating,
  insertMany,
  requestMeter,
  tablesThrough,
  type Transport,
} from '../support/tables.ts'
import { refusalOf } from '../support/refusal.ts'
import { changed, filterOf, newResource, newTenant, newUser, sortedPage } from './resource-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
let store: ResourceStore
const meter = requestMeter()

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await tablesThrough(azurite.connectionString, undefined, meter)
  await createTables(tables)
  store = tableStores(tables).resources
})

afterAll(() => azurite.stop())

async function storeThrough(transport: Transport): Promise<ResourceStore> {
  return tableStores(await tablesThrough(azurite.connectionString, transport)).resources
}

/** An id that looks random and is the same in every run. */
function idNumber(n: number): string {
  const hex = createHash('sha256').update(String(n)).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const ids = (resources: readonly StoredResource[]): string[] => resources.map(({ id }) => id)

async function pagesByIndex(
  from: ResourceStore,
  tenant: Scope,
  count: number,
  total: number,
): Promise<string[]> {
  const paged: string[] = []
  for (let startIndex = 1; startIndex <= total; startIndex += count) {
    const page = await from.list(tenant, USER, { startIndex, count })
    expect(page.totalResults).toBe(total)
    paged.push(...ids(page.resources))
  }
  return paged
}

async function pagesByPosition(
  from: ResourceStore,
  tenant: Scope,
  count: number,
  filter?: string,
): Promise<string[]> {
  const paged: string[] = []
  let next: string | undefined
  do {
    const page: PositionedPage = await from.listFrom(tenant, USER, {
      count,
      ...(filter === undefined ? {} : { filter: filterOf(filter) }),
      ...(next === undefined ? {} : { after: next }),
    })
    paged.push(...ids(page.resources))
    next = page.next
  } while (next !== undefined)
  return paged
}

describe('thousands of users', () => {
  const USERS = 5000
  const tenant = newTenant()
  // A fifth has ids that begin alike, as in a tenant fifty times as large.
  const users = Array.from({ length: USERS }, (_, n) => {
    const id = n % 5 === 0 ? `7a${idNumber(n).slice(2)}` : idNumber(n)
    return newResource({ userName: `user-${n}`, active: n % 2 === 0, title: `T${n % 100}` }, id)
  })
  const inOrder = ids(users).toSorted()

  beforeAll(() => insertMany(tables, tenant, USER, users))

  test.each([1000, 999, 333])('pages of %i by index have each once', async (count) => {
    expect(await pagesByIndex(store, tenant, count, USERS)).toEqual(inOrder)
  })

  test('pages by position have each once', async () => {
    expect(await pagesByPosition(store, tenant, 700)).toEqual(inOrder)
    expect(await pagesByPosition(store, tenant, 1000, 'userName pr')).toEqual(inOrder)
  })

  test.each([
    [1, 100],
    [2300, 100],
    [2900, 100],
    [USERS, 1],
    [2900, 1000],
  ])('a page at %i takes five round trips at most', async (startIndex, count) => {
    const { result, roundTrips } = await meter.count(() =>
      store.list(tenant, USER, { startIndex, count }),
    )
    expect(ids(result.resources)).toEqual(inOrder.slice(startIndex - 1, startIndex - 1 + count))
    expect(roundTrips).toBeLessThanOrEqual(3)
  })

  test('the number alone takes one round trip, a page by position one call', async () => {
    const number = await meter.count(() => store.list(tenant, USER, { startIndex: 1, count: 0 }))
    expect(number).toMatchObject({ result: { totalResults: USERS }, calls: 1 })
    const middle = inOrder[2500]
    if (middle === undefined) throw new Error('no middle')
    const page = await meter.count(() =>
      store.listFrom(tenant, USER, { count: 999, after: middle }),
    )
    expect(page.calls).toBe(1)
    expect(ids(page.result.resources)).toEqual(inOrder.slice(2501, 3500))
  })

  test.each([
    ['title eq "T7"', (n: number) => n % 100 === 7],
    ['active eq true and title eq "T8"', (n: number) => n % 100 === 8],
    ['active eq false and title eq "T8"', () => false],
    ['userName ew "99"', (n: number) => n % 100 === 99],
  ])('a scan for %s is complete', async (text, expected) => {
    const matching = users.filter((_, n) => expected(n))
    const all = { startIndex: 1, count: 1000, filter: filterOf(text) }
    const { result, roundTrips } = await meter.count(() => store.list(tenant, USER, all))
    expect(ids(result.resources)).toEqual(ids(matching).toSorted())
    expect(result.totalResults).toBe(matching.length)
    expect(roundTrips).toBeLessThanOrEqual(4)
    expect(await pagesByPosition(store, tenant, 20, text)).toEqual(ids(matching).toSorted())
  })

  test('a page deep in what a scan finds starts where the one before ended', async () => {
    const filter = filterOf('active eq true')
    const active = ids(users.filter((_, n) => n % 2 === 0)).toSorted()
    const page = await store.list(tenant, USER, { startIndex: 2001, count: 300, filter })
    expect(page.totalResults).toBe(USERS / 2)
    expect(ids(page.resources)).toEqual(active.slice(2000, 2300))
  })

  test('those who start alike are found through a scan when there are many', async () => {
    const many = newTenant()
    const named = Array.from({ length: 501 }, (_, n) => newUser(`jo-${n}`))
    for (let start = 0; start < named.length; start += 50) {
      const batch = named.slice(start, start + 50)
      await Promise.all(batch.map((user) => store.create(many, USER, ...creation(user))))
    }
    const query = { startIndex: 500, count: 10, filter: filterOf('userName sw "JO"') }
    const page = await store.list(many, USER, query)
    expect(page.totalResults).toBe(501)
    expect(ids(page.resources)).toEqual(ids(named).toSorted().slice(499))
    const few = { startIndex: 1, count: 1000, filter: filterOf('userName sw "jo-50"') }
    expect((await store.list(many, USER, few)).totalResults).toBe(2)
  })

  test('short and empty answers of the service change nothing', async () => {
    const hesitant = await storeThrough(hesitating(150))
    expect(await pagesByIndex(hesitant, tenant, 1000, USERS)).toEqual(inOrder)
    expect(await pagesByPosition(hesitant, tenant, 1000)).toEqual(inOrder)
    const query = { startIndex: 1, count: 100, filter: filterOf('title eq "T7"') }
    expect(await hesitant.list(tenant, USER, query)).toEqual(await store.list(tenant, USER, query))
  })
})

describe('sorting', () => {
  test('of more than can be held is refused', async () => {
    const tenant = newTenant()
    const users = Array.from({ length: 10_001 }, (_, n) =>
      newResource({ userName: `user-${n}`, title: `title-${n}` }),
    )
    await insertMany(tables, tenant, USER, users)
    const sort = parseSort(USER, { sortBy: 'title' })
    if (sort === undefined) throw new Error('no order')
    const error = await refusalOf(() => store.sorted(tenant, USER, { sort }))
    expect(error.kind).toBe('tooMany')
    expect(error.detail).toContain('10000')
    const scan = filterOf('userName co "-1000"')
    const few = await sortedPage(store, tenant, USER, { sort, filter: scan }, 2, 1)
    expect(few.totalResults).toBe(2)
    expect(few.resources[0]?.attributes['userName']).toBe('user-10000')
  })
})

describe('short and empty answers', () => {
  test.each([
    'userName eq "user-3"',
    'externalId eq "same"',
    'emails eq "all@x.org"',
    'userName sw "user-1"',
    'title eq "guide"',
    'active eq true and meta.created pr',
  ])('%s finds the same', async (text) => {
    const tenant = newTenant()
    const users = Array.from({ length: 25 }, (_, n) => {
      const emails = [{ value: 'all@x.org' }]
      return newUser(`user-${n}`, { externalId: 'same', emails, title: 'Guide', active: true })
    })
    await Promise.all(users.map((user) => store.create(tenant, USER, ...creation(user))))
    const query = { startIndex: 1, count: 100, filter: filterOf(text) }
    const expected = await store.list(tenant, USER, query)
    expect(expected.totalResults).toBeGreaterThan(0)
    const hesitant = await storeThrough(hesitating(4))
    expect(await hesitant.list(tenant, USER, query)).toEqual(expected)
    expect(await pagesByPosition(hesitant, tenant, 3, text)).toEqual(ids(expected.resources))
  })
})

describe('the candidates of a filter', () => {
  test.each([
    [1, 1],
    [10, 10],
    [11, 0],
  ])('of %i an index tells %i', async (count, expected) => {
    const tenant = newTenant()
    const users = Array.from({ length: count }, (_, n) => newUser(`u-${n}`, { externalId: 'x' }))
    await Promise.all(users.map((user) => store.create(tenant, USER, ...creation(user))))
    const told: (readonly string[])[] = []
    const query = {
      startIndex: 1,
      count: 100,
      onCandidates: (each: readonly string[]) => told.push(each),
    }
    await store.list(tenant, USER, { ...query, filter: filterOf('externalId eq "x"') })
    expect(told.flat().toSorted()).toEqual(expected === 0 ? [] : ids(users).toSorted())
    await store.list(tenant, USER, { ...query, filter: filterOf('externalId eq "nobody"') })
    await store.list(tenant, USER, { ...query, filter: filterOf('title pr') })
    expect(told).toHaveLength(expected === 0 ? 0 : 1)
  })
})

describe('round trips', () => {
  const tenant = newTenant()
  const user = newUser('bjensen', { externalId: 'x', emails: [{ value: 'b@x.org' }] })
  const group = newResource({ displayName: 'Team' })

  beforeAll(async () => {
    await store.create(tenant, USER, ...creation(user))
    await store.create(tenant, USER, ...creation(newUser('other')))
    await store.create(tenant, GROUP, ...creation(group))
  })

  test.each([
    ['userName eq "nobody"', 1],
    ['externalId eq "nobody"', 1],
    ['emails[type eq "work" and value eq "nobody"]', 1],
    ['id eq "nobody"', 1],
    [`id eq "${user.id}"`, 1],
    ['userName eq "BJENSEN"', 2],
    ['externalId eq "x" and active eq true', 2],
    ['emails eq "b@x.org"', 2],
    ['displayName eq "x"', 1],
  ])('users by %s: %i', async (text, expected) => {
    const query = { startIndex: 1, count: 100, filter: filterOf(text) }
    const { roundTrips } = await meter.count(() => store.list(tenant, USER, query))
    expect(roundTrips).toBe(expected)
  })

  test.each([
    ['displayName eq "nobody"', 1],
    ['displayName eq "team"', 2],
    [`id eq "${group.id}" and members eq "${user.id}"`, 1],
    [`members eq "${user.id}"`, 1],
  ])('groups by %s: %i', async (text, expected) => {
    const query = { startIndex: 1, count: 100, filter: filterOf(text, GROUP) }
    const { roundTrips } = await meter.count(() => store.list(tenant, GROUP, query))
    expect(roundTrips).toBe(expected)
  })

  test.each([
    [USER, 'userName', 2],
    // Whether a team made by hand has the name is read beside the counter.
    [GROUP, 'displayName', 3],
  ] as const)(
    'to create, read and replace: %o',
    async (resourceType: ResourceType, name, calls) => {
      const created = newResource({ [name]: randomUUID() })
      const creating = await meter.count(() =>
        store.create(tenant, resourceType, ...creation(created)),
      )
      expect(creating).toMatchObject({ calls, roundTrips: 2 })
      const reading = await meter.count(() => store.get(tenant, resourceType, created.id))
      expect(reading.calls).toBe(1)
      const stored = reading.result
      if (stored === undefined) throw new Error('not there')
      const after = changed(stored, { [name]: randomUUID(), externalId: '1' })
      const change = await meter.count(() =>
        store.replace(tenant, resourceType, stored, ...replacement(after)),
      )
      expect(change).toMatchObject({ result: true, calls: 1 })
    },
  )
})
