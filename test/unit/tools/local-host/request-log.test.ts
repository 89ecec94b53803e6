import { afterEach, describe, expect, test, vi } from 'vitest'
import type { HostRequest, HostResponse } from '../../../../tools/local-host/host.ts'
import { createRequestLog } from '../../../../tools/local-host/request-log.ts'

const ROOT = '/project'

/** What is printed of one request that the app answers and tells of so. */
async function printed(
  { method = 'GET', target }: { method?: string; target: string },
  answer: { status: number; body?: unknown },
  said: Record<string, unknown> = {},
  quiet = false,
): Promise<readonly string[]> {
  const lines: string[] = []
  const log = createRequestLog((line) => lines.push(line), ROOT, quiet)
  const handle = async (): Promise<HostResponse> => {
    log.sink('information', 'user', JSON.stringify({ event: 'scim', ...said }), 'an id')
    const body = Buffer.from(answer.body === undefined ? '' : JSON.stringify(answer.body))
    return { status: answer.status, headers: {}, body }
  }
  const request: HostRequest = { method, target, headers: {}, body: Buffer.alloc(0) }
  await log.serve({ handle }, request)
  return lines.map((line) => line.replace(/\d+ ms/, '1 ms'))
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the line of a request', () => {
  test('that was served', async () => {
    expect(await printed({ target: '/api/scim/Users?count=1' }, { status: 200 })).toEqual([
      'GET /api/scim/Users 200 1 ms, storage calls: 0',
    ])
  })

  test('that was refused: kind and detail, values included', async () => {
    const answer = { status: 400, body: { detail: 'title must be a string, "5" came.' } }
    const said = { error: 'invalidValue', detail: 'title must be a string, "…" came.' }
    expect(await printed({ method: 'POST', target: '/api/scim/Users' }, answer, said)).toEqual([
      'POST /api/scim/Users 400 invalidValue: title must be a string, "5" came. (1 ms, storage calls: 0)',
    ])
  })

  test('for a token that was refused: code and description', async () => {
    const description = 'The client_secret is mistyped or cut off.'
    const answer = {
      status: 401,
      body: { error: 'invalid_client', error_description: description },
    }
    const said = { event: 'oauth', oauthError: 'invalid_client', reason: 'mistyped' }
    expect(await printed({ method: 'POST', target: '/api/oauth/token' }, answer, said)).toEqual([
      `POST /api/oauth/token 401 invalid_client: ${description} (1 ms, storage calls: 0, mistyped)`,
    ])
  })

  test('to the manage API that was refused', async () => {
    const answer = { status: 404, body: { detail: 'There is no tenant "acme".' } }
    const said = { event: 'manage', error: 'not-found', detail: 'There is no tenant "…".' }
    expect(await printed({ target: '/api/manage/tenants/acme' }, answer, said)).toEqual([
      'GET /api/manage/tenants/acme 404 not-found: There is no tenant "acme". (1 ms, storage calls: 0)',
    ])
  })

  test('that no function takes', async () => {
    expect(await printed({ target: 'http://localhost/scim/Users' }, { status: 404 })).toEqual([
      'GET /scim/Users 404 No function has this path. The Tenant URL ends in /api/scim. (1 ms, storage calls: 0)',
    ])
  })

  test('that the host refused for want of a key', async () => {
    const [line] = await printed({ target: '/api/manage/tenants?code=hush' }, { status: 401 })
    expect(line).toMatch(/^GET \/api\/manage\/tenants 401 No key, or not the right one: .*1 ms/)
    expect(line).not.toContain('hush')
  })

  test('has no key that stands in the path', async () => {
    const target = '/api/manage/tenants%3Fcode=hush/x&CODE=hush'
    const [line] = await printed({ target }, { status: 404 })
    expect(line).toMatch(/^GET \/api\/manage\/tenants%3Fcode=…\/x&CODE=… 404 /)
  })

  test('has why a credential was refused, and the names that were ignored', async () => {
    const said = { reason: 'revoked', ignored: ['departmnt', 'urn:foo:bar'] }
    expect(await printed({ target: '/' }, { status: 200 }, said)).toEqual([
      'GET / 200 1 ms, storage calls: 0, revoked, ignored: departmnt, urn:foo:bar',
    ])
  })

  test('is one line, short, and without a Secret Token', async () => {
    const answer = { status: 400, body: { detail: 'a\n\u001B[2Jb' } }
    const said = { error: 'invalidValue' }
    const [line, ...more] = await printed(
      { target: `/scim_demo_abcdefghijkl_Secret0/${'x'.repeat(500)}` },
      answer,
      said,
    )
    expect(more).toEqual([])
    expect(line).toMatch(
      /^GET \/scim_demo_abcdefghijkl_…\/x{150,200}… 400 invalidValue: a\\u000a\\u001b\[2Jb/,
    )
  })

  test.each([
    ['/api/scim/Users/%73cim_demo_abcdefghijkl_Secret0', {}, undefined],
    ['/', { ignored: ['scim_demo_abcdefghijkl_Secret0'] }, undefined],
    ['/', { error: 'invalidFilter' }, 'scim_demo_abcdefghijkl_Secret0 is no attribute'],
  ])('has no Secret Token, wherever it was put: %s %j', async (target, said, detail) => {
    const answer = { status: detail === undefined ? 200 : 400, body: { detail } }
    const [line] = await printed({ target }, answer, said)
    expect(line).toContain('scim_demo_abcdefghijkl_…')
    expect(line).not.toContain('Secret0')
  })

  test('has no marks that turn the direction of what is shown', async () => {
    const answer = { status: 400, body: { detail: 'a\u202Eb' } }
    const [line] = await printed({ target: '/' }, answer, { error: 'invalidValue' })
    expect(line).toContain('a\\u202eb')
  })

  test('of what the web server refused has why', () => {
    const lines: string[] = []
    createRequestLog((line) => lines.push(line), ROOT, false).refused(400, 'It is no HTTP request.')
    createRequestLog((line) => lines.push(line), ROOT, true).refused(400, 'It is no HTTP request.')
    expect(lines).toEqual(['400 It is no HTTP request.'])
  })

  test('is left out with --quiet', async () => {
    expect(await printed({ target: '/' }, { status: 200 }, {}, true)).toEqual([])
  })

  test('is coloured where colours are wanted', async () => {
    vi.stubEnv('FORCE_COLOR', '1')
    const [line] = await printed({ target: '/' }, { status: 404 })
    expect(line).toContain('\u001B[33m404\u001B[39m')
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('NO_COLOR', '1')
    expect((await printed({ target: '/' }, { status: 404 })).join('')).not.toContain('\u001B')
  })
})

/** What is printed of a timer that fails. */
const ran = async (quiet: boolean): Promise<readonly string[]> => {
  const lines: string[] = []
  const log = createRequestLog((line) => lines.push(line.replace(/\d+ ms/, '1 ms')), ROOT, quiet)
  await log.aroundRun('maintenance', async () => log.sink('error', 'system', 'failed'))
  return lines
}

describe('the line of a timer', () => {
  test('has its name and what it took, behind what went wrong', async () => {
    expect(await ran(false)).toEqual(['error: failed', 'timer maintenance 1 ms, storage calls: 0'])
  })

  test('is left out with --quiet, but not what went wrong', async () => {
    expect(await ran(true)).toEqual(['error: failed'])
  })

  test('of one that a request started leaves the line of that request alone', async () => {
    const lines: string[] = []
    const log = createRequestLog((line) => lines.push(line), ROOT, false)
    const handle = async (): Promise<HostResponse> => {
      const said = JSON.stringify({ event: 'scim', reason: "the timer's" })
      await log.aroundRun('poll', async () => log.sink('information', 'user', said))
      return { status: 202, headers: {}, body: Buffer.alloc(0) }
    }
    const target = '/admin/functions/poll'
    await log.serve({ handle }, { method: 'POST', target, headers: {}, body: Buffer.alloc(0) })
    expect(lines).toEqual([
      expect.stringMatching(/^timer poll /),
      expect.stringMatching(/^POST \/admin\/functions\/poll 202 \d+ ms, storage calls: 0$/),
    ])
  })
})

/** What is printed of a line that the app says. */
const says = (message: string, level: 'warning' | 'information' = 'warning'): readonly string[] => {
  const lines: string[] = []
  createRequestLog((line) => lines.push(line), ROOT, true).sink(level, 'user', message, 'id-1')
  return lines
}

describe('what the app says beside', () => {
  test('a failure: the id that the client was told, own frames only, a line each', () => {
    const failure = {
      event: 'failure',
      operation: 'users-list',
      name: 'RestError',
      code: 'ECONNREFUSED',
      frames: [
        'at find (file:///project/lib/storage/find.ts:61:12)',
        'at file:///project/node_modules/@azure/core/x.js:1:2',
        'at node:internal/process:3:4',
        'at file:///elsewhere/x.ts:1:2',
      ],
      cause: {
        name: 'ScimError',
        kind: 'unavailable',
        detail: 'A table of the storage is missing.',
        frames: ['at file:///project/lib/a.ts:1:2'],
      },
    }
    expect(says(JSON.stringify(failure))).toEqual([
      [
        'id-1 users-list failed: RestError ECONNREFUSED',
        '    at lib/storage/find.ts:61:12 (find)',
        '  because of ScimError unavailable: A table of the storage is missing.',
        '    at lib/a.ts:1:2',
      ].join('\n'),
    ])
  })

  test('tables that are missing', () => {
    const line = { event: 'missingTables', operation: 'health', tables: ['users', 'groups'] }
    expect(says(JSON.stringify(line))).toEqual([
      'id-1 health: tables that are missing in the storage: users, groups',
    ])
  })

  test('a warning', () => {
    expect(says('PUBLIC_BASE_URL is not set')).toEqual(['warning: PUBLIC_BASE_URL is not set'])
    expect(says('{"event":')).toEqual(['warning: {"event":'])
  })

  test('not what is told for information', () => {
    expect(says('loaded', 'information')).toEqual([])
  })
})
