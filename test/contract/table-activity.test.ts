import { afterAll, beforeAll, describe } from 'vitest'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { insertFacts } from '../support/journal.ts'
import { requestMeter, tablesThrough } from '../support/tables.ts'
import { aClock, activityStoreContract } from './activity-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
let stores: TableStores
const meter = requestMeter()

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await tablesThrough(azurite.connectionString, undefined, meter)
  await createTables(tables)
  stores = tableStores(tables, { now: aClock() })
})

afterAll(() => azurite.stop())

describe('the activity in tables', () => {
  activityStoreContract(() => ({
    stores,
    insert: async (tenant, facts) => insertFacts(tables, tenant, facts),
    count: async (work) => meter.count(work),
  }))
})
