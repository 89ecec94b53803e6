import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { HttpRequest, InvocationContext, type HttpResponseInit } from '@azure/functions'
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { endpoint, type HandlerRuntime } from '../../lib/http/endpoint.ts'
import { healthHandler } from '../../lib/http/health.ts'
import { OPERATIONS } from '../../lib/http/operations.ts'
import { checkSettings, createRuntime, setRuntime } from '../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { parseFilter } from '../../lib/scim/filter/parse.ts'
import { resolveFilter } from '../../lib/scim/filter/resolve.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import { deadlineIn } from '../../lib/storage/deadline.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type TableConnection } from '../../lib/storage/table/tables.ts'
import { formatSecretToken, newSecret } from '../../lib/tenants/secret-token.ts'
import { startAzurite } from '../support/azurite.ts'
import { aChange } from '../support/changes.ts'

const NAMES = ['tenants', 'users', 'groups'] as const

const SECRET_TOKEN = formatSecretToken({
  tenantId: 'acme',
  tokenId: 'abcdefghijkl',
  secret: newSecret(),
})

/** What was logged, as `level message`. */
let log: string[] = []

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  log = []
})

async function appOn(connection: TableConnection): Promise<HandlerRuntime> {
  return createRuntime(tableStores(await openTables(connection)))
}

function invocation(functionName: string): InvocationContext {
  return new InvocationContext({
    functionName,
    logHandler: (level, ...messages) => log.push(`${level} ${messages.map(String).join(' ')}`),
  })
}

async function healthOf(app: HandlerRuntime): Promise<unknown> {
  const request = new HttpRequest({ method: 'GET', url: 'http://scim.example/api/health' })
  return healthHandler(async () => app)(request, invocation('health'))
}

/** Asks for a user. */
async function readUser(app: HandlerRuntime): Promise<HttpResponseInit> {
  const request = new HttpRequest({
    method: 'GET',
    url: 'http://scim.example/api/scim/Users/any',
    headers: { authorization: `Bearer ${SECRET_TOKEN}` },
    params: { id: 'any' },
  })
  const handler = endpoint(async () => app, OPERATIONS['users-get'])
  const answer = await handler(request, invocation('users-get'))
  if (answer === undefined || !('status' in answer)) throw new Error('there is no answer')
  return answer
}

/** The port of a server that takes connections and never says a word. */
async function silentPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A storage, and an identity endpoint for another one, that take connections and never answer. */
const HANGING: readonly [string, () => Promise<TableConnection>][] = [
  [
    'the storage',
    async () => {
      const account = 'AccountName=devstoreaccount1;AccountKey=a2V5;DefaultEndpointsProtocol=http'
      const endpointPart = `TableEndpoint=http://127.0.0.1:${await silentPort()}/devstoreaccount1`
      return { kind: 'connectionString', connectionString: `${account};${endpointPart};` }
    },
  ],
  [
    'the identity',
    async () => {
      vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${await silentPort()}/msi/token`)
      vi.stubEnv('IDENTITY_HEADER', 'header')
      return { kind: 'identity', endpoint: 'https://account.table.core.windows.net' }
    },
  ],
]

let azurite: Awaited<ReturnType<typeof startAzurite>>

beforeAll(async () => {
  azurite = await startAzurite()
  return () => azurite.stop()
})

test.each(NAMES)('without the table %s the app is unhealthy, and its log says so', async (name) => {
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  const app = await appOn({ kind: 'connectionString', connectionString })
  expect(await healthOf(app)).toMatchObject({ status: 200, jsonBody: { status: 'healthy' } })
  await tables[name].deleteTable()
  expect(await healthOf(app)).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
    jsonBody: { status: 'unhealthy' },
  })
  expect(log).toEqual([`error {"event":"missingTables","operation":"health","tables":["${name}"]}`])
})

test('a start does not wait for the tables, and says in one line that it could not look for them', async () => {
  const otherKey = azurite.connectionString.replace(/AccountKey=[^;]*/, 'AccountKey=a2V5')
  vi.stubEnv('TABLES_CONNECTION_STRING', otherKey)
  vi.stubEnv('TABLES_ENDPOINT', '')
  vi.stubEnv('PUBLIC_BASE_URL', '')
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => setRuntime(undefined))
  await checkSettings()
  expect(warned).not.toHaveBeenCalled()
  await vi.waitFor(() => expect(warned).toHaveBeenCalledOnce(), { timeout: 10_000 })
  expect(warned).toHaveBeenCalledWith(
    expect.stringMatching(/^The app could not look for its tables when it started \(HTTP 403\)/),
  )
})

test.each(HANGING)('while %s hangs the app is unhealthy within three seconds', async (_, open) => {
  const app = await appOn(await open())
  const began = performance.now()
  expect(await healthOf(app)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  expect(performance.now() - began).toBeLessThan(3_000)
  expect(log).toEqual([expect.stringContaining('"event":"failure"')])
})

test.each(HANGING)(
  'while %s hangs a request is a 503 with Retry-After within its seconds',
  async (_, open) => {
    // Twenty times as fast, so that nobody has to wait for it.
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    const asked = vi
      .spyOn(AbortSignal, 'timeout')
      .mockImplementation((milliseconds) => timeout(milliseconds / 20))
    const app = await appOn(await open())
    const tenant = {
      tenantId: 'acme',
      credentialId: 'abcdefghijkl',
      partitionKey: 'acme_1',
      signingKey: 'key',
      resourceTypes: DEFAULT_RESOURCE_TYPES,
      settings: {},
    }
    const whereItHangs = [app, { ...app, authenticate: async () => tenant }]
    for (const each of whereItHangs) {
      const began = performance.now()
      expect(await readUser(each)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
      expect((performance.now() - began) * 20).toBeLessThan((LIMITS.requestSeconds + 5) * 1000)
    }
    expect(Math.max(...asked.mock.calls.flat())).toBe(LIMITS.requestSeconds * 1000)
  },
)

test.each(['users', 'groups'] as const)(
  'without the table %s nobody is told that nobody is there',
  async (name) => {
    const { connectionString } = azurite
    const tables = await openTables({ kind: 'connectionString', connectionString })
    await createTables(tables)
    const { resources, memberships } = tableStores(tables)
    await tables[name].deleteTable()
    const scope = { partitionKey: 'acme', deadline: deadlineIn(20_000, () => new Date()) }
    const type = name === 'users' ? USER : GROUP
    const filter = resolveFilter(type, parseFilter('externalId eq "x"'))
    const attributes = name === 'users' ? { userName: 'u' } : { displayName: 'g' }
    const resource = { id: randomUUID(), created: new Date().toISOString(), attributes }
    const began = performance.now()
    for (const call of [
      () => resources.get(scope, type, 'any'),
      () => resources.list(scope, type, { startIndex: 1, count: 10 }),
      () => resources.list(scope, type, { filter, startIndex: 1, count: 10 }),
      () => resources.create(scope, type, resource, aChange('create')),
      () => memberships.groupNames(scope, ['any']),
    ].slice(0, name === 'users' ? 4 : 5)) {
      await expect(call()).rejects.toMatchObject({
        kind: 'unavailable',
        detail: 'A table of the storage is missing.',
      })
    }
    expect(performance.now() - began).toBeLessThan(5000)
  },
)
