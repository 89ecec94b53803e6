import { randomBytes } from 'node:crypto'
import { createRuntime, setRuntime, type Stores } from '../../lib/runtime.ts'
import { SCIM_PATH, ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { memoryMemberships } from '../../lib/storage/memory-memberships.ts'
import { memoryState } from '../../lib/storage/memory-state.ts'
import { memoryTenantStore } from '../../lib/storage/memory-tenants.ts'
import { memoryResourceStore } from '../../lib/storage/memory.ts'
import { eraseTenantResources } from '../../lib/storage/table/erase.ts'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { loadFunctionApp } from '../local-host/function-app.ts'
import { functionFiles, ROOT } from '../local-host/function-files.ts'
import { createHost } from '../local-host/host.ts'

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

type OpenStores = Stores & { readonly erase: (tenantId: string) => Promise<unknown> }

/** Runs the functions on this process's local host, without a socket, on tables or (without a connection) in memory. */
export async function openBenchApp(connectionString: string | undefined): Promise<BenchApp> {
  const stores =
    connectionString === undefined ? memoryStores() : await tableStores(connectionString)
  setRuntime(createRuntime(stores))
  const now = new Date()
  const tenantId = `bench-${randomBytes(6).toString('hex')}`
  await createTenant(stores.tenants, { id: tenantId, name: 'Benchmark', now })
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
      await stores.erase(tenantId)
      await stores.tenants.delete(tenantId)
    },
  }
}

function memoryStores(): OpenStores {
  const state = memoryState()
  const memberships = memoryMemberships(state)
  return {
    resources: memoryResourceStore(state, memberships),
    memberships,
    tenants: memoryTenantStore(),
    erase: async () => undefined,
  }
}

async function tableStores(connectionString: string): Promise<OpenStores> {
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  const memberships = tableMemberships(tables)
  return {
    resources: tableResourceStore(tables, memberships),
    memberships,
    tenants: tableTenantStore(tables),
    erase: eraseTenantResources(tables),
  }
}

function printErrors(level: string, _category: string, message: string): void {
  if (level === 'error') console.error(message)
}
