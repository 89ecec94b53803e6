import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import type { Answer } from '../conformance/answer.ts'
import type { Endpoint, WireRequest } from '../conformance/replay.ts'

/** The app in a process of its own, as `npm start` runs it: on Azurite, with the demo tenant. */
export interface RunningApp extends Endpoint {
  /** Opens the manage API. */
  readonly functionKey: string
  stop(): Promise<void>
}

const START_MILLISECONDS = 40_000

const KEYS = z.object({ host: z.string() })

/**
 * Starts the app with empty data, on a free port.
 *
 * @param settings of the environment, beside those of the process
 * @throws Error with what it printed, when it ends or is silent instead of showing the Tenant URL
 */
export async function startApp(
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningApp> {
  const directory = await mkdtemp(join(tmpdir(), 'scim-e2e-'))
  const {
    TABLES_ENDPOINT: _,
    TABLES_CONNECTION_STRING: __,
    PUBLIC_BASE_URL: ___,
    ...env
  } = process.env
  const app = spawn(
    process.execPath,
    ['tools/local-host.ts', '--quiet', '--port', '0', '--data', directory],
    { env: { ...env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = once(app, 'exit')
  const agent = new Agent({ keepAlive: true })
  const stop = async (): Promise<void> => {
    agent.destroy()
    app.kill('SIGTERM')
    await ended
    await rm(directory, { recursive: true, force: true })
  }

  let printed = ''
  const shown = new Promise<readonly string[]>((resolve) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString()
      const found = /Tenant URL +(\S+)\s+Secret Token +(\S+)\s/.exec(printed)
      if (found !== null) resolve(found.slice(1))
    }
    app.stdout.on('data', read)
    app.stderr.on('data', read)
  })
  const silent = new AbortController()
  const late = once(
    AbortSignal.any([silent.signal, AbortSignal.timeout(START_MILLISECONDS)]),
    'abort',
  )
  const [baseUrl, token] = await Promise.race([shown, ended.then(() => []), late.then(() => [])])
  silent.abort()
  if (baseUrl === undefined || token === undefined) {
    await stop()
    throw new Error(`the app did not start: ${printed}`)
  }
  const keys = KEYS.parse(JSON.parse(await readFile(join(directory, 'host-keys.json'), 'utf8')))
  return {
    baseUrl,
    token,
    functionKey: keys.host,
    stop,
    send: (wire) => send(agent, new URL(baseUrl), wire),
  }
}

/** Sends these headers and, unlike `fetch`, no others of its own but Host, Connection and Content-Length. */
async function send(agent: Agent, base: URL, wire: WireRequest): Promise<Answer> {
  const { method, path, headers, body } = wire
  const request = httpRequest({
    agent,
    host: base.hostname,
    port: base.port,
    method,
    path: `${base.pathname}${path}`,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  request.end(body)
  const response = await answered
  const chunks: Buffer[] = []
  for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')]),
    ),
    body: Buffer.concat(chunks).toString(),
  }
}
