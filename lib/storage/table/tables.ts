import { TableClient, type TableServiceClientOptions } from '@azure/data-tables'
import { isLoopback } from '../../loopback.ts'
import { COUNT_CALLS, countRetries, tryTimeout } from './policies.ts'

/** Where the tables are: an account's connection string, or its endpoint with the caller's Azure identity. */
export type TableConnection =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly endpoint: string }

/** The three tables (docs/architecture.md says what they hold). */
export interface Tables {
  readonly tenants: TableClient
  readonly users: TableClient
  readonly groups: TableClient
}

/** Their names in the account. */
export const TABLE_NAMES = ['tenants', 'users', 'groups'] as const satisfies (keyof Tables)[]

/** The SDK waits 1 s, 2 s, 4 s; the partitions of a busy account are back sooner. */
const RETRIES = { maxRetries: 4, retryDelayInMs: 250, maxRetryDelayInMs: 4000 }

const TRY_TIMEOUT_MILLISECONDS = 10_000

/**
 * Opens the tables without a round trip. A plain http endpoint is accepted on loopback only. Calls are counted, see
 * lib/storage/calls.ts.
 * @throws Error for a connection string that cannot be read, or plain http elsewhere.
 */
export async function openTables(
  connection: TableConnection,
  options: TableServiceClientOptions = {},
): Promise<Tables> {
  const open = await opener(connection, {
    retryOptions: RETRIES,
    ...options,
    additionalPolicies: [
      COUNT_CALLS,
      countRetries(),
      tryTimeout(TRY_TIMEOUT_MILLISECONDS),
      ...(options.additionalPolicies ?? []),
    ],
  })
  return { tenants: open('tenants'), users: open('users'), groups: open('groups') }
}

async function opener(
  connection: TableConnection,
  options: TableServiceClientOptions,
): Promise<(table: string) => TableClient> {
  if (connection.kind === 'connectionString') {
    const allowInsecureConnection = isOnLoopback(connection.connectionString)
    return (table) =>
      TableClient.fromConnectionString(connection.connectionString, table, {
        ...options,
        allowInsecureConnection,
      })
  }
  // Loaded late: it costs more than the tables client, and a connection string does without (cold start).
  const { DefaultAzureCredential } = await import('@azure/identity')
  const credential = new DefaultAzureCredential()
  return (table) => new TableClient(connection.endpoint, table, credential, options)
}

function isOnLoopback(connectionString: string): boolean {
  if (/UseDevelopmentStorage=true/i.test(connectionString)) return true
  return isLoopback(/TableEndpoint=([^;]+)/i.exec(connectionString)?.[1] ?? '')
}

/** Creates the tables that are missing. */
export async function createTables(tables: Tables): Promise<void> {
  await Promise.all(Object.values(tables).map((table: TableClient) => table.createTable()))
}
