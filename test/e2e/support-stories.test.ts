import { afterEach } from 'vitest'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { supportStories } from '../support/support-stories.ts'

let stop = async (): Promise<void> => {}

afterEach(() => stop())

supportStories('on tables in Azurite', async () => {
  const azurite = await startAzurite()
  stop = () => azurite.stop()
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  return tableStores(tables)
})
