import { afterAll, beforeAll, describe } from 'vitest'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { resourceStoreContract, type ResourceStores } from './resource-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let stores: ResourceStores

beforeAll(async () => {
  azurite = await startAzurite()
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  const memberships = tableMemberships(tables)
  stores = { memberships, store: tableResourceStore(tables, memberships) }
})

afterAll(() => azurite.stop())

describe('resources in tables', () => {
  resourceStoreContract(() => stores)
})
