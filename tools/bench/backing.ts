import { randomBytes } from 'node:crypto'
import { createRuntime, setRuntime, type Stores } from '../../lib/runtime.ts'
import { SCIM_PATH, ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { loadFunctionApp } from '../local-host/function-app.ts'
import { functionFiles, ROOT } from '../local-host/function-files.ts'
import { createHost } from '../local-host/host.ts'
import { memoryStores, openStores } from './stores.ts'

/** One request, done. */
export interface Measured {
  readonly status: number
  readonly milliseconds: number
  /** Requests to the table service. */
  readonly calls: number
  readonly body: Uint8Array
}

/** The app's functions with a tenant of their own. */
export interface BenchApp {
  readonly tenantId: string
  readonly stores: Stores
  /** Sends a request as the tenant; `path` follows the Tenant URL. */
  readonly send: (method: string, path: string, body?: unknown) => Promise<Measured>
  /** Removes the tenant and all it has. */
  readonly remove: () => Promise<void>
}

/** Runs the functions on this process's local host, without a socket, on tables or (without a connection) in memory. */
export async function openBenchApp(connectionString: string | undefined): Promise<BenchApp> {
  const stores =
    connectionString === undefined
      ? { ...memoryStores(), erase: async () => 0 }
      : await openStores(connectionString)
  setRuntime(createRuntime(stores, { requestsPerSecond: () => Infinity }))
  const now = new Date()
  const tenantId = `bench-${randomBytes(6).toString('hex')}`
  const tenant = await createTenant(stores.tenants, { id: tenantId, name: 'Benchmark', now })
  const { secretToken } = await issueToken(stores.tenants, tenantId, { label: 'bench', now })
  const host = createHost(await loadFunctionApp(functionFiles(), ROOT, printErrors), ROUTE_PREFIX)
  return {
    tenantId,
    stores,
    async send(method, path, body) {
      const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
      const request = {
        method,
        target: `${SCIM_PATH}${path}`,
        headers: {
          host: 'localhost',
          authorization: `Bearer ${secretToken}`,
          'content-type': 'application/scim+json',
          'content-length': String(bytes.length),
        },
        body: bytes,
      }
      const started = performance.now()
      const { result, calls } = await countCalls(() => host.handle(request))
      const milliseconds = performance.now() - started
      return { status: result.status, milliseconds, calls, body: result.body }
    },
    async remove() {
      await stores.erase(tenant.partitionKey)
      await stores.tenants.delete(tenant)
    },
  }
}

function printErrors(level: string, _category: string, message: string): void {
  if (level === 'error') console.error(message)
}
