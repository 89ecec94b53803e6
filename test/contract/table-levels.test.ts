import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { DEFAULT_RESOURCE_TYPES, USER } from '../../lib/scim/default-resource-types.ts'
import { URN } from '../../lib/scim/urn.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { type Tables } from '../../lib/storage/table/tables.ts'
import { aChange, creation, scopeOf } from '../support/changes.ts'
import { refusalOf } from '../support/refusal.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { madeTables, tablesOf } from '../support/table-service/tables.ts'
import { before, isTransaction, losingAnswers } from '../support/tables.ts'
import { newResource } from './resource-store.ts'

const TENANT = scopeOf('levels')

let service: TableService
let tables: Tables
let stores: TableStores

beforeEach(async () => {
  service = tableService()
  tables = await madeTables(service)
  stores = tableStores(tables)
})

async function hired(level: string, store = stores.resources): Promise<string> {
  const attributes = { userName: randomUUID(), [URN.peopleUser]: { level } }
  const [user, change] = creation(newResource(attributes))
  await store.create(TENANT, USER, user, change)
  return user.id
}

async function promote(id: string, level: string, store = stores.resources): Promise<void> {
  const stored = await store.get(TENANT, USER, id)
  if (stored === undefined) throw new Error('There is no such user.')
  const after = { ...stored.attributes, [URN.peopleUser]: { level } }
  await store.replace(TENANT, USER, stored, after, aChange('patch'))
}

/** The store, where the answer to the next transaction is lost. */
async function unsteady(): Promise<TableStores['resources']> {
  return tableStores(await tablesOf(service, losingAnswers(isTransaction, 'ECONNRESET'))).resources
}

/** As it was before levels were counted. */
async function forgetLevels(): Promise<void> {
  for await (const { partitionKey = '', rowKey = '', count } of tables.users.listEntities()) {
    if (!rowKey.startsWith('count:')) continue
    await tables.users.updateEntity({ partitionKey, rowKey, count }, 'Replace')
  }
}

test('people who were there before are counted by the maintenance, and until then that is said', async () => {
  const id = await hired('Senior')
  await hired('Junior')
  await forgetLevels()
  expect(await stores.resources.levels(TENANT, USER)).toMatchObject({ complete: false })
  await promote(id, 'Principal')
  await hired('Junior')
  const refusal = await refusalOf(() => stores.resources.deleteLevel(TENANT, USER, 'Junior'))
  expect(refusal.kind).toBe('mutability')
  await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)
  expect(await stores.resources.levels(TENANT, USER)).toEqual({
    levels: [
      { name: 'Junior', people: 2 },
      { name: 'Principal', people: 1 },
    ],
    complete: true,
  })
})

test('who changes the level while people are counted is not counted wrongly', async () => {
  const id = await hired('Senior')
  await forgetLevels()
  const interrupted = await tablesOf(
    service,
    before(isTransaction, () => promote(id, 'Principal')),
  )
  await tableStores(interrupted).resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)
  expect(await stores.resources.levels(TENANT, USER)).toMatchObject({ complete: false })
  await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)
  const levels = [{ name: 'Principal', people: 1 }]
  expect(await stores.resources.levels(TENANT, USER)).toEqual({ levels, complete: true })
})

test('a change whose answer is lost is counted once', async () => {
  const id = await hired('Senior', await unsteady())
  await promote(id, 'Junior', await unsteady())
  expect((await stores.resources.levels(TENANT, USER)).levels).toEqual([
    { name: 'Junior', people: 1 },
    { name: 'Senior', people: 0 },
  ])
})

test('a level that somebody takes while it is deleted stays', async () => {
  const id = await hired('Senior')
  await promote(id, 'Junior')
  const interrupted = await tablesOf(
    service,
    before(isTransaction, () => promote(id, 'Senior')),
  )
  expect(await tableStores(interrupted).resources.deleteLevel(TENANT, USER, 'Senior')).toEqual({
    name: 'Senior',
    people: 1,
  })
  expect((await stores.resources.levels(TENANT, USER)).levels).toEqual([
    { name: 'Junior', people: 0 },
    { name: 'Senior', people: 1 },
  ])
})

/** As counters were while only the spelling was kept that came first. */
async function keepFirstSpelling(fold: string, name: string, people: number): Promise<void> {
  for await (const { partitionKey = '', rowKey = '', count } of tables.users.listEntities()) {
    if (!rowKey.startsWith('count:')) continue
    const json0 = JSON.stringify([
      [fold, name, people],
      ['empty', 'Empty', 0],
    ])
    await tables.users.updateEntity({ partitionKey, rowKey, count, json0 }, 'Replace')
  }
}

test('counters that know the first spelling alone are believed, and counted again by the maintenance', async () => {
  const ids = [
    `00${randomUUID().slice(2)}`,
    `00${randomUUID().slice(2)}`,
    `00${randomUUID().slice(2)}`,
  ]
  for (const [at, level] of ['senior', 'SENIOR', 'SENIOR'].entries()) {
    const attributes = { userName: randomUUID(), [URN.peopleUser]: { level } }
    await stores.resources.create(TENANT, USER, ...creation(newResource(attributes, ids[at])))
  }
  const levels = async (): Promise<unknown> => (await stores.resources.levels(TENANT, USER)).levels
  const empty = { name: 'Empty', people: 0 }
  await keepFirstSpelling('senior', 'senior', 3)
  expect(await levels()).toEqual([empty, { name: 'senior', people: 3 }])
  await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)
  expect(await levels()).toEqual([empty, { name: 'SENIOR', people: 3 }])

  await keepFirstSpelling('senior', 'senior', 3)
  for (const id of ids) await promote(id, 'Junior')
  expect(await levels()).toEqual([
    empty,
    { name: 'Junior', people: 3 },
    { name: 'senior', people: 0 },
  ])
})
