import { RestError, type TableClient } from '@azure/data-tables'
import { describe, expect, test } from 'vitest'
import { createRuntime } from '../../lib/runtime.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { eraseTenantResources } from '../../lib/storage/table/erase.ts'
import { tableMaintenance } from '../../lib/storage/table/maintenance.ts'
import { tablePartitions } from '../../lib/storage/table/partitions.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import type { TenantStore } from '../../lib/storage/tenant-port.ts'
import { issueCredential, rotateCredential } from '../../lib/tenants/credentials.ts'
import { beginDeletion } from '../../lib/tenants/tenants.ts'
import { tableService } from '../support/table-service/service.ts'
import { maintenanceStoreContract } from './maintenance-store.ts'
import { aTenant, aToken } from './tenant-store.ts'

type Send = Parameters<TableClient['pipeline']['addPolicy']>[0]['sendRequest']

/** Tables of a service in this process that is empty. */
async function emptyTables(sendRequest?: Send): Promise<Tables> {
  const service = tableService()
  const { connectionString } = service
  const open = (policies: readonly Send[]): Promise<Tables> =>
    openTables(
      { kind: 'connectionString', connectionString },
      {
        httpClient: { sendRequest: (request) => service.sendRequest(request) },
        retryOptions: { maxRetries: 1, retryDelayInMs: 1 },
        additionalPolicies: policies.map((each) => ({
          position: 'perRetry',
          policy: { name: 'fault', sendRequest: each },
        })),
      },
    )
  await createTables(await open([]))
  return open(sendRequest === undefined ? [] : [sendRequest])
}

/** Loses the answer to a request: it was carried out, but nobody hears of it. */
function losing(isLost: (method: string, url: string) => boolean): Send {
  let isOver = false
  return async (request, next) => {
    const response = await next(request)
    if (isOver || !isLost(request.method, request.url)) return response
    isOver = true
    throw new RestError('socket hang up', { code: 'ECONNRESET', request })
  }
}

async function filled(): Promise<TenantStore> {
  const tables = await emptyTables()
  const { name, status, created } = aTenant()
  for (let start = 0; start < 5000; start += 100) {
    await tables.tenants.submitTransaction(
      Array.from({ length: 100 }, (_, n) => {
        const id = `t${String(start + n).padStart(5, '0')}`
        const columns = { name, status, created, partition: `${id}_0123456789abcdef` }
        return ['create', { partitionKey: '_tenants', rowKey: id, ...columns }]
      }),
    )
  }
  return tableTenantStore(tables)
}

function crashingAt(isLast: (method: string, url: string) => boolean): Send {
  return async (request, next) => {
    if (isLast(request.method, request.url)) {
      throw new RestError('gone', { code: 'ECONNRESET', request })
    }
    return next(request)
  }
}

describe('the maintenance in tables', () => {
  maintenanceStoreContract(async () => tableMaintenance(await emptyTables()))
})

test.each(['POST', 'PUT', 'GET', 'DELETE'])(
  'a lost answer to %s takes no lease away',
  async (method) => {
    const store = tableMaintenance(await emptyTables(losing((each) => each === method)))
    const [now, soon, later] = [0, 60_000, 120_000].map((ms) => new Date(ms))
    if (now === undefined || soon === undefined || later === undefined) throw new Error('dates')
    expect(await store.acquire('a', now, soon)).toBe(true)
    expect(await store.acquire('a', now, later)).toBe(true)
    await store.release('a')
    expect(await store.acquire('b', now, later)).toBe(true)
  },
)

describe('5,000 tenants', () => {
  test('a page of 100 takes at most 2 calls', async () => {
    const store = await filled()
    for (const query of [{}, { after: 't04849' }, { status: 'enabled' as const }, { q: 'T0' }]) {
      const { result, calls } = await countCalls(() => store.summaries({ ...query, count: 100 }))
      expect(result.items).toHaveLength(100)
      expect(calls).toBeLessThanOrEqual(2)
    }
    const { result, calls } = await countCalls(() => store.summaries({ q: 't04999', count: 100 }))
    expect([result.items.map(({ id }) => id), calls]).toEqual([['t04999'], 5])
  })
})

describe('a crash', () => {
  test('between a summary and its tenant leaves an id that can be taken', async () => {
    let posts = 0
    let isDown = true
    const tables = await emptyTables(
      crashingAt((method) => isDown && method === 'POST' && ++posts > 1),
    )
    const store = tableTenantStore(tables)
    const tenant = aTenant()
    await expect(store.create(tenant)).rejects.toMatchObject({ kind: 'unavailable' })
    isDown = false
    expect(await store.get(tenant.id)).toBeUndefined()
    expect(await store.summary(tenant)).toBeDefined()
    const later = aTenant({ id: tenant.id, partitionKey: `${tenant.id}_later0later0late` })
    expect(await store.create(later)).toBe(true)
    expect(await store.summary(tenant)).toBeUndefined()
    expect(await store.summary(later)).toBeDefined()
  })

  test('between a summary and its tenant is swept by the maintenance', async () => {
    let posts = 0
    let isDown = true
    const tables = await emptyTables(
      crashingAt((method) => isDown && method === 'POST' && ++posts > 1),
    )
    const { tenants, ...stores } = tableStores(tables)
    const tenant = aTenant()
    await expect(tenants.create(tenant)).rejects.toMatchObject({ kind: 'unavailable' })
    isDown = false
    const now = new Date(Date.parse(tenant.created) + 3_600_000)
    const { maintain } = createRuntime({ tenants, ...stores }, { now: () => now })
    expect(await maintain(() => {})).toMatchObject({ dropped: 1, failures: 0 })
    expect(await tenants.summaries({ count: 10 })).toEqual({ items: [] })
  })

  test('between a change and its summary is mended by the maintenance', async () => {
    let isDown = false
    const tables = await emptyTables(
      crashingAt((method, url) => isDown && method === 'PUT' && url.includes('_tenants')),
    )
    const { tenants, ...stores } = tableStores(tables)
    const tenant = aTenant()
    await tenants.create(tenant)
    isDown = true
    await expect(tenants.update(tenant.id, () => ({ name: 'New' }))).rejects.toThrow('unavailable')
    isDown = false
    expect(await tenants.summary(tenant)).toMatchObject({ name: tenant.name })
    await createRuntime({ tenants, ...stores }).maintain(() => {})
    expect(await tenants.summary(tenant)).toMatchObject({ name: 'New' })
  })

  test('anywhere in a rotation loses no credential that is good', async () => {
    let calls = Number.POSITIVE_INFINITY
    for (let failing = 1; calls >= failing - 1; failing += 1) {
      calls = 0
      let isDown = false
      const tables = await emptyTables(crashingAt(() => isDown && ++calls >= failing))
      const store = tableTenantStore(tables)
      const tenant = aTenant()
      const now = new Date('2026-11-22T08:00:00.000Z')
      await store.create(tenant)
      const spec = { kind: 'clientSecret' } as const
      const { credential } = await issueCredential(store, tenant.id, spec, now)
      isDown = true
      const rotated = await rotateCredential(store, tenant.id, credential.id, {}, now).then(
        ({ secret }) => secret,
        () => undefined,
      )
      isDown = false
      const all = await store.credentials(tenant.id)
      const old = all.find(({ id }) => id === credential.id)
      const isOver = old?.expires === '2026-11-23T08:00:00.000Z'
      // The old one ends only when its successor is there, and whoever is told of that one can rely on both.
      const isRight = rotated === undefined ? all.length > 1 || !isOver : isOver
      expect([failing, isRight]).toEqual([failing, true])
    }
  })

  test('anywhere in a deletion leaves one that the maintenance finishes', async () => {
    let calls = Number.POSITIVE_INFINITY
    for (let failing = 1; calls >= failing - 1; failing += 1) {
      calls = 0
      let isDown = false
      const tables = await emptyTables(crashingAt(() => isDown && ++calls >= failing))
      const { tenants, ...stores } = tableStores(tables)
      const [gone, stays] = [aTenant(), aTenant()]
      let now = new Date(gone.created)
      for (const each of [gone, stays]) {
        await tenants.create(each)
        await tenants.addCredential(each.id, aToken())
        await tables.users.createEntity({
          partitionKey: each.partitionKey,
          rowKey: 'externalId:x:1',
        })
      }
      await tenants.claimIssuer('9188040d-6c67-4c5b-b112-36a304b66dad', gone.partitionKey)
      await beginDeletion(tenants, gone.id, now)
      const { maintain } = createRuntime({ tenants, ...stores }, { now: () => now })
      now = new Date(now.getTime() + 180_000)
      isDown = true
      await maintain(() => {}).catch(() => undefined)
      isDown = false
      now = new Date(now.getTime() + 300_000)
      expect(await maintain(() => {})).toMatchObject({ ran: true, failures: 0 })
      const left: string[] = []
      for (const table of [tables.tenants, tables.users, tables.groups]) {
        for await (const { partitionKey = '', rowKey = '' } of table.listEntities()) {
          left.push(`${partitionKey} ${rowKey}`)
        }
      }
      const ofGone = left.filter((each) => each.includes(gone.id) && !each.startsWith('_orphans'))
      expect([failing, ofGone, left.filter((each) => each.startsWith('_issuers'))]).toEqual([
        failing,
        [],
        [],
      ])
      expect(left).toContain(`${stays.partitionKey} externalId:x:1`)
      expect(await tenants.credentials(stays.id)).toHaveLength(1)
    }
  })
})

describe('a tenant from before there were summaries', () => {
  test('is in the list behind the first run of the maintenance', async () => {
    const tables = await emptyTables()
    const { tenants, ...stores } = tableStores(tables)
    const { name, created, signingKey } = aTenant()
    const columns = { name, created, signingKey, status: 'enabled' }
    await tables.tenants.createEntity({ partitionKey: 'old', rowKey: 'tenant', ...columns })
    expect(await tenants.ids()).toEqual(['old'])
    expect(await tenants.list()).toEqual([])
    await createRuntime({ tenants, ...stores }).maintain(() => {})
    expect(await tenants.summaries({ count: 10 })).toMatchObject({
      items: [{ id: 'old', partitionKey: 'old', users: 0, groups: 0 }],
    })
    expect((await tenants.list()).map(({ id }) => id)).toEqual(['old'])
  })
})

describe('a lost answer', () => {
  test.each([
    ['summary', 1],
    ['row', 2],
  ])('to the insert of the %s of a new tenant is no conflict', async (_, lost) => {
    let posts = 0
    const store = tableTenantStore(
      await emptyTables(losing((method) => method === 'POST' && ++posts === lost)),
    )
    const tenant = aTenant()
    expect(await store.create(tenant)).toBe(true)
    expect(await store.get(tenant.id)).toEqual(tenant)
    expect(await store.summary(tenant)).toBeDefined()
  })

  test('to a change with If-Match is no conflict, and the change is made once', async () => {
    let posts = 0
    const store = tableTenantStore(
      await emptyTables(losing((method) => method === 'POST' && ++posts === 3)),
    )
    const tenant = aTenant()
    await store.create(tenant)
    let asked = 0
    const changed = await store.update(
      tenant.id,
      ({ name }) => {
        asked += 1
        return { name: `${name}!` }
      },
      { ifMatch: tenant.version },
    )
    expect(changed).toMatchObject({ name: `${tenant.name}!` })
    expect([asked, posts]).toEqual([1, 3])
    expect(await store.get(tenant.id)).toEqual(changed)
  })

  test('to a change, behind which somebody else changed it, is no conflict either', async () => {
    let other: (() => Promise<unknown>) | undefined
    const tables = await emptyTables(async (request, next) => {
      const response = await next(request)
      if (request.method !== 'POST' || other === undefined) return response
      const change = other
      other = undefined
      await change()
      throw new RestError('socket hang up', { code: 'ECONNRESET', request })
    })
    const store = tableTenantStore(tables)
    const tenant = aTenant()
    await store.create(tenant)
    other = () => store.update(tenant.id, () => ({ status: 'disabled' }))
    const update = store.update(tenant.id, () => ({ name: 'New' }), { ifMatch: tenant.version })
    expect(await update).toMatchObject({ name: 'New', status: 'enabled' })
    expect(await store.get(tenant.id)).toMatchObject({ name: 'New', status: 'disabled' })
  })

  test('to a claim is no conflict', async () => {
    let posts = 0
    const store = tableTenantStore(
      await emptyTables(losing((method) => method === 'POST' && ++posts === 3)),
    )
    const tenant = aTenant()
    await store.create(tenant)
    expect(await store.claimIssuer('tid', tenant.partitionKey)).toBe(true)
  })

  test('to the insert of a key is no conflict', async () => {
    const store = tableTenantStore(await emptyTables(losing((method) => method === 'POST')))
    const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
    const key = { kid: 'k', jwk, use: 'access', created: '2026-11-22T08:00:00.000Z' } as const
    expect(await store.addAccessKey(key)).toBe(true)
  })
})

test('partitions are listed piece by piece, of both tables, none left out', async () => {
  const tables = await emptyTables()
  const partitions = tablePartitions(tables)
  const keys = Array.from({ length: 11 }, (_, n) => `t${String(n).padStart(2, '0')}`)
  for (const [at, partitionKey] of keys.entries()) {
    const table = at > 2 && at < 7 ? tables.groups : tables.users
    await table.createEntity({ partitionKey, rowKey: 'x:1' })
  }
  for (const count of [1, 2, 3, 5, 50]) {
    const found: string[] = []
    for (let after = ''; ; after = found.at(-1) ?? '') {
      const next = await partitions.next(after, count)
      if (next.length === 0) break
      found.push(...next)
    }
    expect(found).toEqual(keys)
  }
})

test('an erasure that is told to stop leaves the rest for the next one', async () => {
  const tables = await emptyTables()
  for (let start = 0; start < 1500; start += 100) {
    await tables.users.submitTransaction(
      Array.from({ length: 100 }, (_, n) => [
        'create',
        { partitionKey: 'gone', rowKey: `user:${String(start + n)}` },
      ]),
    )
  }
  const erase = eraseTenantResources(tables)
  let asked = 0
  const first = await erase('gone', () => ++asked > 6)
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThan(1500)
  expect(await tablePartitions(tables).count('gone')).toBe(1500 - first)
  expect(await erase('gone')).toBe(1500 - first)
})

test('a note of a deletion is added to the one that is there', async () => {
  const partitions = tablePartitions(await emptyTables())
  const [partitionKey, found] = ['gone', '2026-11-22T08:00:00.000Z']
  await partitions.note({ partitionKey, found })
  await partitions.note({ partitionKey, found: '2026-11-23T08:00:00.000Z', deleted: true })
  await partitions.note({ partitionKey, found: '2026-11-24T08:00:00.000Z' })
  expect(await partitions.notes()).toEqual([{ partitionKey, found, deleted: true }])
})
