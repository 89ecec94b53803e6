import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { createRuntime, setRuntime } from '../../lib/runtime.ts'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryTenantStore } from '../../lib/storage/memory/tenants.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { loadFunctionApp } from '../../tools/local-host/function-app.ts'
import { functionFiles, ROOT } from '../../tools/local-host/function-files.ts'
import { createHost } from '../../tools/local-host/host.ts'
import type { Endpoint } from './replay.ts'

const HOST = 'scim.example'

/** The app's own functions on the local host, without a socket, over stores in memory and with one tenant. */
export async function memoryEndpoint(): Promise<Endpoint> {
  const state = memoryState()
  const memberships = memoryMemberships(state)
  const tenants = memoryTenantStore()
  setRuntime(
    createRuntime({ resources: memoryResourceStore(state, memberships), memberships, tenants }),
  )
  const now = new Date()
  await createTenant(tenants, { id: 'conformance', name: 'Conformance', now })
  const { secretToken } = await issueToken(tenants, 'conformance', { label: 'tests', now })
  const host = createHost(await loadFunctionApp(functionFiles(), ROOT, () => {}), ROUTE_PREFIX)
  return {
    baseUrl: `http://${HOST}${SCIM_PATH}`,
    token: secretToken,
    async send({ method, path, headers, body = '' }) {
      const bytes = Buffer.from(body)
      const answer = await host.handle({
        method,
        target: `${SCIM_PATH}${path}`,
        headers: { host: HOST, 'content-length': String(bytes.length), ...headers },
        body: bytes,
      })
      return {
        status: answer.status,
        headers: answer.headers,
        body: Buffer.from(answer.body).toString(),
      }
    },
  }
}
