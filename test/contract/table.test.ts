import { afterAll, beforeAll, describe } from 'vitest'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { hiddenAccountsContract } from './hidden-accounts.ts'
import { hiddenAttributesContract } from './hidden-attributes.ts'
import { invitationsContract } from './invitations.ts'
import { levelsContract } from './levels.ts'
import { peopleSearchContract } from './people-search.ts'
import { resourceStoreContract, type ResourceStores } from './resource-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let stores: ResourceStores

beforeAll(async () => {
  azurite = await startAzurite()
  const { connectionString } = azurite
  const tables = await openTables({ kind: 'connectionString', connectionString })
  await createTables(tables)
  const { resources: store, memberships } = tableStores(tables)
  stores = { store, memberships }
})

afterAll(() => azurite.stop())

describe('resources in tables', () => {
  resourceStoreContract(() => stores)
  hiddenAttributesContract(() => stores)
  hiddenAccountsContract(() => stores)
  invitationsContract(() => stores)
  levelsContract(() => stores)
  peopleSearchContract(() => stores)
})
