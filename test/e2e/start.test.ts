import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

const MESSAGE_OF_START = /Tenant URL +(\S+)\nSecret Token +(\S+)\n(curl .*)\n/

/** An `npm start` in a process group of its own, as a terminal makes one. */
interface Started {
  readonly npm: ChildProcess
  readonly tenantUrl: string
  readonly secretToken: string
  /** The line to try. */
  readonly curl: string
  /** Everything it has printed so far. */
  readonly printed: () => string
  readonly ended: Promise<unknown>
}

let data: string
const running = new Set<ChildProcess>()

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'scim-start-'))
})

afterAll(() => rm(data, { recursive: true, force: true }))

afterEach(() => {
  for (const npm of running) signalGroup(npm, 'SIGKILL')
  running.clear()
})

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) throw new Error('npm did not start')
  process.kill(-pid, signal)
}

/** The environment of a developer's terminal: no settings, and nothing of the npm that runs the tests. */
function terminalEnvironment(settings: Record<string, string> = {}): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter(
    (name) => !/^(?:npm_|TABLES_|PUBLIC_BASE_URL|VITEST|NODE_OPTIONS)/i.test(name),
  )
  return { ...Object.fromEntries(names.map((name) => [name, process.env[name]])), ...settings }
}

async function start(...more: readonly string[]): Promise<Started> {
  return startWith({}, ...more)
}

async function startWith(
  settings: Record<string, string>,
  ...more: readonly string[]
): Promise<Started> {
  const npm = spawn('npm', ['start', '--', '--data', data, ...more], {
    detached: true,
    env: terminalEnvironment(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(npm)
  const ended = once(npm, 'exit').then(() => running.delete(npm))
  let printed = ''
  const shown = new Promise<RegExpExecArray>((resolve) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString()
      const found = MESSAGE_OF_START.exec(printed)
      if (found !== null) resolve(found)
    }
    npm.stdout.on('data', read)
    npm.stderr.on('data', read)
  })
  const found = await Promise.race([shown, ended])
  if (!Array.isArray(found)) throw new Error(`npm start has ended: ${printed}`)
  const [, tenantUrl = '', secretToken = '', curl = ''] = found
  return { npm, tenantUrl, secretToken, curl, printed: () => printed, ended }
}

interface Ran {
  readonly code: unknown
  readonly out: string
  /** Without npm's own lines. */
  readonly errors: readonly string[]
}

/** Runs a command to its end. */
function run(
  command: string,
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<Ran> {
  const env = terminalEnvironment(settings)
  return new Promise((resolve) => {
    execFile(command, args, { env }, (error, out, err) => {
      const errors = err.split('\n').filter((line) => line !== '' && !line.startsWith('npm '))
      resolve({ code: error === null ? 0 : error.code, out, errors })
    })
  })
}

async function stop(started: Started): Promise<void> {
  signalGroup(started.npm, 'SIGINT')
  await started.ended
}

/** Where Azurite listens. */
async function azuritePort(): Promise<number> {
  const told = z.object({ connectionString: z.string() })
  const file = await readFile(join(data, 'local-host.json'), 'utf8')
  const { connectionString } = told.parse(JSON.parse(file))
  return Number(/TableEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(connectionString)?.[1])
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Asks again until nobody listens or the time is over. */
async function isQuietWithin(port: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds
  while (Date.now() < deadline) {
    if (!(await listens(port))) return true
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return false
}

const bearer = ({ secretToken }: Started): Record<string, string> => ({
  authorization: `Bearer ${secretToken}`,
  'content-type': 'application/scim+json',
})

describe('npm start', () => {
  test('prints a line that works, and starts again with the same values and the same data', async () => {
    const first = await start('--port', '0')
    expect(first.tenantUrl).toMatch(/^http:\/\/localhost:\d+\/api\/scim$/)
    const tried = await run('bash', ['-c', `${first.curl} -sS -w '\\n%{http_code}'`])
    expect(tried).toMatchObject({ code: 0, errors: [] })
    expect(tried.out).toMatch(/"totalResults":0[^]*\n200$/)
    const created = await fetch(`${first.tenantUrl}/Users`, {
      method: 'POST',
      headers: bearer(first),
      body: '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"kept@example.com"}',
    })
    expect(created.status).toBe(201)
    await stop(first)

    const { port } = new URL(first.tenantUrl)
    const second = await start('--port', port)
    expect(second.tenantUrl).toBe(first.tenantUrl)
    expect(second.secretToken).toBe(first.secretToken)
    const { out } = await run('bash', ['-c', `${second.curl} -sS -w '\\n%{http_code}'`])
    expect(out).toMatch(/"userName":"kept@example.com"[^]*\n200$/)

    const third = await run('npm', ['start', '--', '--port', port, '--data', data])
    expect(third.code).toBe(1)
    expect(third.errors).toEqual([`port ${port} is in use; npm start -- --port 0 takes a free one`])
    await stop(second)
  })

  test('its lines say why a request was refused, and nothing of queries, bodies and tokens', async () => {
    const started = await start('--port', '0')
    const before = started.printed()
    const create = '{"userName":"seen","title":"hush"}'
    const requests: readonly [string, string, string?][] = [
      ['GET', '/Users?filter=userName%20eq%20%22hush%40example.com%22'],
      ['GET', '/Users?filter=seen%20eq%201'],
      ['POST', '/Users', create],
      ['POST', '/Users', create],
      ['POST', '/Users', '{"hush":'],
      ['PATCH', '/Users/seen%40example.com', '{"Operations":[{"op":"remove","path":"title"}]}'],
      ['GET', '/seen?hush=hush'],
      ['GET', '/../seen'],
    ]
    for (const [method, path, body] of requests) {
      const init = { method, headers: bearer(started), ...(body === undefined ? {} : { body }) }
      await fetch(`${started.tenantUrl}${path}`, init)
    }
    await fetch(`${started.tenantUrl}/Users`, { headers: { authorization: 'Bearer hush' } })
    await stop(started)

    const lines = started.printed().slice(before.length).trim().split('\n')
    const expected: readonly RegExp[] = [
      /^GET \/api\/scim\/Users 200 /,
      /^GET \/api\/scim\/Users 400 invalidFilter: .*seen/,
      /^POST \/api\/scim\/Users 201 /,
      /^POST \/api\/scim\/Users 409 uniqueness: Another User has this userName/,
      /^POST \/api\/scim\/Users 400 invalidSyntax: The body is not valid JSON/,
      /^PATCH \/api\/scim\/Users\/seen%40example\.com 404 notFound: There is no User/,
      /^GET \/api\/scim\/seen 404 notFound: There is nothing at this path/,
      /^GET \/api\/seen 404 No function has this path\. The Tenant URL ends in \/api\/scim\./,
      /^GET \/api\/scim\/Users 401 unauthorized: .*malformed\)$/,
    ]
    expect(lines).toHaveLength(expected.length)
    for (const [at, line] of lines.entries()) {
      expect(line).toMatch(expected[at] ?? /never/)
      expect(line).toMatch(/\d+ ms, storage calls: \d+/)
    }
    expect(lines.join('\n')).not.toMatch(/hush|scim_demo/)
  })

  test.each<[string, (started: Started) => unknown]>([
    ['Ctrl-C', ({ npm }) => signalGroup(npm, 'SIGINT')],
    ['a SIGTERM to npm alone', ({ npm }) => npm.kill('SIGTERM')],
  ])('%s ends it within two seconds, and Azurite with it', async (_, end) => {
    const started = await start('--port', '0')
    const ports = [Number(new URL(started.tenantUrl).port), await azuritePort()]
    expect(await Promise.all(ports.map(listens))).toEqual([true, true])
    const began = Date.now()
    end(started)
    await started.ended
    const left = 2000 - (Date.now() - began)
    expect(await Promise.all(ports.map((port) => isQuietWithin(port, left)))).toEqual([true, true])
  })

  test('says what runs, where the data is and how to stop, the local port behind a public URL too', async () => {
    const settings = { PUBLIC_BASE_URL: 'https://scim.example/api/scim', FORCE_COLOR: '1' }
    const started = await startWith(settings, '--port', '0')
    expect(started.tenantUrl).toBe('https://scim.example/api/scim')
    const ready =
      /Ready.*: \d+ functions on http:\/\/localhost:(\d+), their data in (.*)\. Ctrl-C ends it\.$/m
    await expect.poll(started.printed).toMatch(ready)
    const [, port = '', place] = ready.exec(started.printed()) ?? []
    expect(await listens(Number(port))).toBe(true)
    expect(place).toBe(data)
    expect(started.printed()).toContain('\u001B[32mReady')
    await stop(started)
  })

  test('names all wrong settings in one message', async () => {
    const settings = { PUBLIC_BASE_URL: 'example.com' }
    const ran = await run(
      'npm',
      ['start', '--', '--port', '0', '--data', data, '--storage', 'nonsense'],
      settings,
    )
    expect(ran.code).toBe(2)
    expect(ran.errors).toEqual([
      expect.stringMatching(
        /^--storage is no connection string.*; PUBLIC_BASE_URL must be the Tenant URL/,
      ),
    ])
  })
})
