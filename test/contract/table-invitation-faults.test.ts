import { beforeEach, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { aChange, creation, deletion, scopeOf } from '../support/changes.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { madeTables, tablesOf } from '../support/table-service/tables.ts'
import { before, isTransaction, losingAnswers, type Transport } from '../support/tables.ts'
import { newResource } from './resource-store.ts'

const TENANT: Scope = scopeOf('invited')

let service: TableService
let stores: TableStores

beforeEach(async () => {
  service = tableService()
  const tables = await madeTables(service)
  stores = tableStores(tables)
})

async function through(transport: Transport): Promise<TableStores['resources']> {
  return tableStores(await tablesOf(service, transport)).resources
}

async function invited(userName = 'ada'): Promise<string> {
  const [user, change] = creation(newResource({ userName, active: true }))
  await stores.resources.create(TENANT, USER, user, { ...change, invites: true })
  return user.id
}

async function due(): Promise<readonly object[]> {
  return (await stores.resources.listInvitations(TENANT, USER, { count: 10 })).items
}

/** More than are looked at one by one. */
async function manyInvited(): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: 120 }, (_, n) => invited(`user${n}`)))
}

async function stored(id: string): Promise<StoredResource> {
  const found = await stores.resources.get(TENANT, USER, id)
  if (found === undefined) throw new Error('There is no such user.')
  return found
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
      const one = await stored(id)
      const after = { ...one.attributes, title: 'Buyer' }
      await stores.resources.replace(TENANT, USER, one, after, aChange('patch'))
    }),
  )
  expect(await interrupted.acknowledge(TENANT, USER, [id])).toEqual([id])
  expect(await due()).toEqual([])
  const after = await stored(id)
  expect(after).toMatchObject({ attributes: { title: 'Buyer' }, invitation: 'acknowledged' })
})

test('nobody is invited twice by a creation whose answer is lost', async () => {
  const [user, change] = creation(newResource({ userName: 'ada', active: true }))
  const unsteady = await through(losingAnswers(isTransaction, 'ECONNRESET'))
  await unsteady.create(TENANT, USER, user, { ...change, invites: true })
  expect(await due()).toEqual([{ id: user.id, since: change.stamp.lastModified }])
})

test('many acknowledgements go together, with others that are none', async () => {
  const ids = await manyInvited()
  const asked = [...ids, 'nobody', ...ids]
  let requests = 0
  const counted = await through(async (request, next) => {
    requests += 1
    return next(request)
  })
  expect(await counted.acknowledge(TENANT, USER, asked)).toEqual(ids)
  // The list, three transactions, and two looks for nobody.
  expect(requests).toBe(6)
  expect(await due()).toEqual([])
  for (const id of ids) expect((await stored(id)).invitation).toBe('acknowledged')
  expect(await stores.resources.acknowledge(TENANT, USER, asked)).toEqual(ids)
})

test('one of many that is deleted at that moment keeps no other from it', async () => {
  const ids = await manyInvited()
  const [gone = '', changing = ''] = ids.toSorted()
  const racing = await through(
    before(isTransaction, async () => {
      await stores.resources.delete(TENANT, USER, await stored(gone), deletion())
      const one = await stored(changing)
      const after = { ...one.attributes, title: 'Buyer' }
      await stores.resources.replace(TENANT, USER, one, after, aChange('patch'))
    }),
  )
  expect(await racing.acknowledge(TENANT, USER, ids)).toEqual(ids.filter((id) => id !== gone))
  expect(await due()).toEqual([])
  expect(await stores.resources.get(TENANT, USER, gone)).toBeUndefined()
  expect(await stored(changing)).toMatchObject({
    attributes: { title: 'Buyer' },
    invitation: 'acknowledged',
  })
})

test('many of whom one is hidden at that moment are acknowledged all the same', async () => {
  const ids = await manyInvited()
  const [hidden = ''] = ids.toSorted()
  const racing = await through(
    before(isTransaction, async () => {
      await stores.resources.hide(TENANT, USER, await stored(hidden), deletion())
    }),
  )
  expect(await racing.acknowledge(TENANT, USER, ids)).toEqual(ids)
  expect(await stores.resources.getHidden(TENANT, USER, hidden)).toMatchObject({
    invitation: 'acknowledged',
  })
  expect(await due()).toEqual([])
})

test('many acknowledgements whose answers are lost are known', async () => {
  const ids = await manyInvited()
  const unsteady = await through(losingAnswers(isTransaction, 'ECONNRESET', 3))
  expect(await unsteady.acknowledge(TENANT, USER, ids)).toEqual(ids)
  expect(await due()).toEqual([])
})
