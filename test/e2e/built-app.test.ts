import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { URN } from '../../lib/scim/urn.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { startFunctionApp } from '../../tools/local-host/function-app.ts'
import { ROOT } from '../../tools/local-host/function-files.ts'
import { FunctionsCore, provideFunctionsCore } from '../../tools/local-host/functions-core.ts'
import { createHost, type Host } from '../../tools/local-host/host.ts'
import { startAzurite } from '../support/azurite.ts'
import { textOf } from '../support/table-app.ts'

const DIST = join(ROOT, 'dist')

let azurite: Awaited<ReturnType<typeof startAzurite>>
let secretToken: string
let host: Host

/** Builds as a pipeline does, and loads what was built as the worker does: it requires what package.json names. */
beforeAll(async () => {
  await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT })
  azurite = await startAzurite()
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  const store = tableTenantStore(tables)
  await createTenant(store, { id: 'built', now: new Date() })
  secretToken = (await issueToken(store, 'built', { now: new Date() })).secretToken

  // The bundle has a runtime of its own, which finds the storage by the settings.
  vi.stubEnv('TABLES_CONNECTION_STRING', connectionString)
  vi.stubEnv('TABLES_ENDPOINT', '')
  vi.stubEnv('PUBLIC_BASE_URL', 'https://scim.example/api/scim')
  const manifest: unknown = JSON.parse(await readFile(join(DIST, 'package.json'), 'utf8'))
  const main = isObject(manifest) ? textOf(manifest, 'main') : ''
  const core = new FunctionsCore(() => undefined)
  const stopProviding = provideFunctionsCore(core)
  createRequire(import.meta.url)(join(DIST, main))
  stopProviding()
  host = createHost(await startFunctionApp(core, DIST), ROUTE_PREFIX)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await azurite.stop()
})

async function send(
  method: string,
  path: string,
  body?: JsonObject,
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
  const answer = await host.handle({
    method,
    target: `${SCIM_PATH}${path}`,
    headers: {
      host: 'localhost',
      authorization: `Bearer ${secretToken}`,
      'content-type': 'application/scim+json',
      'content-length': String(bytes.length),
    },
    body: bytes,
  })
  const parsed: unknown = JSON.parse(Buffer.from(answer.body).toString() || '{}')
  return { status: answer.status, body: isObject(parsed) ? parsed : {} }
}

test('the built folder needs nothing beside it', async () => {
  expect((await readdir(DIST)).toSorted()).toEqual([
    'functions.cjs',
    'functions.cjs.map',
    'host.json',
    'package.json',
  ])
  const built = await readFile(join(DIST, 'functions.cjs'), 'utf8')
  const required = [...built.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name)
  const packages = required.filter((name) => !isBuiltin(name))
  expect([...new Set(packages)]).toEqual(['@azure/functions-core'])
})

test('it answers Test Connection, and keeps what it is given', async () => {
  const filter = encodeURIComponent('userName eq "nobody@example.com"')
  expect(await send('GET', `/Users?filter=${filter}`)).toMatchObject({
    status: 200,
    body: { totalResults: 0, Resources: [] },
  })
  const created = await send('POST', '/Users', { schemas: [URN.user], userName: 'built@x.example' })
  expect(created.status).toBe(201)
  const read = await send('GET', `/Users/${textOf(created.body, 'id')}`)
  expect(read).toEqual({ status: 200, body: created.body })
  expect(read.body).toMatchObject({
    userName: 'built@x.example',
    meta: { location: `https://scim.example/api/scim/Users/${textOf(read.body, 'id')}` },
  })
})
