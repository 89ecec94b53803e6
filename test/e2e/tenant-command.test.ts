import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRuntime } from '../../lib/runtime.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { TenantContext } from '../../lib/auth/tenant-context.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import { backingOn } from '../../tools/tenant/backing.ts'
import { run, type Terminal } from '../../tools/tenant/run.ts'
import { startAzurite } from '../support/azurite.ts'
import { aChange, scopeOf } from '../support/changes.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>

beforeAll(async () => {
  azurite = await startAzurite()
})

afterAll(() => azurite.stop())

interface Ran {
  readonly code: number | string | undefined
  readonly out: string
  readonly err: string
}

/** Runs the tool as an operator does, in a process of its own. */
function tenant(...args: readonly string[]): Promise<Ran> {
  const { connectionString } = azurite
  const { TABLES_ENDPOINT: _, TABLES_CONNECTION_STRING: __, ...env } = process.env
  const line = ['tools/tenant.ts', ...args, '--storage', connectionString]
  return new Promise((resolve) => {
    execFile(process.execPath, line, { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : (error.code ?? undefined), out, err })
    }).stdin?.end()
  })
}

/** What the app makes of a token, without what it remembers. */
async function authenticate(secretToken: string): Promise<TenantContext> {
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  const store = tableTenantStore(tables)
  return createRuntime({ ...memoryStores(), tenants: store }).authenticate(`Bearer ${secretToken}`)
}

test('a tenant is created, gets a second token, loses the first, and is disabled', async () => {
  // The tables do not exist yet.
  expect(await tenant('list', '--json')).toEqual({
    code: 0,
    out: '{\n  "tenants": []\n}\n',
    err: '',
  })

  const created = await tenant('create', 'acme', '--name', 'Acme Inc.', '--expires', '90d')
  expect(created).toMatchObject({ code: 0, err: '' })
  const first = /^Secret Token {2}(\S+)$/m.exec(created.out)?.[1] ?? ''
  const { tenantId, credentialId } = await authenticate(first)
  expect(tenantId).toBe('acme')

  const issued = await tenant('token', 'issue', 'acme', '--label', 'Okta')
  const second = /^Secret Token {2}(\S+)$/m.exec(issued.out)?.[1] ?? ''
  expect(await tenant('token', 'revoke', 'acme', credentialId)).toMatchObject({ code: 0 })
  await expect(authenticate(first)).rejects.toMatchObject({ status: 401 })
  await expect(authenticate(second)).resolves.toMatchObject({ tenantId: 'acme' })

  const shown = await tenant('show', 'acme')
  expect(shown.out).toMatch(/Acme Inc\. +enabled[^]*revoked[^]*Okta +active/)
  expect(shown.out).not.toContain(second.slice(-49))

  expect(await tenant('disable', 'acme')).toMatchObject({ code: 0 })
  await expect(authenticate(second)).rejects.toMatchObject({ status: 403 })
})

test('mistakes end with 1 and 2, and are told on stderr only', async () => {
  expect(await tenant('show', 'nobody')).toMatchObject({
    code: 1,
    out: '',
    err: 'no tenant nobody; there are: acme\n',
  })
  expect(await tenant('shwo')).toMatchObject({ code: 2, out: '' })
  // Its stdin is no terminal, so nobody can be asked.
  expect(await tenant('delete', 'acme')).toMatchObject({ code: 2, out: '' })
})

test('show counts users and groups, and both are listed and looked for on the tables', async () => {
  const { connectionString } = azurite
  await tenant('create', 'people')
  const tables = await openTables({ kind: 'connectionString', connectionString })
  const { resources, tenants } = tableStores(tables)
  const { partitionKey = '' } = (await tenants.get('people')) ?? {}
  const create = (resourceType: ResourceType, attributes: JsonObject): Promise<string> => {
    const resource = { id: randomUUID(), created: new Date().toISOString(), attributes }
    return resources.create(scopeOf(partitionKey), resourceType, resource, aChange('create'))
  }
  for (const n of Array.from({ length: 12 }).keys()) {
    await create(USER, { userName: `user-${String(n)}`, externalId: `OID-${String(n)}` })
  }
  await create(GROUP, { displayName: 'Engineering' })

  const shown = await tenant('show', 'people')
  expect(shown.out).toMatch(/USERS +GROUPS\npeople .* 12 +1\n\nTenant URL {4}\S+/)
  const all = await tenant('users', 'people', '--all', '--json')
  expect(JSON.parse(all.out)).toMatchObject({ users: { length: 12 }, more: false })
  const some = await tenant('users', 'people', '--count', '5')
  expect(some.out.trimEnd().split('\n')).toHaveLength(6)
  expect(some.err).toBe('the first 5 of 12 users are listed; --count N or --all lists more\n')
  const found = await tenant('users', 'people', 'oid-7')
  expect(found.out).toMatch(/\n\S{36} {2}user-7 +- +OID-7 +\S+Z\n$/)
  expect((await tenant('groups', 'people', 'ENGIN')).out).toContain('Engineering')
})

test('seed fills a tenant in the tables of the place, with a token that opens nothing afterwards', async () => {
  await tenant('create', 'seeded')
  expect(await tenant('seed', 'seeded')).toEqual({
    code: 0,
    out: 'tenant seeded: 12 people in 4 teams are made\n',
    err: '',
  })
  const again = await tenant('seed', 'seeded', '--json')
  expect(JSON.parse(again.out)).toMatchObject({ made: { users: 0, groups: 0, references: 0 } })
  const { out } = await tenant('token', 'list', 'seeded')
  expect(out.match(/ demo data +revoked /g)).toHaveLength(2)
})

/** The tool in this process: its waiting takes no time, and its clock is the test's. */
function deskOn(
  tables: Tables,
  out: (text: string) => void,
  now: () => Date = () => new Date(),
): Terminal {
  return {
    environment: { TABLES_CONNECTION_STRING: azurite.connectionString },
    readText: () => undefined,
    now,
    settle: () => Promise.resolve(),
    out,
    err: () => undefined,
    open: () => Promise.resolve(backingOn(tables)),
  }
}

test('delete removes all rows of the tenant from the three tables, and only its own', async () => {
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  const said: string[] = []
  const desk = deskOn(tables, (text) => said.push(text))
  const partitionOf = async (id: string): Promise<string> =>
    (await tableTenantStore(tables).get(id))?.partitionKey ?? 'none'
  for (const id of ['gone', 'stays']) {
    await run(['create', id], desk)
    for (const table of [tables.users, tables.groups]) {
      await table.createEntity({ partitionKey: await partitionOf(id), rowKey: 'user:1' })
    }
  }
  const [gone, stays] = [await partitionOf('gone'), await partitionOf('stays')]
  expect(await run(['delete', 'gone', '--yes'], desk)).toBe(0)
  expect(said.at(-1)).toContain('gone is deleted, and 2 rows')
  const left = new Map<string, number>()
  for (const table of [tables.tenants, tables.users, tables.groups]) {
    for await (const { partitionKey = '' } of table.listEntities()) {
      left.set(partitionKey, (left.get(partitionKey) ?? 0) + 1)
    }
  }
  expect([left.get('gone'), left.get(gone)]).toEqual([undefined, undefined])
  // The tenant, its token, and the journal of both.
  expect([left.get('stays'), left.get(stays)]).toEqual([4, 2])
})

test('sweep --orphans removes what came behind a deletion, a day after it was found, and nothing else', async () => {
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  let now = new Date('2026-11-22T08:00:00.000Z')
  const said: string[] = []
  const desk = deskOn(
    tables,
    (text) => said.push(text),
    () => now,
  )
  const sweep = async (): Promise<unknown> => {
    expect(await run(['sweep', '--orphans', '--yes', '--json'], desk)).toBe(0)
    return JSON.parse(said.at(-1) ?? '')
  }
  const store = tableTenantStore(tables)
  await run(['create', 'late'], desk)
  await run(['create', 'here'], desk)
  const [late = '', here = ''] = await Promise.all(
    ['late', 'here'].map(async (id) => (await store.get(id))?.partitionKey),
  )
  await tables.users.createEntity({ partitionKey: here, rowKey: 'user:1' })
  await run(['delete', 'late', '--yes'], desk)
  for (const table of [tables.users, tables.groups]) {
    await table.createEntity({ partitionKey: late, rowKey: 'user:1' })
  }
  // A new tenant of the same id has another partition.
  await run(['create', 'late'], desk)

  const found = { partitionKey: late, rows: 2, found: now.toISOString() }
  expect(await sweep()).toMatchObject({ orphans: [found], removed: [], rows: 0 })
  now = new Date('2026-11-23T07:59:00.000Z')
  expect(await sweep()).toMatchObject({ orphans: [found], removed: [], rows: 0 })
  now = new Date('2026-11-23T08:00:00.000Z')
  expect(await sweep()).toMatchObject({ orphans: [found], removed: [late], rows: 2 })
  expect(await sweep()).toMatchObject({ orphans: [], removed: [] })
  const left = new Set<string>()
  for (const table of [tables.users, tables.groups]) {
    for await (const { partitionKey = '' } of table.listEntities()) left.add(partitionKey)
  }
  expect([left.has(late), left.has(here)]).toEqual([false, true])
  expect((await store.list()).map(({ id }) => id)).toEqual(expect.arrayContaining(['here', 'late']))
})
