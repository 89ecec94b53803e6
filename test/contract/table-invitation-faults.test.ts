import { beforeEach, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables } from '../../lib/storage/table/tables.ts'
import { aChange, creation, scopeOf } from '../support/changes.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { tablesOf } from '../support/table-service/tables.ts'
import { before, isTransaction, losingAnswers, type Transport } from '../support/tables.ts'
import { newResource } from './resource-store.ts'

const TENANT: Scope = scopeOf('invited')

let service: TableService
let stores: TableStores

beforeEach(async () => {
  service = tableService()
  const tables = await tablesOf(service)
  await createTables(tables)
  stores = tableStores(tables)
})

async function through(transport: Transport): Promise<TableStores['resources']> {
  return tableStores(await tablesOf(service, transport)).resources
}

async function invited(): Promise<string> {
  const [user, change] = creation(newResource({ userName: 'ada', active: true }))
  await stores.resources.create(TENANT, USER, user, { ...change, invites: true })
  return user.id
}

async function due(): Promise<readonly object[]> {
  return (await stores.resources.listInvitations(TENANT, USER, { count: 10 })).items
}

test('an acknowledgement whose answer is lost is known', async () => {
  const id = await invited()
  const unsteady = await through(losingAnswers(isTransaction, 'ECONNRESET'))
  expect(await unsteady.acknowledge(TENANT, USER, [id])).toEqual([id])
  expect(await due()).toEqual([])
})

test('an acknowledgement loses to no change of the account', async () => {
  const id = await invited()
  const interrupted = await through(
    before(isTransaction, async () => {
      const stored = await stores.resources.get(TENANT, USER, id)
      if (stored === undefined) throw new Error('There is no such user.')
      const after = { ...stored.attributes, title: 'Buyer' }
      await stores.resources.replace(TENANT, USER, stored, after, aChange('patch'))
    }),
  )
  expect(await interrupted.acknowledge(TENANT, USER, [id])).toEqual([id])
  expect(await due()).toEqual([])
  const stored = await stores.resources.get(TENANT, USER, id)
  expect(stored).toMatchObject({ attributes: { title: 'Buyer' }, invitation: 'acknowledged' })
})

test('nobody is invited twice by a creation whose answer is lost', async () => {
  const [user, change] = creation(newResource({ userName: 'ada', active: true }))
  const unsteady = await through(losingAnswers(isTransaction, 'ECONNRESET'))
  await unsteady.create(TENANT, USER, user, { ...change, invites: true })
  expect(await due()).toEqual([{ id: user.id, since: change.stamp.lastModified }])
})
