import type { Stores } from '../../lib/runtime.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type { Host } from '../../tools/local-host/host.ts'
import { memoryApp } from './memory-app.ts'

const HOUR = 60 * 60 * 1000

/** Where the app keeps what it is sent. */
export interface FuzzStorage {
  readonly stores: Stores
  /** Of a tenant that the stores do not have yet. */
  readonly tenantId: string
  /** Milliseconds that a request may take at most. */
  readonly longest: number
}

/** The app with one tenant, and nothing else in its stores: the same requests always get the same answers. */
export interface FuzzEndpoint {
  readonly host: Host
  readonly secretToken: string
  readonly longest: number
  /** What must not appear in any answer. */
  readonly secrets: readonly string[]
  /** What the functions log; whoever reads it empties it. */
  readonly log: string[]
  passHours(hours: number): void
}

/** A new endpoint, in place of the one before: the functions of a process have one runtime. */
export async function fuzzEndpoint({
  stores,
  tenantId,
  longest,
}: FuzzStorage): Promise<FuzzEndpoint> {
  const clock = { time: Date.UTC(2026, 0, 1) }
  const log: string[] = []
  const { host, tenant } = await memoryApp({
    stores,
    adjust: (runtime) => ({
      ...runtime,
      service: { ...runtime.service, ...deterministic(clock) },
    }),
    log: (message) => log.push(message),
  })
  const { secretToken } = await tenant(tenantId)
  const { signingKey } = (await stores.tenants.get(tenantId)) ?? {}
  if (signingKey === undefined) throw new Error(`There is no tenant ${tenantId}.`)
  return {
    host,
    secretToken,
    longest,
    secrets: [secretToken, secretToken.split('_')[3] ?? secretToken, signingKey],
    log,
    passHours: (hours) => (clock.time += hours * HOUR),
  }
}

/** Ids, versions and a clock that only the requests before decide. */
function deterministic(clock: { time: number }): {
  now: () => Date
  newId: (resourceType: ResourceType) => string
  newVersion: () => string
  random: () => number
} {
  const newId = sequence()
  const digits = sequence()
  return {
    now: () => new Date((clock.time += 1)),
    newId: ({ name }) => `${newId()}-0000-${name === 'Group' ? '8' : '4'}000-8000-000000000000`,
    newVersion: sequence(),
    random: () => Number.parseInt(digits(), 16) / 2 ** 32,
  }
}

/** Eight hexadecimal digits, never the same twice, by Knuth's multiplicative hash: they do not come in their order. */
function sequence(): () => string {
  let count = 0
  return () => {
    count += 1
    return ((count * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')
  }
}
