import type { TableClient } from '@azure/data-tables'
import type { Deadline } from '../deadline.ts'
import { callStorage, isMissingTable, storageStatus } from './failure.ts'
import type { TableStores } from './stores.ts'
import type { Tables } from './tables.ts'

/** No table has such a row: the cheapest question that a missing table answers otherwise. */
const NO_ROW = "PartitionKey eq 'health' and RowKey eq 'health'"

/**
 * The names of the tables that are missing: one query of each, side by side.
 * @throws ScimError `unavailable` when the service does not answer.
 */
export async function missingTables(
  tables: Tables,
  deadline: Deadline,
): Promise<readonly string[]> {
  const missing = await missingClients(tables, deadline)
  return missing.map(({ tableName }) => tableName)
}

/**
 * Creates the tables that are missing, with one try: the app's identity need not be allowed to.
 * @returns what the operator should know, in one line; undefined when all tables are there.
 */
export async function prepareTables(
  tables: Tables,
  deadline: Deadline,
): Promise<string | undefined> {
  try {
    const missing = await missingClients(tables, deadline)
    const failures = await Promise.all(missing.map((table) => createTable(table, deadline)))
    return failureLine(failures.filter((failure) => failure !== undefined))
  } catch (error) {
    return `The app could not look for its tables when it started (${reasonOf(error)}). If this goes on: its settings have to name the storage, the firewall there has to let it in, and its identity needs the role Storage Table Data Contributor.`
  }
}

/**
 * The stores while `prepared` is still to come: what finds a table missing waits for it and looks once more. That may
 * happen in the first moments of the first instance only, so that nothing else has to wait.
 */
export function awaitingTables(stores: TableStores, prepared: Promise<unknown>): TableStores {
  const { tenants } = stores
  return {
    ...stores,
    tenants: {
      ...tenants,
      async findCredential(tenantId, tokenId, deadline) {
        try {
          return await tenants.findCredential(tenantId, tokenId, deadline)
        } catch (error) {
          if (!isMissingTable(error)) throw error
          await prepared
          return tenants.findCredential(tenantId, tokenId, deadline)
        }
      },
    },
    async missingTables(deadline) {
      await prepared
      return stores.missingTables(deadline)
    },
  }
}

async function missingClients(tables: Tables, deadline: Deadline): Promise<readonly TableClient[]> {
  const clients: readonly TableClient[] = Object.values(tables)
  const are = await Promise.all(clients.map((table) => isThere(table, deadline)))
  return clients.filter((_, at) => are[at] === false)
}

async function isThere(table: TableClient, deadline: Deadline): Promise<boolean> {
  try {
    await callStorage(deadline, (abortSignal) =>
      table.listEntities({ queryOptions: { filter: NO_ROW }, abortSignal }).next(),
    )
    return true
  } catch (error) {
    if (isMissingTable(error)) return false
    throw error
  }
}

interface Failure {
  readonly table: string
  readonly reason: string
}

/** Another instance may have created it by now, which is as good. */
async function createTable(table: TableClient, deadline: Deadline): Promise<Failure | undefined> {
  try {
    await callStorage(deadline, (abortSignal) => table.createTable({ abortSignal }))
    return undefined
  } catch (error) {
    return { table: table.tableName, reason: reasonOf(error) }
  }
}

function failureLine(failures: readonly Failure[]): string | undefined {
  const [first] = failures
  if (first === undefined) return undefined
  const names = failures.map(({ table }) => table).join(', ')
  const reasons = [...new Set(failures.map(({ reason }) => reason))].join(', ')
  return `${failures.length === 1 ? 'The table' : 'The tables'} ${names} of the app cannot be created (${reasons}). Create what is missing, or give the app's identity the role Storage Table Data Contributor and start the app again.`
}

/** Without the SDK's words, which quote the request. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const status = storageStatus(cause)
  if (status !== undefined) return `HTTP ${status}`
  if (!(cause instanceof Error)) return typeof cause
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return 'no answer'
  return 'code' in cause ? String(cause.code) : cause.name
}
