import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'

interface Run {
  readonly process: ChildProcess
  readonly exitCode: Promise<number | null>
  /** All of its output so far. */
  readonly output: () => string
}

interface Started extends Run {
  readonly tenantUrl: string
  readonly secretToken: string
}

let directory: string
let running: Run[]
beforeEach(async () => {
  running = []
  directory = await mkdtemp(join(tmpdir(), 'local-host-'))
})
afterEach(async () => {
  for (const each of running) each.process.kill('SIGKILL')
  await Promise.all(running.map((each) => each.exitCode))
  await rm(directory, { recursive: true, force: true, maxRetries: 10 })
})

function run(...args: readonly string[]): Run {
  const { TABLES_ENDPOINT: _, PUBLIC_BASE_URL: __, ...env } = process.env
  const child = spawn(process.execPath, ['tools/local-host.ts', '--data', directory, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()))
  }
  const exitCode = once(child, 'close').then(() => child.exitCode)
  const started = { process: child, exitCode, output: () => output }
  running.push(started)
  return started
}

async function start(...args: readonly string[]): Promise<Started> {
  const started = run('--port', '0', ...args)
  await expect.poll(started.output, { timeout: 30_000 }).toMatch(/^curl .*\n/m)
  const [, tenantUrl = '', secretToken = ''] =
    /^Tenant URL {4}(\S+)\nSecret Token {2}(\S+)\ncurl /m.exec(started.output()) ?? []
  return { ...started, tenantUrl, secretToken }
}

async function users({ tenantUrl, secretToken }: Started): Promise<unknown> {
  const headers = { authorization: `Bearer ${secretToken}` }
  return (await fetch(`${tenantUrl}/Users?filter=userName%20pr`, { headers })).json()
}

async function createUser({ tenantUrl, secretToken }: Started, userName: string): Promise<number> {
  const response = await fetch(`${tenantUrl}/Users`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${secretToken}`,
      'content-type': 'application/scim+json',
    },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName }),
  })
  return response.status
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return once(socket, 'connect').then(
    () => {
      socket.destroy()
      return true
    },
    () => false,
  )
}

/** The processes that a process started. */
async function childrenOf(pid: number | undefined): Promise<number[]> {
  const list = spawn('ps', ['-A', '-o', 'pid=,ppid='])
  let text = ''
  list.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(list, 'close')
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child = 0]) => child)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('data and token', () => {
  test('outlive a stop; --fresh empties the data', async () => {
    const first = await start()
    expect(await createUser(first, 'bob')).toBe(201)
    first.process.kill('SIGTERM')
    expect(await first.exitCode).toBe(0)

    const second = await start()
    expect(second.secretToken).toBe(first.secretToken)
    expect(await users(second)).toMatchObject({ totalResults: 1 })
    second.process.kill('SIGTERM')
    await second.exitCode

    const third = await start('--fresh')
    expect(await users(third)).toMatchObject({ totalResults: 0 })
  })
})

test('what was counted and not written yet is written at the end', async () => {
  const first = await start()
  for (const name of ['ada', 'bob', 'cy']) expect(await createUser(first, name)).toBe(201)
  first.process.kill('SIGTERM')
  expect(await first.exitCode).toBe(0)

  const second = await start()
  const [, key = '', manage = ''] =
    /^curl -H "x-functions-key: (\S+)" "(\S+)"$/m.exec(second.output()) ?? []
  const answer = await fetch(`${manage}/demo/stats`, { headers: { 'x-functions-key': key } })
  const { items } = z
    .object({ items: z.array(z.object({ writes: z.int() })) })
    .parse(await answer.json())
  expect(items.reduce((sum, { writes }) => sum + writes, 0)).toBe(3)
})

test('--demo-data makes people once, and tells why it cannot', async () => {
  const first = await start('--demo-data')
  expect(first.output()).toMatch(/^12 people in 4 teams are made\nTenant URL /)
  expect(await users(first)).toMatchObject({ totalResults: 12 })
  expect(await tenant('disable', 'demo', '--data', directory)).toBe(0)
  first.process.kill('SIGTERM')
  await first.exitCode

  const second = await start('--demo-data')
  expect(second.output()).toMatch(
    /^the demo data is not complete: GET \/Users was answered 403: The tenant is disabled\.\nTenant URL /,
  )
  expect(await tenant('enable', 'demo', '--data', directory)).toBe(0)
  second.process.kill('SIGTERM')
  await second.exitCode

  const third = await start('--demo-data')
  expect(third.output()).toMatch(/^demo data is there already\nTenant URL /)
  expect(await users(third)).toMatchObject({ totalResults: 12 })
})

test('npm run tenant finds the host, and a disabled demo tenant is told of', async () => {
  const first = await start()
  const place = ['--data', directory]
  expect(await tenant('disable', 'demo', ...place)).toBe(0)
  first.process.kill('SIGTERM')
  await first.exitCode
  expect(await tenant('list', ...place)).toBe(1)

  const second = await start()
  expect(second.output()).toContain(
    `The tenant demo is disabled, its token is refused: npm run tenant -- enable demo --data "${directory}"\n`,
  )
  expect(await tenant('enable', 'demo', ...place)).toBe(0)
  expect(await users(second)).toMatchObject({ totalResults: 0 })
})

/** Runs `npm run tenant`; its exit code. */
async function tenant(...args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, ['tools/tenant.ts', ...args], { stdio: 'ignore' })
  await once(child, 'close')
  return child.exitCode
}

const KEYS = z.object({ master: z.string(), host: z.string() })

describe('the keys', () => {
  test('are made at the first start, for their owner only, and stay', async () => {
    const first = await start()
    const file = join(directory, 'host-keys.json')
    const kept = await readFile(file, 'utf8')
    const { master, host } = KEYS.parse(JSON.parse(kept))
    const { origin } = new URL(first.tenantUrl)
    const admin = (key: string): Promise<Response> =>
      fetch(`${origin}/admin/functions/nope?code=${key}`, { method: 'POST' })
    expect((await admin('wrong')).status).toBe(401)
    expect((await admin(host)).status).toBe(401)
    expect((await admin(master)).status).toBe(404)
    first.process.kill('SIGTERM')
    await first.exitCode
    expect(first.output()).toMatch(/^POST \/admin\/functions\/nope 401 No key, or not the right/m)
    expect(first.output()).not.toContain(master)

    const second = await start('--fresh')
    expect(await readFile(file, 'utf8')).toBe(kept)
    expect(second.output()).not.toContain(master)
  })
})

/** Blanks; what comes back before or while they are sent. */
async function post({ tenantUrl, secretToken }: Started, bytes: number): Promise<string> {
  const { port, pathname } = new URL(tenantUrl)
  const socket = connect(Number(port), '127.0.0.1')
  const lines = [
    `POST ${pathname}/Users HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${secretToken}`,
    'content-type: application/scim+json',
    `content-length: ${bytes}`,
    'connection: close',
  ]
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  const closed = once(socket, 'close')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(Buffer.alloc(bytes, ' '))
  await closed
  return text
}

test('tokens that cannot be read are replaced, and that is told', async () => {
  const first = await start()
  first.process.kill('SIGTERM')
  await first.exitCode
  const file = join(directory, 'demo-tokens.json')
  await writeFile(file, '{"azurite":')
  const second = await start()
  expect(second.output()).toContain(
    `${file} could not be read: the demo tenant has a new Secret Token\n`,
  )
  expect(second.secretToken).not.toBe(first.secretToken)
  expect(await users(second)).toMatchObject({ totalResults: 0 })
})

describe('a body', () => {
  test('up to 16 MiB is answered by the app, one byte more by the host', async () => {
    const app = await start()
    const ours = await post(app, 16 * 1024 * 1024)
    expect(ours).toMatch(/^HTTP\/1\.1 413 /)
    expect(ours).toContain('urn:ietf:params:scim:api:messages:2.0:Error')
    const theirs = await post(app, 16 * 1024 * 1024 + 1)
    expect(theirs).toMatch(/^HTTP\/1\.1 500 [^]*\r\ncontent-length: 0\r\n[^]*\r\n\r\n$/)
  })
})

describe('the log', () => {
  test('has a line per request, without the query', async () => {
    const app = await start()
    await users(app)
    await expect
      .poll(app.output)
      .toMatch(/^GET \/api\/scim\/Users 200 \d+ ms, storage calls: [1-9]\d*$/m)
    expect(app.output()).not.toContain('userName')
  })

  test('says why a credential was refused', async () => {
    const app = await start()
    expect((await fetch(`${app.tenantUrl}/Users`)).status).toBe(401)
    await expect
      .poll(app.output)
      .toMatch(
        /^GET \/api\/scim\/Users 401 unauthorized: .+ \(\d+ ms, storage calls: 0, no credential\)$/m,
      )
  })

  test('has none with --quiet', async () => {
    const app = await start('--quiet')
    const before = app.output()
    await users(app)
    expect(app.output()).toBe(before)
  })
})

describe('the end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s: within two seconds, exit code 0, nothing left',
    async (signal) => {
      const app = await start()
      await users(app)
      const children = await childrenOf(app.process.pid)
      expect(children).toHaveLength(1)
      const began = performance.now()
      app.process.kill(signal)
      expect(await app.exitCode).toBe(0)
      expect(performance.now() - began).toBeLessThan(2000)
      expect(children.filter(isRunning)).toEqual([])
      expect(await isListening(Number(new URL(app.tenantUrl).port))).toBe(false)
    },
  )

  test('Azurite does not outlive a process that is killed', async () => {
    const app = await start()
    const [azurite = 0] = await childrenOf(app.process.pid)
    const port = azuritePort(await commandOf(azurite))
    expect(await isListening(port)).toBe(true)
    app.process.kill('SIGKILL')
    await app.exitCode
    await expect.poll(() => isListening(port), { timeout: 5000 }).toBe(false)
  })

  test('of Azurite ends the host, with the reason and what to do', async () => {
    const app = await start('--quiet')
    const before = app.output()
    const [azurite = 0] = await childrenOf(app.process.pid)
    process.kill(azurite, 'SIGKILL')
    expect(await app.exitCode).toBe(1)
    expect(app.output().slice(before.length)).toBe(
      `Azurite, where the tables are, has ended (SIGKILL); start again: what it had saved is in ${directory}\n`,
    )
  })
})

async function commandOf(pid: number): Promise<string> {
  const list = spawn('ps', ['-p', String(pid), '-o', 'args='])
  let text = ''
  list.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(list, 'close')
  return text
}

function azuritePort(command: string): number {
  return Number(/--tablePort (\d+)/.exec(command)?.[1])
}

describe('one line says why it does not start', () => {
  test('a port in use, and data in use', async () => {
    const app = await start()
    const { port } = new URL(app.tenantUrl)
    const samePort = run('--port', port)
    expect(await samePort.exitCode).toBe(1)
    expect(samePort.output()).toBe(
      `port ${port} is in use; npm start -- --port 0 takes a free one\n`,
    )
    const sameData = run('--port', '0')
    expect(await sameData.exitCode).toBe(1)
    expect(sameData.output()).toBe(
      `${directory} is in use by another local host; stop it, or give --data\n`,
    )
    expect(await users(app)).toMatchObject({ totalResults: 0 })
  })

  test('damaged tables, which --fresh empties', async () => {
    await mkdir(join(directory, 'tables'))
    const file = join(directory, 'tables', '__azurite_db_table__.json')
    await writeFile(file, '{"collections":[')
    const failed = run('--port', '0')
    expect(await failed.exitCode).toBe(1)
    expect(failed.output()).toBe(
      `${file} is damaged; npm start -- --fresh --data "${directory}" starts with empty data\n`,
    )
    expect(await readFile(file, 'utf8')).toBe('{"collections":[')
    expect(await users(await start('--fresh'))).toMatchObject({ totalResults: 0 })
  })

  test.each([
    [
      'an unknown option',
      ['--bogus'],
      2,
      "Unknown option '--bogus'; npm start -- --help lists the options",
    ],
    ['an empty --storage', ['--storage', ''], 2, '--storage is empty; '],
    ['a negative port', ['--port', '-1'], 2, '--port must be a number from 0 to 65535'],
    [
      'a directory that cannot be',
      ['--data', join(import.meta.filename, 'x')],
      1,
      /^the data cannot be kept in \S+: \w+: /,
    ],
    [
      'a directory that the system does not make',
      ['--data', '/proc/nope'],
      1,
      /^the data cannot be kept in \/proc\/nope: \w+: /,
    ],
    [
      'plain http elsewhere',
      ['--storage', 'AccountName=a;AccountKey=a2V5;TableEndpoint=http://example.com/a'],
      2,
      'plain http only on loopback',
    ],
    [
      'half of a connection string',
      ['--storage', 'AccountName=a;AccountKey=a2V5'],
      2,
      '--storage is a connection string without DefaultEndpointsProtocol and EndpointSuffix',
    ],
    [
      'a table service that is not there',
      [
        '--storage',
        'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:9/a',
      ],
      1,
      'the table service cannot be used: ',
    ],
  ])('%s', async (_case, args, exitCode, message) => {
    const failed = run('--port', '0', ...args)
    expect(await failed.exitCode).toBe(exitCode)
    expect(failed.output()).toMatch(message)
    expect(failed.output().trimEnd()).not.toContain('\n')
  })
})
