// Runs a built app as the worker does: some requests, a pause, the same again, the end of the app. What came of it, as JSON.
import { setTimeout as pause } from 'node:timers/promises'
import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { loadBundle } from '../../tools/bundle.ts'
import { endFunctionApp, startFunctionApp } from '../../tools/local-host/function-app.ts'
import { createHost } from '../../tools/local-host/host.ts'

const REQUESTS = 40

const [directory = '', secretToken = '', filter = '', milliseconds = '0'] = process.argv.slice(2)
const app = await startFunctionApp(loadBundle(directory), directory)
const host = createHost(app, ROUTE_PREFIX)

/** Statuses, and the milliseconds of the one that took longest. */
async function ask(): Promise<{ readonly statuses: readonly number[]; readonly longest: number }> {
  const statuses = new Set<number>()
  let longest = 0
  for (let n = 0; n < REQUESTS; n += 1) {
    const started = performance.now()
    const { status } = await host.handle({
      method: 'GET',
      target: `${SCIM_PATH}/Users?filter=${encodeURIComponent(filter)}`,
      headers: { host: 'localhost', authorization: `Bearer ${secretToken}` },
      body: new Uint8Array(),
    })
    statuses.add(status)
    longest = Math.max(longest, performance.now() - started)
  }
  return { statuses: [...statuses], longest }
}

const first = await ask()
await pause(Number(milliseconds))
const second = await ask()
const ending = performance.now()
await endFunctionApp(app)
const ended = performance.now() - ending
process.stdout.write(JSON.stringify({ first, second, ended }), () => process.exit(0))
