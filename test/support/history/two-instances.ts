import { tableStores } from '../../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../../lib/storage/table/tables.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { issueToken } from '../../../lib/tenants/tokens.ts'
import { tableService } from '../table-service/service.ts'
import type { Transport } from '../tables.ts'
import { openInstance, type Instance } from './instance.ts'
import type { Operation, Outcome, Seen } from './operation.ts'

/** An operation that a test asks for. */
export type Asked = Omit<Operation, 'id' | 'client'>

/** Two instances of the app on one table service: between the first one and it a test decides what happens. */
export interface TwoInstances {
  /** What stands between the first instance and the service from now on. */
  through(transport: Transport): void
  first(asked: Asked): Promise<Outcome>
  second(asked: Asked): Promise<Outcome>
}

const RETRIES = { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 }

const PASS: Transport = (request, next) => next(request)

export async function twoInstances(): Promise<TwoInstances> {
  const service = tableService()
  let between = PASS
  const connection = {
    kind: 'connectionString',
    connectionString: service.connectionString,
  } as const
  const open = (httpClient: Parameters<typeof openTables>[1]): ReturnType<typeof openTables> =>
    openTables(connection, { retryOptions: RETRIES, ...httpClient })
  const tables = await open({ httpClient: service })
  await createTables(tables)
  const stores = tableStores(tables)
  const now = new Date()
  await createTenant(stores.tenants, { id: 'two', now })
  const { secretToken } = await issueToken(stores.tenants, 'two', { now })
  const surroundings = {
    secretToken,
    random: Math.random,
    now: Date.now,
    onFailure: () => undefined,
  }
  const faulty = await open({
    httpClient: { sendRequest: (request) => between(request, (each) => service.sendRequest(each)) },
  })
  let operations = 0
  const sending =
    (instance: Instance, client: number) =>
    (asked: Asked): Promise<Outcome> => {
      operations += 1
      return instance.send({ id: `o${operations}`, client, ...asked })
    }
  return {
    through: (transport) => {
      between = transport
    },
    first: sending(openInstance(tableStores(faulty), surroundings), 0),
    second: sending(openInstance(stores, surroundings), 1),
  }
}

/** The one resource that an answer shows. @throws Error when it is not one. */
export function shownBy({ seen, status }: Outcome): Seen {
  const [one, ...others] = seen
  if (one === undefined || others.length > 0) throw new Error(`${status}: ${seen.length} resources`)
  return one
}
