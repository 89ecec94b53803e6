import { afterAll, beforeAll, describe } from 'vitest'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { tableJournal } from '../support/journal.ts'
import { tablesThrough } from '../support/tables.ts'
import { journalContract, type JournaledStores } from './journal-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let stores: JournaledStores

beforeAll(async () => {
  azurite = await startAzurite()
  const tables = await tablesThrough(azurite.connectionString)
  await createTables(tables)
  stores = { ...tableStores(tables), journal: tableJournal(tables) }
})

afterAll(() => azurite.stop())

describe('changes in tables', () => {
  journalContract(() => stores)
})
