import { RestError, type TableClient } from '@azure/data-tables'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { countCalls } from '../../lib/storage/calls.ts'
import { eraseTenantResources } from '../../lib/storage/table/erase.ts'
import { tablePartitions } from '../../lib/storage/table/partitions.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import type { Tenant, TenantStore } from '../../lib/storage/tenant-port.ts'
import { startAzurite } from '../support/azurite.ts'
import { aDefinition } from '../support/definitions.ts'
import { hesitating, isTransaction, losingAnswerAfter } from '../support/tables.ts'
import { aTenant, aToken, declare, kept, tenantStoreContract } from './tenant-store.ts'

type Policy = Parameters<TableClient['pipeline']['addPolicy']>[0]
type Send = Policy['sendRequest']

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await open()
  await createTables(tables)
})

afterAll(() => azurite.stop())

function open(): Promise<Tables> {
  const { connectionString } = azurite
  const retryOptions = { maxRetries: 1, retryDelayInMs: 1 }
  return openTables({ kind: 'connectionString', connectionString }, { retryOptions })
}

/** A store over tables of its own, all of whose requests go through `sendRequest`, each try of them. */
async function storeThrough(sendRequest: Send): Promise<TenantStore> {
  const { tenants } = await open()
  tenants.pipeline.addPolicy({ name: 'fault', sendRequest }, { afterPhase: 'Retry' })
  return tableTenantStore({ tenants })
}

/** Loses the answer to the first request of this method: it was carried out, but nobody hears of it. */
function losingFirst(method: string): Send {
  let lost = false
  return async (request, next) => {
    const response = await next(request)
    if (lost || request.method !== method) return response
    lost = true
    throw new RestError('socket hang up', { code: 'ECONNRESET', request })
  }
}

async function fill(partitionKey: string, rows: number): Promise<void> {
  for (const table of [tables.users, tables.groups]) {
    for (let start = 0; start < rows; start += 100) {
      const keys = Array.from({ length: Math.min(100, rows - start) }, (_, n) => start + n)
      await table.submitTransaction(
        keys.map((key) => ['create', { partitionKey, rowKey: `user:${String(key)}` }]),
      )
    }
  }
}

async function rowsOf(partitionKey: string): Promise<number> {
  let rows = 0
  for (const table of [tables.users, tables.groups]) {
    for await (const entity of table.listEntities()) {
      if (entity.partitionKey === partitionKey) rows += 1
    }
  }
  return rows
}

describe('tenants in Table Storage', () => {
  tenantStoreContract(() => tableTenantStore(tables))
})

describe('round trips', () => {
  test.each([
    ['a tenant and a token', aToken().id],
    ['an unknown token', 'missing00000'],
  ])('findCredential takes one for %s', async (_, tokenId) => {
    const { id } = aTenant()
    const plain = tableTenantStore(tables)
    await plain.create(aTenant({ id }))
    await plain.addCredential(id, aToken())
    const methods: string[] = []
    const store = await storeThrough((request, next) => {
      methods.push(request.method)
      return next(request)
    })
    await store.findCredential(id, tokenId)
    expect(methods).toEqual(['GET'])
  })
})

const CHANGES: readonly (readonly [
  string,
  (store: TenantStore, id: string) => Promise<unknown>,
])[] = [
  ['update', (store, id) => store.update(id, () => ({ name: 'New' }))],
  ['addCredential', (store, id) => store.addCredential(id, aToken({ id: 'another00000' }))],
  [
    'updateCredential',
    (store, id) => store.updateCredential(id, aToken().id, () => ({ label: 'x' })),
  ],
  [
    'revoke',
    (store, id) => store.updateCredential(id, aToken().id, () => ({ revoked: aToken().created })),
  ],
  ['addDefinition', (store, id) => declare(store, id, aDefinition('two'))],
  [
    'changeDefinition',
    (store, id) => store.changeDefinition(id, 'one', (one) => ({ ...one, label: 'New' })),
  ],
  [
    'removeDefinition',
    (store, id) => store.removeDefinition(id, 'one', { at: aToken().created, purge: true }),
  ],
]

/** The keys of a tenant's journal. */
async function journalOf(id: string): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { partitionKey, rowKey = '' } of tables.tenants.listEntities()) {
    if (partitionKey === id && rowKey.startsWith('journal:')) keys.push(rowKey)
  }
  return keys
}

describe('a lost answer', () => {
  test('to create is no conflict', async () => {
    const store = await storeThrough(losingFirst('POST'))
    const tenant = aTenant()
    expect(await store.create(tenant)).toBe(true)
    expect(await store.get(tenant.id)).toEqual(tenant)
  })

  test('to addCredential is no conflict', async () => {
    const { id } = aTenant()
    await tableTenantStore(tables).create(aTenant({ id }))
    const store = await storeThrough(losingFirst('POST'))
    expect(await store.addCredential(id, aToken())).toBe(true)
    expect(await store.credentials(id)).toEqual([kept(aToken())])
  })

  test.each(CHANGES)('to %s leaves one row in the journal', async (_, change) => {
    const { id } = aTenant()
    await directStore().create(aTenant({ id }))
    await directStore().addCredential(id, aToken())
    await declare(directStore(), id, aDefinition('one'))
    const before = (await journalOf(id)).length
    await change(await storeThrough(losingFirst('POST')), id)
    expect(await journalOf(id)).toHaveLength(before + 1)
  })

  test('to create leaves one row in the journal', async () => {
    const tenant = aTenant()
    expect(await (await storeThrough(losingFirst('POST'))).create(tenant)).toBe(true)
    expect(await journalOf(tenant.id)).toHaveLength(1)
  })

  test.each([false, true])(
    'to a change is told from what others have changed since, with If-Match %s',
    async (isConditional) => {
      const tenant = aTenant()
      const { id } = tenant
      await directStore().create(tenant)
      const other = (): Promise<unknown> => directStore().update(id, () => ({ name: 'Other' }))
      const store = await storeThrough(losingAnswerAfter(isTransaction, other))
      const options = isConditional ? { ifMatch: tenant.version } : {}
      const asked: string[] = []
      const change = ({ name }: Tenant): { name: string } => {
        asked.push(name)
        return { name: 'Ours' }
      }
      expect(await store.update(id, change, options)).toMatchObject({ name: 'Ours' })
      expect(asked).toEqual([tenant.name])
      expect(await directStore().get(id)).toMatchObject({ name: 'Other' })
      expect(await journalOf(id)).toHaveLength(3)
    },
  )

  test('to what is not in the journal is not known when others have changed it since', async () => {
    const tenant = aTenant()
    const { id, version: ifMatch } = tenant
    await directStore().create(tenant)
    const other = (): Promise<unknown> => directStore().update(id, () => ({ name: 'Other' }))
    const store = await storeThrough(losingAnswerAfter(({ method }) => method === 'PATCH', other))
    const copying = store.update(id, () => ({ takesEntraTokens: true }), { ifMatch })
    await expect(copying).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('to delete is no error', async () => {
    const tenant = aTenant()
    const { id } = tenant
    const plain = tableTenantStore(tables)
    await plain.create(tenant)
    await plain.addCredential(id, aToken())
    await (await storeThrough(losingFirst('POST'))).delete(tenant)
    expect(await plain.get(id)).toBeUndefined()
    expect(await plain.credentials(id)).toEqual([])
  })
})

describe('what is noted of a removal', () => {
  test('must not hide that it was made', async () => {
    const tenant = aTenant()
    const { id } = tenant
    await directStore().create(tenant)
    await declare(directStore(), id, aDefinition('one'))
    const store = await storeThrough((request, next) => {
      if (request.url.includes('_tenants')) {
        throw new RestError('no route', { code: 'ECONNREFUSED', request })
      }
      return next(request)
    })
    const removal = { at: aToken().created, purge: false }
    expect(await store.removeDefinition(id, 'one', removal)).toMatchObject({ id: 'one' })
    expect((await directStore().summary(tenant))?.removedAttributes).toBeUndefined()
    expect((await directStore().findCredentials(id)).removed).toHaveLength(1)
  })
})

describe('an outage', () => {
  const CALLS: readonly (readonly [string, (store: TenantStore) => Promise<unknown>])[] = [
    ['findCredential', (store) => store.findCredential('acme', aToken().id)],
    ['get', (store) => store.get('acme')],
    ['list', (store) => store.list()],
    ['create', (store) => store.create(aTenant())],
    ['update', (store) => store.update('acme', aTenant)],
    ['delete', (store) => store.delete(aTenant())],
    ['credentials', (store) => store.credentials('acme')],
    ['addCredential', (store) => store.addCredential('acme', aToken())],
    ['updateCredential', (store) => store.updateCredential('acme', aToken().id, () => ({}))],
    ['definitions', (store) => store.definitions('acme')],
    ['addDefinition', (store) => declare(store, 'acme', aDefinition('one'))],
    [
      'touchCredential',
      (store) => store.touchCredential('acme', aToken().id, '2026-11-22T08:00:00Z'),
    ],
  ]

  test.each(CALLS)('of the network during %s is unavailable', async (_, call) => {
    const store = await storeThrough((request) => {
      throw new RestError('no route', { code: 'ECONNREFUSED', request })
    })
    await expect(call(store)).rejects.toMatchObject({ kind: 'unavailable', status: 503 })
  })

  test.each([408, 429, 500, 503])('with status %i is unavailable', async (status) => {
    const store = await storeThrough(async (request, next) => ({
      ...(await next(request)),
      status,
      bodyAsText: '',
    }))
    const found = store.findCredential('acme', aToken().id)
    await expect(found).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('of the identity is unavailable', async () => {
    const store = await storeThrough(() => {
      throw Object.assign(new Error('no token'), { name: 'CredentialUnavailableError' })
    })
    const found = store.findCredential('acme', aToken().id)
    await expect(found).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('is not what a refusal by the storage is', async () => {
    const store = await storeThrough(async (request, next) => ({
      ...(await next(request)),
      status: 403,
      bodyAsText: '',
    }))
    const found = store.findCredential('acme', aToken().id)
    await expect(found).rejects.toMatchObject({ statusCode: 403, name: 'RestError' })
  })
})

describe('a row that somebody else has written', () => {
  test.each([
    ['with settings that are no object', 'tenant', { settings: '[1]' }, 'settings'],
    ['with settings that are no JSON', 'tenant', { settings: '{' }, 'settings'],
    ['without a signingKey', 'tenant', { signingKey: undefined }, 'signingKey'],
    ['with an expiry that is no date', `token:${aToken().id}`, { expires: 'soon' }, 'expires'],
    ['without a hash', `token:${aToken().id}`, { secretHash: undefined }, 'secretHash'],
  ])('%s is an error that names the column', async (_, rowKey, change, column) => {
    const { id: partitionKey, partitionKey: _partition, settings: _settings, ...tenant } = aTenant()
    const { id, kind: _kind, ...token } = aToken()
    const columns = rowKey === 'tenant' ? tenant : token
    await tables.tenants.createEntity({ partitionKey, rowKey, ...columns, ...change })
    const found = tableTenantStore(tables).findCredential(partitionKey, id)
    await expect(found).rejects.toThrow(new RegExp(`${partitionKey}.* ${column}`))
  })

  test('with a status of its own is a disabled tenant', async () => {
    const { id, name, created, signingKey } = aTenant()
    const columns = { name, created, signingKey, status: 'ENABLED?' }
    const row = { partitionKey: id, rowKey: 'tenant', ...columns }
    await tables.tenants.createEntity(row)
    const store = tableTenantStore(tables)
    expect(await store.get(id)).toMatchObject({ status: 'disabled' })
  })
})

test('a tenant from before there were random parts has its id as PartitionKey, and no settings', async () => {
  const { id, name, created, signingKey } = aTenant()
  const columns = { name, created, signingKey, status: 'enabled' }
  await tables.tenants.createEntity({ partitionKey: id, rowKey: 'tenant', ...columns })
  const { tenant } = await tableTenantStore(tables).findCredential(id, aToken().id)
  expect(tenant).toMatchObject({ id, status: 'enabled', partitionKey: id, settings: {} })
})

/** Does something just before the first request of this method is sent. */
function beforeFirst(method: string, something: () => Promise<unknown>): Send {
  let done = false
  return async (request, next) => {
    if (!done && request.method === method) {
      done = true
      await something()
    }
    return next(request)
  }
}

function directStore(): TenantStore {
  return tableTenantStore(tables)
}

describe('a race', () => {
  test('of enable with the begin of a deletion: the change is asked again', async () => {
    const { id } = aTenant()
    await directStore().create(aTenant({ id, status: 'disabled' }))
    const marks = (): Promise<unknown> => directStore().update(id, () => ({ status: 'deleting' }))
    const store = await storeThrough(beforeFirst('POST', marks))
    const seen: string[] = []
    await store.update(id, ({ status }) => {
      seen.push(status)
      return status === 'deleting' ? {} : { status: 'enabled' }
    })
    expect(seen).toEqual(['disabled', 'deleting'])
    expect(await directStore().get(id)).toMatchObject({ status: 'deleting' })
  })

  test('of a new token with the begin of a deletion: there is no token', async () => {
    const { id } = aTenant()
    await directStore().create(aTenant({ id }))
    const marks = (): Promise<unknown> => directStore().update(id, () => ({ status: 'deleting' }))
    const store = await storeThrough(beforeFirst('POST', marks))
    expect(await store.addCredential(id, aToken())).toBe(false)
    expect(await directStore().credentials(id)).toEqual([])
  })

  test('of a deletion with a token of an older version: it looks again', async () => {
    const tenant = aTenant()
    await directStore().create(tenant)
    const { id: _, kind: _kind, ...columns } = aToken()
    const row = { partitionKey: tenant.id, rowKey: `token:${aToken().id}`, ...columns }
    const store = await storeThrough(beforeFirst('DELETE', () => tables.tenants.createEntity(row)))
    await store.delete(tenant)
    expect(await directStore().get(tenant.id)).toBeUndefined()
    expect(await directStore().credentials(tenant.id)).toEqual([])
  })

  test('of two deletions: the slower one leaves a later tenant of the same id alone', async () => {
    const tenant = aTenant()
    await directStore().create(tenant)
    const later = aTenant({ id: tenant.id })
    const store = await storeThrough(
      beforeFirst('DELETE', async () => {
        await directStore().delete(tenant)
        await directStore().create(later)
        await directStore().addCredential(later.id, aToken())
      }),
    )
    await store.delete(tenant)
    expect(await directStore().get(tenant.id)).toEqual(later)
    expect(await directStore().credentials(tenant.id)).toEqual([kept(aToken())])
  })
})

describe('erase', () => {
  test('removes all rows of the tenant in both tables, beyond a page, and no others', async () => {
    const [gone, stays] = [aTenant().id, aTenant().id]
    await fill(gone, 1050)
    await fill(stays, 3)
    expect(await eraseTenantResources(tables)(gone)).toBe(2100)
    expect(await rowsOf(gone)).toBe(0)
    expect(await rowsOf(stays)).toBe(6)
    expect(await eraseTenantResources(tables)(gone)).toBe(0)
  })

  test('does not stumble over rows that somebody else removes meanwhile', async () => {
    const { id } = aTenant()
    await fill(id, 230)
    await Promise.all([eraseTenantResources(tables)(id), eraseTenantResources(tables)(id)])
    expect(await rowsOf(id)).toBe(0)
  })
})

/** Tables of its own: every partition counts. */
async function emptyTables(): Promise<Tables> {
  const other = await startAzurite()
  onTestFinished(() => other.stop())
  const { connectionString } = other
  const opened = await openTables({ kind: 'connectionString', connectionString })
  await createTables(opened)
  return opened
}

async function insert(table: TableClient, partitionKey: string, rows: number): Promise<void> {
  const keys = Array.from({ length: rows }, (_, key) => `user:${String(key)}`)
  await table.submitTransaction(
    keys.map((rowKey) => ['create', { partitionKey, rowKey, value: 'x' }]),
  )
}

describe('partitions', () => {
  test('are listed once each, by one call for each, and counted in both tables', async () => {
    const own = await emptyTables()
    const keys = ['a', 'a-b', 'a_0123456789abcdef', 'a_1123456789abcdef', 'ab_0123456789abcdef']
    for (const key of keys.slice(1)) await insert(own.users, key, 40)
    for (const key of keys.slice(0, 2)) await insert(own.groups, key, 2)
    const partitions = tablePartitions(own)
    const { result, calls } = await countCalls(() => partitions.list())
    expect(result).toEqual(keys.toSorted())
    expect(calls).toBe(4 + 1 + 2 + 1)
    expect(await partitions.count('a-b')).toBe(42)
    expect(await partitions.count('nobody')).toBe(0)
  })

  test('are all listed when the service answers with pages without rows', async () => {
    const own = await emptyTables()
    await insert(own.users, 'a', 1)
    await insert(own.users, 'b', 1)
    own.users.pipeline.addPolicy(
      { name: 'hesitate', sendRequest: hesitating(1) },
      { afterPhase: 'Retry' },
    )
    expect(await tablePartitions(own).list()).toEqual(['a', 'b'])
  })

  test('a note keeps the first date, is no tenant, and can be removed twice', async () => {
    const own = await emptyTables()
    const partitions = tablePartitions(own)
    const [first, later] = ['2026-11-22T08:00:00.000Z', '2026-11-23T08:00:00.000Z']
    await partitions.note({ partitionKey: 'tenant', found: first })
    await partitions.note({ partitionKey: 'tenant', found: later })
    expect(await partitions.notes()).toEqual([{ partitionKey: 'tenant', found: first }])
    expect(await tableTenantStore(own).list()).toEqual([])
    await partitions.forget('tenant')
    await partitions.forget('tenant')
    expect(await partitions.notes()).toEqual([])
  })
})
