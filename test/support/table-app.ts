import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import type { HandlerRuntime } from '../../lib/http/endpoint.ts'
import { createRuntime, setRuntime, type Stores } from '../../lib/runtime.ts'
import { isArray, isObject, type JsonObject } from '../../lib/scim/json.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../lib/storage/table/tables.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { loadFunctionApp } from '../../tools/local-host/function-app.ts'
import { functionFiles, ROOT } from '../../tools/local-host/function-files.ts'
import { createHost } from '../../tools/local-host/host.ts'
import { serve } from '../../tools/local-host/http-server.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { startAzurite } from './azurite.ts'
import { scopeOf } from './changes.ts'
import type { Transport } from './tables.ts'

/** An answer, and what it took of the storage. */
export interface TableAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty when the answer holds no JSON object. */
  readonly body: JsonObject
  readonly calls: number
  readonly roundTrips: number
}

/** Sends requests with one Authorization header. */
export interface Client {
  readonly tenantId: string
  /** Whose rows its requests see. */
  readonly scope: Scope
  readonly secretToken: string
  /**
   * @param path what follows the Tenant URL
   * @param body sent as SCIM JSON
   */
  send(
    method: string,
    path: string,
    body?: JsonObject,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TableAnswer>
}

/** The app's own functions in this process, behind a socket, on tables in Azurite. */
export interface TableApp {
  readonly tenantUrl: string
  readonly tables: Tables
  readonly stores: Stores
  /** A tenant that is created with the first client, and one more token for it. */
  client(tenantId: string): Promise<Client>
  /** A client with any token. */
  clientWith(secretToken: string): Client
  stop(): Promise<void>
}

const KEYS = { master: 'the master key', host: 'the host key' }

/** What opens the manage API. */
export const FUNCTION_KEY = { 'x-functions-key': KEYS.host }

const CALLS = 'x-test-calls'
const ROUND_TRIPS = 'x-test-round-trips'

/** What a test may change of the app. */
export interface TableAppOptions {
  /** What stands between the SDK and Azurite, for every table. */
  readonly transport?: Transport
  /** The clock of the app; the system's when absent. */
  readonly now?: () => Date
  /** Changes the runtime that the functions work with. */
  readonly adjust?: (runtime: HandlerRuntime, stores: Stores) => HandlerRuntime
}

/** Starts one; a test file can have one only. */
export async function startTableApp({
  transport: sendRequest,
  now: clock = () => new Date(),
  adjust = (runtime) => runtime,
}: TableAppOptions = {}): Promise<TableApp> {
  const azurite = await startAzurite()
  const tables = await openTables(
    { kind: 'connectionString', connectionString: azurite.connectionString },
    sendRequest && {
      additionalPolicies: [{ position: 'perRetry', policy: { name: 'test', sendRequest } }],
    },
  )
  await createTables(tables)
  const stores = tableStores(tables)
  setRuntime(
    adjust(createRuntime(stores, { requestsPerSecond: () => Infinity, now: clock }), stores),
  )
  const server = await serveFunctions()
  const tenantUrl = `http://localhost:${server.port}${SCIM_PATH}`
  const clientWith = (secretToken: string, partitionKey = ''): Client => ({
    tenantId: secretToken.split('_')[1] ?? '',
    scope: scopeOf(partitionKey),
    secretToken,
    send: (method, path, body, headers) =>
      send(`${tenantUrl}${path}`, method, body, {
        authorization: `Bearer ${secretToken}`,
        ...headers,
      }),
  })
  return {
    tenantUrl,
    tables,
    stores,
    clientWith,
    async client(tenantId) {
      const now = new Date()
      const { tenants } = stores
      const { partitionKey } =
        (await tenants.get(tenantId)) ?? (await createTenant(tenants, { id: tenantId, now }))
      const { secretToken } = await issueToken(tenants, tenantId, { now })
      return clientWith(secretToken, partitionKey)
    },
    async stop() {
      await server.close()
      await azurite.stop()
    },
  }
}

/** Every answer tells in headers of its own what it took of the storage. */
async function serveFunctions(): ReturnType<typeof serve> {
  const app = await loadFunctionApp(functionFiles(), ROOT, () => undefined)
  const host = createHost(app, ROUTE_PREFIX, { keys: KEYS })
  return serve(0, async (request) => {
    const { result, calls, roundTrips } = await countCalls(() => host.handle(request))
    const counted = { [CALLS]: String(calls), [ROUND_TRIPS]: String(roundTrips) }
    return { ...result, headers: { ...result.headers, ...counted } }
  })
}

async function send(
  url: string,
  method: string,
  body: JsonObject | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<TableAnswer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/scim+json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: toObject(text),
    calls: Number(response.headers.get(CALLS)),
    roundTrips: Number(response.headers.get(ROUND_TRIPS)),
  }
}

function toObject(text: string): JsonObject {
  if (text === '') return {}
  const parsed: unknown = JSON.parse(text)
  return isObject(parsed) ? parsed : {}
}

/** A text of an answer. @throws Error when it is none. */
export function textOf(body: JsonObject, name: string): string {
  const value = body[name]
  if (typeof value !== 'string') throw new Error(`${name} is no text: ${JSON.stringify(body)}`)
  return value
}

/** A list of objects of an answer, empty when it is absent. @throws Error when it is none. */
export function listOf(body: JsonObject, name: string): readonly JsonObject[] {
  const value = body[name] ?? []
  if (!isArray(value) || !value.every(isObject)) {
    throw new Error(`${name} is no list of objects: ${JSON.stringify(value)}`)
  }
  return value
}
