import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'

// Builds of other versions find the stores in memory under this name too (in-memory-app.ts).
export { memoryStores } from '../../lib/storage/memory/stores.ts'

/** The tables of a table service, which are created where they are missing. */
export async function openStores(connectionString: string): Promise<TableStores> {
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  return tableStores(tables)
}
