import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type RunningApp } from './running-app.ts'

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the tool with this key in MANAGE_KEY. */
function smoke(args: readonly string[], key?: string): Promise<Ran> {
  const { MANAGE_KEY: _, ...rest } = process.env
  const env = { ...rest, ...(key === undefined ? {} : { MANAGE_KEY: key }) }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['tools/smoke.ts', ...args],
      { env },
      (_error, out, err) => resolve({ code: child.exitCode, out, err }),
    )
  })
}

describe('against the local host', () => {
  let app: RunningApp

  beforeAll(async () => {
    app = await startApp()
  })

  afterAll(() => app.stop())

  /** The tenants of smoke tests, as `id status`. */
  async function left(): Promise<readonly string[]> {
    const { origin } = new URL(app.baseUrl)
    const answer = await fetch(`${origin}/api/manage/tenants?q=smoke-`, {
      headers: { 'x-functions-key': app.functionKey },
    })
    const text = await answer.text()
    return [...text.matchAll(/"id":"(smoke-\w+)".*?"status":"(\w+)"/g)].map(
      ([, id = '', status = '']) => `${id} ${status}`,
    )
  }

  test('a user lives a whole life in a tenant of its own, which is deleted', async () => {
    const ran = await smoke(['--url', app.baseUrl], app.functionKey)
    expect(ran).toMatchObject({ code: 0, err: '' })
    const [, id = ''] = /^Tenant (smoke-[0-9a-f]{12}) is there/m.exec(ran.out) ?? []
    expect(ran.out).toMatch(/^Healthy after \d+ s: http:\/\/localhost:\d+\/api\/health\n/)
    expect(ran.out.match(/^ {3}-> /gm)).toHaveLength(8)
    expect(ran.out).toMatch(
      new RegExp(
        `All as it should be\\.\nTenant ${id} is being deleted\nThe deployment works\\.\n$`,
      ),
    )
    expect(await left()).toEqual([`${id} deleting`])
    expect(ran.out).not.toContain(app.functionKey)
    expect(ran.out).not.toContain('scim_')
  })

  test('a wrong key is told as one, and nothing is made', async () => {
    const before = await left()
    const ran = await smoke(['--url', app.baseUrl], 'wrong-key')
    expect(ran.code).toBe(1)
    expect(ran.err).toBe(
      `POST ${new URL(app.baseUrl).origin}/api/manage/tenants: expected 201, got 401: the deployment does not know this function key\n`,
    )
    expect(ran.out).not.toContain('left')
    expect(await left()).toEqual(before)
  })

  test('what a test has left is deleted, and no tenant that only looks like one', async () => {
    const { origin } = new URL(app.baseUrl)
    const ids = ['smoke-0123456789ab', 'smoke-detectors']
    for (const id of ids) {
      const made = await fetch(`${origin}/api/manage/tenants`, {
        method: 'POST',
        headers: { 'x-functions-key': app.functionKey, 'content-type': 'application/json' },
        body: JSON.stringify({ id, name: id }),
      })
      expect(made.status).toBe(201)
    }
    const ran = await smoke(['--url', app.baseUrl, '--clean-up'], app.functionKey)
    expect(ran).toEqual({
      code: 0,
      out: 'Tenant smoke-0123456789ab was left, and is being deleted\nNo tenant of a smoke test is left.\n',
      err: '',
    })
    expect(await left()).toContain('smoke-0123456789ab deleting')
    expect((await left()).some((each) => each === 'smoke-detectors enabled')).toBe(true)
    const again = await smoke(['--url', app.baseUrl, '--clean-up'], app.functionKey)
    expect(again.out).toBe('No tenant of a smoke test is left.\n')
  })

  test('the variable of the key can have another name', async () => {
    process.env['SMOKE_KEY'] = app.functionKey
    const ran = await smoke(['--url', app.baseUrl, '--manage-key-env', 'SMOKE_KEY'])
    delete process.env['SMOKE_KEY']
    expect(ran).toMatchObject({ code: 0, err: '' })
  })
})

/** `METHOD name`, of the last word of the path. */
function nameOf({ method, url = '' }: IncomingMessage): string {
  const path = url.split('?')[0]?.replace(/\/tenants\/smoke-\w+$/, '/tenant') ?? ''
  return `${method} ${path.slice(path.lastIndexOf('/') + 1)}`
}

describe('a deployment that does not work', () => {
  type Answers = Readonly<Record<string, readonly [status: number, body?: string]>>

  let server: Server | undefined
  const seen: string[] = []

  afterEach(() => {
    server?.close()
    server = undefined
    seen.length = 0
  })

  /** A deployment that works as far as the smoke test looks, but for these answers. */
  async function deployment(different: (tenantUrl: string) => Answers): Promise<string> {
    server = createServer((request, response) => {
      seen.push(nameOf(request))
      const tenantUrl = `http://${request.headers.host}/api/scim`
      const answers: Answers = {
        'GET health': [200],
        'GET Users': request.headers.authorization === undefined ? [401] : [200, '{}'],
        'POST tenants': [201, JSON.stringify({ tenantUrl })],
        'POST credentials': [201, '{"secret":"scim_token"}'],
        'DELETE tenant': [202, '{}'],
        ...different(tenantUrl),
      }
      const [status, body = ''] = answers[nameOf(request)] ?? [404]
      if (status !== 0) response.writeHead(status, { location: '/elsewhere' }).end(body)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/scim`
  }

  test('is not there: it is waited for as long as it may take', async () => {
    const url = await deployment(() => ({}))
    server?.close()
    const ran = await smoke(['--url', url, '--wait', '3'], 'key')
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toMatch(
      /^http:\S+\/api\/health is not healthy after 3 s of waiting: GET .*: connect ECONNREFUSED .*\n$/,
    )
  })

  test('is not healthy yet: it is waited for', async () => {
    const url = await deployment(() => (seen.length < 2 ? { 'GET health': [503] } : {}))
    const ran = await smoke(['--url', url], 'key')
    expect(ran.out).toMatch(/^Healthy after 2 s: /)
    expect(seen.slice(0, 3)).toEqual(['GET health', 'GET health', 'GET Users'])
  })

  test('never becomes healthy', async () => {
    const url = await deployment(() => ({ 'GET health': [500] }))
    const ran = await smoke(['--url', url, '--wait', '3'], 'key')
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toMatch(/is not healthy after 3 s of waiting: 500\n$/)
  })

  test('lets everybody in', async () => {
    const url = await deployment(() => ({ 'GET Users': [200, '{}'] }))
    const ran = await smoke(['--url', url], 'key')
    expect(ran).toMatchObject({
      code: 1,
      err: `GET ${url}/Users without a token: expected 401, got 200\n`,
    })
    expect(seen).not.toContain('POST tenants')
  })

  test.each<[string, Answers, string]>([
    [
      'fails to make a tenant',
      { 'POST tenants': [500] },
      '/api/manage/tenants: expected 201, got 500',
    ],
    [
      'tells a problem',
      { 'POST credentials': [503, '{"detail":"The storage cannot be reached."}'] },
      'expected 201, got 503: The storage cannot be reached.',
    ],
    ['sends elsewhere', { 'POST credentials': [307] }, 'expected 201, got 307'],
    [
      'has another Tenant URL',
      { 'POST tenants': [201, '{"tenantUrl":"https://scim.example/api/scim"}'] },
      'PUBLIC_BASE_URL of the deployment is another',
    ],
    ['fails in the life of a user', {}, 'tools/life-of-a-user.sh has failed, see above'],
  ])('%s: the tenant is deleted', async (_title, answers, message) => {
    const url = await deployment(() => answers)
    const ran = await smoke(['--url', url], 'key')
    expect(ran.code).toBe(1)
    expect(ran.err).toContain(message)
    expect(seen.at(-1)).toBe('DELETE tenant')
    expect(seen).not.toContain('POST elsewhere')
    expect(ran.out).not.toContain('works')
  })

  test('does not delete the tenant: that is told, and tried again before', async () => {
    const url = await deployment(() => ({ 'DELETE tenant': [500] }))
    const ran = await smoke(['--url', url], 'key')
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(/^Tenant smoke-\w+ is left, delete it by hand: DELETE .* got 500$/m)
    expect(seen.filter((each) => each === 'DELETE tenant')).toHaveLength(3)
  })

  test('has more left than a page: all are deleted, and what cannot be is told', async () => {
    const pages = [
      { items: [{ id: 'smoke-000000000001', status: 'enabled' }], nextCursor: 'two' },
      {
        items: ['smoke-000000000002', 'contoso'].map((id) => ({ id, status: 'enabled' })),
      },
    ]
    const url = await deployment(() => ({
      'GET tenants': [
        200,
        JSON.stringify(pages[seen.filter((each) => each === 'GET tenants').length - 1] ?? {}),
      ],
      'DELETE tenant': seen.filter((each) => each === 'DELETE tenant').length > 3 ? [202] : [500],
    }))
    const ran = await smoke(['--url', url, '--clean-up'], 'key')
    expect(ran.code).toBe(1)
    expect(seen.filter((each) => each === 'GET tenants')).toHaveLength(2)
    expect(ran.err).toContain('Tenant smoke-000000000001 is left, delete it by hand: ')
    expect(ran.out).toBe('Tenant smoke-000000000002 was left, and is being deleted\n')
  })

  test('is left alone when the pipeline stops the step: the tenant is deleted', async () => {
    const url = await deployment(() => ({ 'POST credentials': [0] }))
    const env = { ...process.env, MANAGE_KEY: 'key' }
    const child = spawn(process.execPath, ['tools/smoke.ts', '--url', url], { env })
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBe('POST credentials')
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect({ code: child.exitCode, err }).toEqual({ code: 1, err: 'stopped by SIGTERM\n' })
    expect(seen.at(-1)).toBe('DELETE tenant')
  })
})

test.each([
  [['--url', 'http://scim.example/api/scim'], 'key', '--url must be the Tenant URL, https://'],
  [['--url', 'https://scim.example/scim'], 'key', '--url must be the Tenant URL, https://'],
  [['--url', 'scim.example'], 'key', '--url must be the Tenant URL, https://'],
  [[], 'key', '--url is missing: the Tenant URL'],
  [
    ['--url', 'https://scim.example'],
    undefined,
    'MANAGE_KEY is not set: it must have a function key',
  ],
  [
    ['--url', 'https://scim.example', '--wait', 'x'],
    'key',
    '--wait must be a whole number, not "x"',
  ],
])('%j with the key %s is no command', async (args, key, message) => {
  const ran = await smoke(args, key)
  expect({ code: ran.code, out: ran.out }).toEqual({ code: 2, out: '' })
  expect(ran.err).toContain(message)
  expect(ran.err.trim().split('\n')).toHaveLength(1)
})
