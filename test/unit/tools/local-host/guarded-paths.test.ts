import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROUTE_PREFIX } from '../../../../lib/http/routes.ts'
import { createRuntime, setRuntime } from '../../../../lib/runtime.ts'
import { memoryStores } from '../../../../lib/storage/memory/stores.ts'
import { loadFunctionApp } from '../../../../tools/local-host/function-app.ts'
import { functionFiles, ROOT } from '../../../../tools/local-host/function-files.ts'
import { createHost, type Host, type HostResponse } from '../../../../tools/local-host/host.ts'

/** What the functions in the file below answer; it registers them, so that it cannot be imported here. */
const REACHED = 'the guarded function was reached'
const PROBE = join(ROOT, 'test/support/guarded-probe.ts')

const KEYS = { master: 'the master key', host: 'the host key' }

let host: Host
beforeAll(async () => {
  setRuntime(createRuntime(memoryStores()))
  const app = await loadFunctionApp([...functionFiles(), PROBE], ROOT, () => undefined)
  host = createHost(app, ROUTE_PREFIX, { keys: KEYS })
})

function send(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<HostResponse> {
  const all = { host: 'localhost:7071', ...headers }
  return host.handle({ method, target, headers: all, body: Buffer.from('{}') })
}

function textOf({ body }: HostResponse): string {
  return Buffer.from(body).toString()
}

/** Other spellings of a path below `/api`, by what is done to it; some mean the path itself, some mean nothing. */
const SPELLINGS: Readonly<Record<string, (path: string) => string>> = {
  'as it is': (path) => path,
  'in capitals': (path) => path.toUpperCase(),
  'a slash at its end': (path) => `${path}/`,
  'two slashes at its end': (path) => `${path}//`,
  'two slashes in it': (path) => path.replace('/manage/', '/manage//'),
  'three slashes before it': (path) => path.replace('/manage', '///manage'),
  'two slashes at its beginning': (path) => `/${path}`,
  'an encoded slash': (path) => path.replace('/manage/', '/manage%2F'),
  'an encoded slash before it': (path) => path.replace('/manage', '%2fmanage'),
  'an encoded letter': (path) => path.replace('/m', '/%6d'),
  'an encoded letter, twice': (path) => path.replace('/m', '/%256D'),
  'an encoded backslash': (path) => path.replace('/manage/', '/manage%5C'),
  'a backslash': (path) => path.replace('/manage/', '/manage\\'),
  'a dot': (path) => path.replace('/manage', '/./manage'),
  'an encoded dot': (path) => path.replace('/manage', '/%2E/manage'),
  'out of SCIM': (path) => path.replace('/api', '/api/scim/..'),
  'out of SCIM, encoded': (path) => path.replace('/api', '/api/scim/%2e%2E'),
  'out of SCIM, encoded twice': (path) => path.replace('/api', '/api/scim/%252e%252e'),
  'out of SCIM, the slash encoded': (path) => path.replace('/api/', '/api/scim/..%2f'),
  'out of SCIM behind two slashes': (path) => path.replace('/api', '/api//scim/../..'),
  'out of SCIM with two slashes': (path) => path.replace('/api', '/api/scim//%252e%252e'),
  'out of OAuth': (path) => path.replace('/api', '/api/oauth/..'),
  'out of OAuth, encoded twice': (path) => path.replace('/api', '/api/oauth/%252e%252e'),
  'out of OAuth with two slashes': (path) => path.replace('/api', '/api/oauth//..'),
  'below OAuth': (path) => path.replace('/api', '/api/oauth'),
  'below SCIM': (path) => path.replace('/api', '/api/scim'),
  'below SCIM with two slashes': (path) => path.replace('/api', '/api//scim/'),
  'out of health': (path) => path.replace('/api', '/api/health/..'),
  'a semicolon': (path) => `${path};x=y`,
  'an encoded question mark': (path) => `${path}%3Fcode=the%20host%20key`,
  'a NUL': (path) => `${path}%00`,
  'a blank': (path) => `${path}%20`,
  'a whole URL': (path) => `http://localhost:7071${path}`,
  'a whole URL with two slashes': (path) => `http://localhost:7071/${path}`,
  'a fragment': (path) => `${path}#/scim`,
}

const HEADERS = [
  {},
  { 'x-functions-key': 'wrong' },
  { 'x-original-url': '/api/manage/probe', 'x-rewrite-url': '/api/manage/probe' },
  { 'x-http-method-override': 'GET' },
] as const

describe('what a key guards is not reached without one', () => {
  test.each(Object.entries(SPELLINGS))('%s', async (_case, spelled) => {
    for (const { route, methods } of guardedRoutes()) {
      const path = `/${route.replaceAll(/\{[^}]*\}/g, 'a')}`
      for (const method of [...methods, 'OPTIONS', 'HEAD', 'post']) {
        for (const headers of HEADERS) {
          const answer = await send(method, spelled(path), headers)
          expect([400, 401, 404, 405], `${method} ${spelled(path)}`).toContain(answer.status)
          expect(textOf(answer)).not.toContain(REACHED)
        }
      }
    }
  })
})

function guardedRoutes(): Host['routes'] {
  const guarded = host.routes.filter(({ authLevel }) => authLevel !== 'anonymous')
  expect(guarded.length).toBeGreaterThanOrEqual(2)
  return guarded
}

test.each(['/api/manage/probe', '/API/Manage/probe/1', '/api/scim/../manage/probe/'])(
  'with a key it is: %s',
  async (path) => {
    const headers = { 'x-functions-key': 'the host key' }
    expect(textOf(await send('GET', path, headers))).toBe(REACHED)
    expect((await send('GET', path)).status).toBe(401)
  },
)

test('with a key the spellings lead nowhere that they do not lead without', async () => {
  const headers = { 'x-functions-key': 'the host key' }
  for (const target of ['/api/manage//probe', '/api//manage/probe', '/api/manage%2Fprobe']) {
    const answer = await send('GET', target, headers)
    expect(answer).toEqual({ status: 404, headers: {}, body: new Uint8Array() })
  }
})

test('everything that is not below SCIM, health, OAuth wants a key', () => {
  const open = host.routes.filter(({ authLevel }) => authLevel === 'anonymous')
  const others = open.map(({ route }) => route).filter((route) => !OPEN.test(route))
  expect(others).toEqual(['api/{*path}'])
})

/** What a client without a function key has to reach. */
const OPEN = /^api\/(?:scim|oauth)(?:\/|$)|^api\/health$/
