import { tableStores, type TableStores } from '../../../lib/storage/table/stores.ts'
import { createTables, openTables, type Tables } from '../../../lib/storage/table/tables.ts'
import type { Tenant } from '../../../lib/storage/tenant-port.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { issueToken } from '../../../lib/tenants/tokens.ts'
import { tableService } from '../table-service/service.ts'
import { openInstance, type Instance, type Surroundings } from './instance.ts'
import { below } from './random.ts'
import { unreliable, type Weather } from './unreliable.ts'
import type { VirtualTime } from './virtual-time.ts'

const INSTANCES = 2

/** After so long nothing is under way any more, at the storage neither. */
export const CALM_MILLISECONDS = 60_000

/** Rows in a page, where it is short: none is possible. */
const SHORT = 4

/** Instances of the app that share a table service, and one tenant of theirs. */
export interface World {
  readonly instances: readonly Instance[]
  /** Through the same network. */
  readonly tables: Tables
  readonly stores: TableStores
  readonly tenant: Tenant
  readonly secretToken: string
}

/** What a world is made of. */
interface Elements extends Pick<Surroundings, 'random' | 'onFailure'> {
  readonly weather: Weather
  readonly time: VirtualTime
}

export async function openWorld({ random, weather, time, onFailure }: Elements): Promise<World> {
  const pageSize = (): number =>
    weather.isFair || below(random, 5) > 0 ? 1000 : below(random, SHORT)
  const service = tableService({ pageSize })
  const httpClient = unreliable(service, { random, weather })
  const connection = {
    kind: 'connectionString',
    connectionString: service.connectionString,
  } as const
  const tables = await openTables(connection, { httpClient })
  await createTables(tables)
  const stores = tableStores(tables)
  const { tenants } = stores
  const now = new Date(time.now())
  const tenant = await createTenant(tenants, { id: 'history', now })
  const { secretToken } = await issueToken(tenants, 'history', { now })
  const instances = await Promise.all(
    Array.from({ length: INSTANCES }, async () => {
      const own = tableStores(await openTables(connection, { httpClient }))
      return openInstance(own, { secretToken, random, now: time.now, onFailure })
    }),
  )
  return { instances, tables, stores, tenant, secretToken }
}
