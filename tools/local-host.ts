// npm start: the app on this machine.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOCAL_BASE_URL } from '../lib/config.ts'
import { ROUTE_PREFIX, SCIM_PATH } from '../lib/http/routes.ts'
import { KEYS_ARE_CHECKED } from '../lib/manage/unguarded.ts'
import {
  announce,
  entryPoints,
  guardedEntryPoint,
  hostState,
  prepareBacking,
  ready,
} from './local-host/backing.ts'
import { bodyLimit } from './local-host/body-limit.ts'
import { type Options, parseCommandLine, usage } from './local-host/command-line.ts'
import { addDemoData } from './local-host/demo-data.ts'
import { endFunctionApp, loadFunctionApp } from './local-host/function-app.ts'
import { functionFiles, ROOT } from './local-host/function-files.ts'
import { createHost, type Host, type HostRequest, type HostResponse } from './local-host/host.ts'
import { type HttpServer, serve } from './local-host/http-server.ts'
import { Lifetime } from './local-host/lifetime.ts'
import { listenError } from './local-host/listen-error.ts'
import { endWithParent, showServing } from './local-host/parent.ts'
import { createRequestLog } from './local-host/request-log.ts'
import { startTimers } from './local-host/timers.ts'

const STARTING: HostResponse = { status: 503, headers: {}, body: new Uint8Array() }

const lifetime = new Lifetime()
try {
  const options = parseCommandLine(process.argv.slice(2), 'npm start', process.env)
  if (options.help) console.log(usage('npm start'))
  else await run(options)
} catch (error) {
  lifetime.fail(error)
}

async function run(options: Options): Promise<void> {
  lifetime.endOnSignals()
  endWithParent(lifetime)
  const log = createRequestLog((line) => console.log(line), ROOT, options.quiet)
  let host: Host | undefined
  // The port comes first: when it is taken nothing else has to be started.
  const handle = async (request: HostRequest): Promise<HostResponse> =>
    host === undefined ? STARTING : log.serve(host, request)
  const server = await open(options.port, handle, log.refused)
  lifetime.atEnd(() => server.close())
  const backing = await prepareBacking(options, lifetime)
  const { keys, statuses } = await hostState(options)
  process.env[KEYS_ARE_CHECKED] = 'true'
  process.env[LOCAL_BASE_URL] = `http://localhost:${server.port}${SCIM_PATH}`
  const app = await loadFunctionApp(functionFiles(), ROOT, log.sink)
  lifetime.atEnd(() => endFunctionApp(app))
  host = createHost(app, ROUTE_PREFIX, { keys, statuses, aroundRun: log.aroundRun })
  if (options.demoData) await addDemoData(host, backing.secretToken)
  const { port } = server
  await announce(options, backing, port, lifetime)
  const lines = [
    entryPoints(backing, port),
    guardedEntryPoint(host, keys, port),
    ready(options, { functions: app.core.functions.length, port }),
  ]
  showServing({ port, text: lines.filter((line) => line !== undefined).join('\n') })
  lifetime.atEnd(startTimers(host, statuses))
}

async function open(
  port: number,
  handle: (request: HostRequest) => Promise<HostResponse>,
  refused: (status: number, why: string) => void,
): Promise<HttpServer> {
  const example = await readFile(join(ROOT, 'local.settings.example.json'), 'utf8')
  const maxBodyBytes = bodyLimit(process.env, example)
  try {
    return await serve(port, handle, maxBodyBytes, refused)
  } catch (error) {
    throw listenError(error, port)
  }
}
