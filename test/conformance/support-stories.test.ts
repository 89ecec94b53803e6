import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { supportStories } from '../support/support-stories.ts'
import { tableService } from '../support/table-service/service.ts'

supportStories('on stores in memory', async () => memoryStores())

supportStories('on tables in memory', async () => {
  const { connectionString, sendRequest } = tableService()
  const tables = await openTables(
    { kind: 'connectionString', connectionString },
    { httpClient: { sendRequest } },
  )
  await createTables(tables)
  return tableStores(tables)
})
