import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createAuthenticator } from './auth/authenticate.ts'
import { readConfig } from './config.ts'
import type { HandlerRuntime } from './http/scim-handler.ts'
import type { ResourceType } from './scim/resource-type.ts'
import { measureCalls } from './storage/calls.ts'
import type { MembershipStore, ResourceStore } from './storage/port.ts'
import { tableMemberships } from './storage/table/memberships.ts'
import { tableResourceStore } from './storage/table/resources.ts'
import { openTables } from './storage/table/tables.ts'
import { tableTenantStore } from './storage/table/tenants.ts'
import type { TenantStore } from './storage/tenant-port.ts'

/** The stores that a runtime works on. */
export interface Stores {
  readonly resources: ResourceStore
  readonly memberships: MembershipStore
  readonly tenants: TenantStore
}

let built: Promise<HandlerRuntime> | undefined

/**
 * The app's one runtime. It is built from the settings at the first call; after a failure the next call tries again.
 * @throws ConfigError when settings are missing or wrong.
 */
export function runtime(): Promise<HandlerRuntime> {
  built ??= build().catch((error: unknown) => {
    built = undefined
    throw error
  })
  return built
}

/** Sets the runtime that the functions work with, such as one on stores in memory; undefined: build it anew. */
export function setRuntime(replacement: HandlerRuntime | undefined): void {
  built = replacement === undefined ? undefined : Promise.resolve(replacement)
}

/**
 * Builds the runtime when the app starts.
 * @throws ConfigError whose one message names every setting that is missing or wrong.
 */
export async function checkSettings(): Promise<void> {
  await runtime()
}

async function build(): Promise<HandlerRuntime> {
  const config = readConfig()
  const tables = await openTables(config.tables)
  const memberships = tableMemberships(tables)
  const stores = {
    resources: tableResourceStore(tables, memberships),
    memberships,
    tenants: tableTenantStore(tables),
  }
  return createRuntime(stores, config)
}

/** A runtime on the given stores, with the system's clock and randomness. */
export function createRuntime(
  { resources, memberships, tenants }: Stores,
  { publicBaseUrl }: { readonly publicBaseUrl?: string } = {},
): HandlerRuntime {
  return {
    ...(publicBaseUrl === undefined ? {} : { publicBaseUrl }),
    authenticate: createAuthenticator({ store: tenants, now: () => new Date() }),
    service: {
      store: resources,
      memberships,
      now: () => new Date(),
      newId,
      newVersion: () => randomBytes(9).toString('base64url'),
      pause: async (milliseconds) => pause(milliseconds),
    },
    sign: (key, text) => createHmac('sha256', key).update(text).digest('base64url'),
    readStorage: async () => {
      await tenants.get('health')
    },
    measure: async (work) => {
      const meter = measureCalls()
      return { result: await meter.run(work), calls: meter.calls }
    },
  }
}

/**
 * A random UUID: version 4 for users, version 8 (RFC 9562 §5.8, all other bits random) for groups, so that the type of a
 * member is known from its id without a read.
 */
function newId(resourceType: ResourceType): string {
  const id = randomUUID()
  return resourceType.name === 'Group' ? `${id.slice(0, 14)}8${id.slice(15)}` : id
}
