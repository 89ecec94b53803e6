// Loads a built app as the worker does and asks one of its functions: what that took since the process began, as JSON. It is
// bundled before it runs (start.ts), so that little of the time is its own.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { startFunctionApp } from '../local-host/function-app.ts'
import { FunctionsCore, provideFunctionsCore } from '../local-host/functions-core.ts'
import { invoke } from '../local-host/invocation.ts'
import { loadFunctions } from '../local-host/loaded-functions.ts'

async function start(main: string, name: string): Promise<void> {
  const core = new FunctionsCore(() => undefined)
  const stopProviding = provideFunctionsCore(core)
  createRequire(main)(main)
  stopProviding()
  const app = await startFunctionApp(core, dirname(main))
  const { routes } = loadFunctions(core.functions, ROUTE_PREFIX)
  const route = routes.find((each) => each.function.metadata.name === name)
  if (route === undefined) throw new Error(`there is no function ${name}`)
  const answer = await invoke(app, route, {
    http: {
      method: 'GET',
      url: 'http://localhost/api/scim/Users',
      headers: {},
      query: {},
      params: {},
      body: { bytes: new Uint8Array() },
    },
  })
  const milliseconds = performance.now()
  const { user, system } = process.cpuUsage()
  const took = { status: answer?.statusCode, milliseconds, cpuMilliseconds: (user + system) / 1000 }
  process.stdout.write(JSON.stringify(took), () => process.exit(0))
}

const [main = '', name = ''] = process.argv.slice(2)
void start(main, name)
