import { RestError } from '@azure/data-tables'
import { beforeEach, describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type { ActivityQuery, ChangeEntry } from '../../lib/storage/activity-port.ts'
import { journalKey } from '../../lib/storage/keys.ts'
import { journalPosition } from '../../lib/storage/journal-position.ts'
import type { Change } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { type Tables } from '../../lib/storage/table/tables.ts'
import type { TenantIdentity } from '../../lib/storage/tenant-port.ts'
import { aChange, creation, scopeOf } from '../support/changes.ts'
import { insertFacts } from '../support/journal.ts'
import { refusalOf } from '../support/refusal.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { madeTables, tablesOf } from '../support/table-service/tables.ts'
import { isTransaction, type Transport } from '../support/tables.ts'
import { user } from './membership-store.ts'
import { newResource, newUser } from './resource-store.ts'

const AUTHOR = { actor: 'credential:abcdefghij01', client: 'entra' }

let service: TableService
let tables: Tables
let stores: TableStores
let rowsInPage: number
let tenants = 0

beforeEach(async () => {
  rowsInPage = 1000
  service = tableService({ pageSize: () => rowsInPage })
  tables = await madeTables(service)
  stores = tableStores(tables)
})

function aTenant(): TenantIdentity {
  tenants += 1
  const id = `acme-${String(tenants)}`
  return { id, partitionKey: `${id}_0123456789abcdef` }
}

function about(resourceType: ResourceType, subject: string, made: Change): Change {
  return { ...made, author: AUTHOR, note: { type: resourceType.name, subject, name: subject } }
}

async function changesOf(
  tenant: TenantIdentity,
  query: ActivityQuery = { count: 1000 },
): Promise<readonly ChangeEntry[]> {
  const { entries } = await stores.activity.read(tenant, query)
  return entries.filter((entry) => entry.kind === 'change')
}

/** After so many writes nothing arrives any more; `lost`: the last of them does, and its answer does not. */
function dyingAfter(writes: number, isLost: boolean): Transport {
  let left = writes
  return async (request, next) => {
    if (request.method === 'GET' && left > 0) return next(request)
    left -= 1
    if (left < 0) throw new RestError('no route', { code: 'EHOSTUNREACH', request })
    const response = await next(request)
    if (left === 0 && isLost) throw new RestError('socket hang up', { code: 'ECONNRESET', request })
    return response
  }
}

/** A user in three groups, whose deletion is stopped somewhere and then finished; what the journal tells of it. */
async function deletedIn(transport: Transport): Promise<readonly unknown[]> {
  const tenant = aTenant()
  const scope = scopeOf(tenant.partitionKey)
  const ada = newUser('ada')
  const groups = ['a', 'b', 'c'].map((displayName) => newResource({ displayName }))
  await stores.resources.create(scope, USER, ...creation(ada))
  for (const group of groups) {
    await stores.resources.create(scope, GROUP, ...creation(group))
    const members = { add: [user(ada.id)], remove: [] }
    await stores.memberships.changeMembers(scope, group.id, members, aChange('members'))
  }
  const stored = await stores.resources.get(scope, USER, ada.id)
  if (stored === undefined) throw new Error('it was not created')
  const deleting = about(USER, ada.id, aChange('delete'))
  const dying = tableStores(await tablesOf(service, transport))
  await dying.resources.delete(scope, USER, stored, deleting).catch(() => undefined)
  await stores.resources.sweep(scope, [USER, GROUP])
  const names = new Map([
    [ada.id, 'ada'],
    ...groups.map(({ id }, at) => [id, 'abc'.charAt(at)] as const),
  ])
  const named = (id = ''): string => names.get(id) ?? id
  return (await changesOf(tenant))
    .filter(({ requestId }) => requestId === deleting.requestId)
    .map(({ operation, type, subject, cause, removed = [], author, at, version }) => {
      const isStamped = at === deleting.stamp.lastModified && version === deleting.stamp.version
      const told = [operation, type, named(subject), named(cause), removed.map(named)]
      return JSON.stringify([...told, author, isStamped])
    })
    .toSorted()
}

describe('a deletion of a user in three groups', () => {
  const left = (group: string): string =>
    JSON.stringify(['members', 'Group', group, 'ada', ['ada'], AUTHOR, true])
  const expected = [
    JSON.stringify(['delete', 'User', 'ada', '', [], AUTHOR, true]),
    ...['a', 'b', 'c'].map(left),
  ].toSorted()

  test('leaves four rows', async () => {
    expect(await deletedIn(dyingAfter(1000, false))).toEqual(expected)
  })

  test.each([1, 2, 3, 4, 5, 6])('leaves the same when it is killed after %i writes', async (n) => {
    expect(await deletedIn(dyingAfter(n, false))).toEqual(expected)
    expect(await deletedIn(dyingAfter(n, true))).toEqual(expected)
  })

  test('leaves none when it is killed before', async () => {
    expect(await deletedIn(dyingAfter(0, false))).toEqual([])
  })
})

test('a change that was given up is no entry', async () => {
  const tenant = aTenant()
  const scope = scopeOf(tenant.partitionKey)
  await stores.resources.create(scope, USER, ...creation(newUser('taken')))
  let isBroken = false
  const breaking = await tablesOf(service, async (request, next) => {
    if (isBroken || !isTransaction(request)) return next(request)
    isBroken = true
    throw new RestError('write EPIPE', { code: 'EPIPE', request })
  })
  const creating = tableStores(breaking).resources.create(
    scope,
    USER,
    ...creation(newUser('taken')),
  )
  expect((await refusalOf(() => creating)).kind).toBe('uniqueness')
  const rows: unknown[] = []
  for await (const { operation } of tables.users.listEntities()) rows.push(operation)
  expect(rows).toContain('none')
  expect(await changesOf(tenant)).toHaveLength(1)
})

test('rows from before there were authors are passed over', async () => {
  const tenant = aTenant()
  const { partitionKey } = tenant
  const { position, stamp } = aChange('create')
  const row = { at: stamp.lastModified, version: stamp.version, operation: 'create', request: 'r' }
  await tables.users.createEntity({ partitionKey, rowKey: journalKey(position), ...row })
  expect(await stores.activity.read(tenant, { count: 5 })).toEqual({ entries: [] })
})

/** The positions on each page of one member's history. */
async function pagesOf(
  tenant: TenantIdentity,
  count: number,
): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = []
  let behind: { readonly behind?: string } = {}
  for (;;) {
    const query = { count, about: { ids: ['ada'], names: [] }, ...behind }
    const { entries, next } = await stores.activity.read(tenant, query)
    pages.push(entries.map(({ position }) => position))
    if (next === undefined) return pages
    behind = { behind: next }
  }
}

describe('the history of one among many', () => {
  const START = Date.parse('2026-10-01T00:00:00.000Z')

  /** Changes of two members each, so many of them, some minutes apart. */
  async function fill(tenant: TenantIdentity, count: number, wanted: number): Promise<void> {
    const facts = Array.from({ length: count }, (_, n) => {
      const at = new Date(START + n * 200_000).toISOString()
      const [position, added] = [journalPosition(at, Math.random), [`m${String(n)}`, 'other']]
      return {
        position,
        at,
        operation: 'members',
        version: 'v',
        requestId: 'r',
        author: AUTHOR,
        type: 'Group',
        subject: `g${String(n)}`,
        added: n % wanted === 0 ? ['ada', ...added] : added,
      } as const
    })
    await insertFacts(tables, tenant, facts, 'groups')
  }

  test('takes several answers of the service, some at a time', async () => {
    const tenant = aTenant()
    await fill(tenant, 3000, 500)
    rowsInPage = 100
    let [most, inFlight] = [0, 0]
    stores = tableStores(
      await tablesOf(service, async (request, next) => {
        inFlight += 1
        most = Math.max(most, inFlight)
        await new Promise((resolve) => setImmediate(resolve))
        const response = await next(request)
        inFlight -= 1
        return response
      }),
    )
    const [page = [], ...others] = await pagesOf(tenant, 50)
    expect(page).toHaveLength(6)
    expect(others).toEqual([])
    expect(most).toBeGreaterThan(3)
    expect(most).toBeLessThanOrEqual(8)
    const single = await pagesOf(tenant, 1)
    expect(single.flat()).toEqual(page)
  })

  test('is read no further than is enough', async () => {
    const tenant = aTenant()
    await fill(tenant, 3000, 2)
    rowsInPage = 100
    const query = { count: 301, about: { ids: ['ada'], names: [] } }
    const sizeOf = async (since: number): Promise<number> => {
      const enough = { count: 10, since }
      return (await stores.activity.read(tenant, { ...query, enough })).entries.length
    }
    expect(await sizeOf(START + 4000 * 200_000)).toBeLessThan(100)
    expect(await sizeOf(START + 2900 * 200_000)).toBeGreaterThanOrEqual(50)
    expect(await sizeOf(START)).toBe(301)
  })

  test('stops after 20,000 rows, and goes on from there', async () => {
    const tenant = aTenant()
    await fill(tenant, 25_000, 24_999)
    const pages = await pagesOf(tenant, 10)
    expect(pages.flat()).toHaveLength(2)
    expect(pages.length).toBeGreaterThan(1)
  }, 60_000)
})
