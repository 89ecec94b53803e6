import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { SETTING_NAMES } from '../../lib/config.ts'
import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { URN } from '../../lib/scim/urn.ts'
import { openTables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import { formatSecretToken, newSecret } from '../../lib/tenants/secret-token.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { loadBundle } from '../../tools/bundle.ts'
import { startFunctionApp } from '../../tools/local-host/function-app.ts'
import { functionFiles, ROOT } from '../../tools/local-host/function-files.ts'
import { createHost, type Host, type HostResponse } from '../../tools/local-host/host.ts'
import { startAzurite } from '../support/azurite.ts'
import { textOf } from '../support/table-app.ts'

const DIST = join(ROOT, 'dist')

/** A Secret Token of a tenant that is nowhere; each is looked up, as a verdict is remembered for a while. */
const tokenOfNobody = (): string =>
  formatSecretToken({ tenantId: 'nobody', tokenId: 'abcdefghijkl', secret: newSecret() })

let azurite: Awaited<ReturnType<typeof startAzurite>>
let printed: string
let host: Host

/** What the functions logged, as `level message`. */
const log: string[] = []

/** Builds as a pipeline does, and loads what was built as the worker does, on an account in which there is nothing. */
beforeAll(async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT })
  printed = stdout
  azurite = await startAzurite()
  // The bundle has a runtime of its own, which finds the storage by the settings.
  vi.stubEnv('TABLES_CONNECTION_STRING', azurite.connectionString)
  vi.stubEnv('TABLES_ENDPOINT', '')
  vi.stubEnv('PUBLIC_BASE_URL', 'https://scim.example/api/scim')
  // Vitest lets Node.js read maps; the worker does not.
  process.setSourceMapsEnabled(false)
  const core = loadBundle(DIST, (level, _, message) => log.push(`${level} ${message}`))
  host = createHost(await startFunctionApp(core, DIST), ROUTE_PREFIX)
})

afterAll(async () => {
  process.setSourceMapsEnabled(true)
  vi.unstubAllEnvs()
  await azurite.stop()
})

/** A tenant's Secret Token. */
async function aSecretToken(tenantId: string): Promise<string> {
  const { connectionString } = azurite
  const store = tableTenantStore(await openTables({ kind: 'connectionString', connectionString }))
  await createTenant(store, { id: tenantId, now: new Date() })
  return (await issueToken(store, tenantId, { now: new Date() })).secretToken
}

/** @param target the whole path, with the query. */
async function ask(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body = Buffer.alloc(0),
): Promise<HostResponse> {
  const length = { 'content-length': String(body.length) }
  return host.handle({
    method,
    target,
    headers: { host: 'localhost', ...length, ...headers },
    body,
  })
}

async function send(
  secretToken: string,
  method: string,
  path: string,
  body?: JsonObject,
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
  const headers = {
    authorization: `Bearer ${secretToken}`,
    'content-type': 'application/scim+json',
  }
  const answer = await ask(method, `${SCIM_PATH}${path}`, headers, bytes)
  const parsed: unknown = JSON.parse(Buffer.from(answer.body).toString() || '{}')
  return { status: answer.status, body: isObject(parsed) ? parsed : {} }
}

test('on an account without tables it makes them: nobody is known there, and it is healthy', async () => {
  expect(await send(tokenOfNobody(), 'GET', '/Users')).toMatchObject({ status: 401 })
  const health = await ask('GET', `/${ROUTE_PREFIX}/health`)
  expect(health.status).toBe(200)
  expect(Buffer.from(health.body).toString()).toBe('{"status":"healthy"}')
  expect(log.filter((line) => line.startsWith('error'))).toEqual([])
})

test('npm run build says what it has made, and what comes next', () => {
  const [, functions, megabytes] =
    /^dist\/: (\d+) functions, (\d+\.\d) MB; next: /m.exec(printed) ?? []
  // All but app-start.ts and app-terminate.ts, which register hooks.
  expect(Number(functions)).toBe(functionFiles().length - 2)
  expect(Number(megabytes)).toBeGreaterThan(1)
  expect(printed).toContain('cd dist && func start')
  for (const setting of ['TABLES_ENDPOINT', 'TABLES_CONNECTION_STRING']) {
    expect(SETTING_NAMES).toContain(setting)
    expect(printed).toContain(setting)
  }
})

test('the built folder needs nothing beside it', async () => {
  expect((await readdir(DIST)).toSorted()).toEqual([
    'functions.cjs',
    'functions.cjs.map',
    'host.json',
    'package.json',
    'telemetry.cjs',
  ])
  const built = await readFile(join(DIST, 'functions.cjs'), 'utf8')
  const required = [...built.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name)
  const packages = required.filter((name) => !isBuiltin(name))
  expect([...new Set(packages)]).toEqual(['@azure/functions-core'])
})

test('it answers Test Connection, and keeps what it is given', async () => {
  const secretToken = await aSecretToken('built')
  const filter = encodeURIComponent('userName eq "nobody@example.com"')
  expect(await send(secretToken, 'GET', `/Users?filter=${filter}`)).toMatchObject({
    status: 200,
    body: { totalResults: 0, Resources: [] },
  })
  const created = await send(secretToken, 'POST', '/Users', {
    schemas: [URN.user],
    userName: 'built@x.example',
  })
  expect(created.status).toBe(201)
  const read = await send(secretToken, 'GET', `/Users/${textOf(created.body, 'id')}`)
  expect(read).toEqual({ status: 200, body: created.body })
  expect(read.body).toMatchObject({
    userName: 'built@x.example',
    meta: { location: `https://scim.example/api/scim/Users/${textOf(read.body, 'id')}` },
  })
})

test('the frames of a failure name lines of the sources', async () => {
  await azurite.stop()
  const before = log.length
  expect(await send(tokenOfNobody(), 'GET', '/Groups')).toMatchObject({ status: 503 })
  const failure = log.slice(before).find((line) => line.includes('"event":"failure"')) ?? ''
  const frames = [...failure.matchAll(/"at (?:async )?(\w+) \((lib\/[\w./-]+\.ts):(\d+):\d+\)"/g)]
  expect(frames.map(([, name]) => name)).toEqual(
    expect.arrayContaining(['unavailable', 'callStorage', 'findCredential']),
  )
  for (const [, name = '', file = '', line = ''] of frames) {
    const lines = (await readFile(join(ROOT, file), 'utf8')).split('\n')
    const calls = { unavailable: 'new ScimError(', callStorage: 'throw unavailable(' }
    const call = Object.entries(calls).find(([each]) => each === name)?.[1] ?? '('
    expect(lines[Number(line) - 1]).toContain(call)
  }
})
