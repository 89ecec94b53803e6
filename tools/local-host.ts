// npm start: the app on this machine.
import { AsyncLocalStorage } from 'node:async_hooks'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROUTE_PREFIX } from '../lib/http/routes.ts'
import { countCalls } from '../lib/storage/calls.ts'
import { announce, entryPoints, prepareBacking } from './local-host/backing.ts'
import { bodyLimit } from './local-host/body-limit.ts'
import { type Options, parseCommandLine, usage } from './local-host/command-line.ts'
import { loadFunctionApp } from './local-host/function-app.ts'
import { functionFiles, ROOT } from './local-host/function-files.ts'
import type { LogLevel } from './local-host/functions-core.ts'
import { createHost, type Host, type HostRequest, type HostResponse } from './local-host/host.ts'
import { type HttpServer, serve } from './local-host/http-server.ts'
import { Lifetime, StartError } from './local-host/lifetime.ts'
import { loggedPath } from './local-host/logged-path.ts'
import { refusalReason } from './local-host/refusal-reason.ts'

const STARTING: HostResponse = { status: 503, headers: {}, body: new Uint8Array() }

const lifetime = new Lifetime()
try {
  const options = parseCommandLine(process.argv.slice(2), 'npm start')
  if (options.help) console.log(usage('npm start'))
  else await run(options)
} catch (error) {
  lifetime.fail(error)
}

async function run(options: Options): Promise<void> {
  lifetime.endOnSignals()
  let host: Host | undefined
  // The port comes first: when it is taken nothing else has to be started.
  const server = await open(options.port, async (request) => {
    if (host === undefined) return STARTING
    return options.quiet ? host.handle(request) : logged(host, request)
  })
  lifetime.atEnd(() => server.close())
  const backing = await prepareBacking(options, lifetime)
  const app = await loadFunctionApp(functionFiles(), ROOT, printLog)
  host = createHost(app, ROUTE_PREFIX)
  await announce(options, backing, server.port, lifetime)
  console.log(entryPoints(backing, server.port))
}

async function open(
  port: number,
  handle: (request: HostRequest) => Promise<HostResponse>,
): Promise<HttpServer> {
  const example = await readFile(join(ROOT, 'local.settings.example.json'), 'utf8')
  const maxBodyBytes = bodyLimit(process.env, example)
  try {
    return await serve(port, handle, maxBodyBytes)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new StartError(`port ${port} is in use; npm start -- --port 0 takes a free one`)
    }
    throw error
  }
}

/** What the app's own line tells of the request that is being served, and `logged` does not know. */
const told = new AsyncLocalStorage<{ reason?: string }>()

/** One line per request, without personal data; why a credential was refused stands at its end. */
async function logged(host: Host, request: HostRequest): Promise<HostResponse> {
  const started = performance.now()
  const of: { reason?: string } = {}
  const { result, calls } = await countCalls(() => told.run(of, () => host.handle(request)))
  const milliseconds = Math.round(performance.now() - started)
  const path = loggedPath(request.target)
  const why = of.reason === undefined ? '' : `, ${of.reason}`
  console.log(
    `${request.method} ${path} ${result.status} ${milliseconds} ms, storage calls: ${calls}${why}`,
  )
  return result
}

/** Of the app's own line for each request only the reason is kept: `logged` prints one. */
function printLog(level: LogLevel, _category: string, message: string): void {
  if (level === 'warning' || level === 'error' || level === 'critical') {
    console.error(`${level}: ${message}`)
    return
  }
  const of = told.getStore()
  const reason = refusalReason(message)
  if (of !== undefined && reason !== undefined) of.reason = reason
}
