// Loads an unpacked package as the worker does, on the Node.js that runs this, and asks one function: what came of it, as JSON.
import { ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { loadBundle } from '../../tools/bundle.ts'
import { startFunctionApp } from '../../tools/local-host/function-app.ts'
import { createHost } from '../../tools/local-host/host.ts'

const directory = process.argv[2] ?? ''
const core = loadBundle(directory)
const host = createHost(await startFunctionApp(core, directory), ROUTE_PREFIX)
const answer = await host.handle({
  method: 'GET',
  target: '/api/scim/Users',
  headers: { host: 'localhost' },
  body: new Uint8Array(),
})
const functions = core.functions.map(({ metadata: { name, bindings } }) => ({
  name,
  bindings: Object.values(bindings).map(({ type, methods = [], route = '', authLevel = '' }) => {
    return [type, methods.join(), route, authLevel].filter((text) => text !== '').join(' ')
  }),
}))
const { status, body } = answer
process.stdout.write(
  JSON.stringify({
    node: process.versions.node,
    startHooks: core.hooks.appStart.length,
    functions,
    answer: { status, body: Buffer.from(body).toString() },
  }),
  // What the app began at its start tries for seconds to reach a storage.
  () => process.exit(),
)
