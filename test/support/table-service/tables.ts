import { createTables, openTables, type Tables } from '../../../lib/storage/table/tables.ts'
import type { Transport } from '../tables.ts'
import { tableService, type TableService } from './service.ts'

/** The tables of a service in this process, through a transport of one's own, which sees each try of a request. */
export async function tablesOf(service: TableService, transport?: Transport): Promise<Tables> {
  const { connectionString } = service
  return openTables(
    { kind: 'connectionString', connectionString },
    {
      retryOptions: { maxRetries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 },
      httpClient: {
        sendRequest: (request) =>
          transport === undefined
            ? service.sendRequest(request)
            : transport(request, (each) => service.sendRequest(each)),
      },
    },
  )
}

/** Tables that are there, of a service in this process. */
export async function madeTables(service: TableService = tableService()): Promise<Tables> {
  const tables = await tablesOf(service)
  await createTables(tables)
  return tables
}
