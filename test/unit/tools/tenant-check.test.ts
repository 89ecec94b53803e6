import { beforeEach, expect, test } from 'vitest'
import { USER } from '../../../lib/scim/default-resource-types.ts'
import { withDefinitions } from '../../../lib/scim/attribute-definition.ts'
import { URN } from '../../../lib/scim/urn.ts'
import type { Scope } from '../../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../../lib/storage/table/stores.ts'
import type { Tables } from '../../../lib/storage/table/tables.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { backingOn } from '../../../tools/tenant/backing.ts'
import { newResource } from '../../contract/resource-store.ts'
import { creation, scopeOf } from '../../support/changes.ts'
import { checkedTenant, rowsOf } from '../../support/checked-tenant.ts'
import { aDefinition } from '../../support/definitions.ts'
import { madeTables } from '../../support/table-service/tables.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

let tables: Tables
let stores: TableStores
let scope: Scope
let desk: Desk

beforeEach(async () => {
  tables = await madeTables()
  stores = tableStores(tables)
  const tenant = await createTenant(stores.tenants, { id: 'acme', now: new Date() })
  scope = scopeOf(tenant.partitionKey)
  desk = aDesk({ open: async () => backingOn(tables) })
})

async function loseUserName(): Promise<void> {
  const [row] = await rowsOf(tables.users, scope, 'userName:user-5')
  await tables.users.deleteEntity(scope.partitionKey, row?.rowKey ?? '')
}

test('a tenant without anything wrong is told in one line, at once', async () => {
  await checkedTenant(stores, scope)
  const { code, out } = await desk.run('check', 'acme')
  expect(out).toMatch(/^tenant acme: 1\d\d rows read, nothing is wrong$/)
  expect([code, desk.settled]).toEqual([0, []])
})

test('what is wrong is looked at again after two pauses, told without a value, and ends with status 1', async () => {
  const { users } = await checkedTenant(stores, scope)
  await loseUserName()
  const { code, out } = await desk.run('check', 'acme')
  expect(out).toMatch(
    new RegExp(
      `^FOUND +TYPE +ABOUT +DETAIL\nindex row lost +User +${users[5] ?? ''} +userName\n\nindex row lost: .*\n\ntenant acme: 1\\d\\d rows read, 1 problem found; --repair mends what it is sure of$`,
    ),
  )
  expect(code).toBe(1)
  expect(desk.settled).toEqual([30, 30])
})

test('--repair mends it, and tells that', async () => {
  await checkedTenant(stores, scope)
  await loseUserName()
  const { code, out } = await desk.run('check', 'acme', '--repair')
  expect(out).toMatch(/MENDED\nindex row lost .* yes\n/)
  expect(out).toMatch(/1 problem found, 1 mended$/)
  expect(code).toBe(0)
  expect((await desk.run('check', 'acme')).out).toMatch(/nothing is wrong$/)
})

test('--repair leaves nothing that another check would find', async () => {
  await checkedTenant(stores, scope)
  for (const row of await rowsOf(tables.groups, scope, 'group:')) {
    await tables.groups.deleteEntity(scope.partitionKey, row.rowKey)
  }
  const { code, out } = await desk.run('check', 'acme', '--repair')
  expect(out).toMatch(/membership of nothing .* yes\n/)
  expect(out).not.toMatch(/ no\n/)
  expect(code).toBe(0)
  expect((await desk.run('check', 'acme')).out).toMatch(/nothing is wrong$/)
})

test('--json has the whole report', async () => {
  await checkedTenant(stores, scope)
  await loseUserName()
  const { code, out } = await desk.run('check', 'acme', '--json')
  expect(JSON.parse(out)).toMatchObject({
    tenant: { id: 'acme' },
    consistent: false,
    problems: [{ problem: 'index row lost', type: 'User', detail: 'userName' }],
    underWay: [],
    undecided: 0,
    more: false,
  })
  expect(code).toBe(1)
})

test('what a tenant has declared is checked by the rows that it has', async () => {
  await desk.run('attribute', 'add', 'acme', 'badge', '--unique', 'true')
  const { definitions = [] } = (await stores.tenants.definitions('acme')) ?? {}
  const attributes = { userName: 'a', [URN.peopleUser]: { badge: 'B-1' } }
  const [resource, change] = creation(newResource(attributes, 'a'))
  await stores.resources.create(scope, withDefinitions(USER, definitions), resource, change)
  expect((await desk.run('check', 'acme')).out).toMatch(/nothing is wrong$/)
  const [row] = await rowsOf(tables.users, scope, 'unique:')
  await tables.users.deleteEntity(scope.partitionKey, row?.rowKey ?? '')
  const { out } = await desk.run('check', 'acme', '--repair')
  expect(out).toMatch(/^index row lost +User +a +unique:people=3Abadge +yes$/m)
  expect(await rowsOf(tables.users, scope, 'unique:')).toMatchObject([{ id: 'a', value: 'b-1' }])
})

test('who is in no complete index although it has a value is found, and indexed', async () => {
  const attributes = { userName: 'a', [URN.peopleUser]: { badge: 'B-1' } }
  const plain = withDefinitions(USER, [aDefinition('badge')])
  await stores.resources.create(scope, plain, ...creation(newResource(attributes, 'a')))
  await desk.run('attribute', 'add', 'acme', 'badge', '--indexed', 'true')
  const { out } = await desk.run('check', 'acme', '--repair')
  expect(out).toMatch(/^index row lost +User +a +\S*badge +yes$/m)
  expect(await rowsOf(tables.users, scope, 'values:')).toMatchObject([{ id: 'a' }])
})

test('an attribute that is being purged, and an index that is being filled, are told as that', async () => {
  await desk.run('attribute', 'add', 'acme', 'badge')
  await desk.run('attribute', 'add', 'acme', 'shirt')
  await desk.run('attribute', 'change', 'acme', 'shirt', '--indexed', 'true')
  await desk.run('attribute', 'remove', 'acme', 'badge', '--purge', '--yes')
  const { code, out } = await desk.run('check', 'acme')
  expect(out).toMatch(/^index being filled +User +\S*shirt +-$/m)
  expect(out).toMatch(/^attribute being purged +User +badge +-$/m)
  expect(out).toMatch(/nothing is wrong$/)
  expect(code).toBe(0)
})

test('a tenant that is being deleted, one that is not there, and stores without tables are refused', async () => {
  await stores.tenants.update('acme', () => ({ status: 'deleting' }))
  expect(await desk.run('check', 'acme')).toMatchObject({ code: 1, out: '' })
  expect((await desk.run('check', 'nobody')).code).toBe(1)
  const memory = aDesk()
  await memory.run('create', 'acme')
  expect((await memory.run('check', 'acme')).err).toContain('only tables can be checked')
})
