import { beforeEach, expect, test } from 'vitest'
import { USER } from '../../../../../lib/scim/default-resource-types.ts'
import { bucketOf, counterKey } from '../../../../../lib/storage/keys.ts'
import { DEFAULT_LAYOUTS } from '../../../../../lib/storage/layout.ts'
import { toDeletionMark, toTombstone } from '../../../../../lib/storage/table/entity.ts'
import { toJoiningMark } from '../../../../../lib/storage/table/joining.ts'
import { partitionOf, type Partition } from '../../../../../lib/storage/table/partition.ts'
import type { CheckReport } from '../../../../../lib/storage/table/check/check-tenant.ts'
import { tableStores, type TableStores } from '../../../../../lib/storage/table/stores.ts'
import type { Tables } from '../../../../../lib/storage/table/tables.ts'
import { aChange, scopeOf } from '../../../../support/changes.ts'
import {
  checkedNow,
  checkedTenant,
  rowsOf,
  type CheckedTenant,
} from '../../../../support/checked-tenant.ts'
import { madeTables } from '../../../../support/table-service/tables.ts'

const GONE = '5f0c1f6e-2b6b-4d43-9d0f-0a9a3b6f7c11'

let tables: Tables
let stores: TableStores
let tenant: CheckedTenant
let first: string
let second: string
let group: string
let users: Partition

beforeEach(async () => {
  tables = await madeTables()
  stores = tableStores(tables)
  tenant = await checkedTenant(stores, scopeOf('acme_1'))
  ;[first = '', second = ''] = tenant.users
  ;[group = ''] = tenant.groups
  users = partitionOf(tables, DEFAULT_LAYOUTS, tenant.scope, USER)
})

type Columns = Readonly<Record<string, string | number | boolean>>

async function put(table: 'users' | 'groups', rowKey: string, columns: Columns): Promise<void> {
  const { partitionKey } = tenant.scope
  await tables[table].upsertEntity({ partitionKey, rowKey, ...columns }, 'Merge')
}

async function lose(table: 'users' | 'groups', rowKey: string): Promise<void> {
  await tables[table].deleteEntity(tenant.scope.partitionKey, rowKey)
}

async function check(repair = false): Promise<CheckReport> {
  return checkedNow(tables, stores, tenant.scope, { repair })
}

async function told(repair = false): Promise<readonly string[]> {
  const { problems } = await check(repair)
  return problems
    .map(({ problem, detail, mended }) => {
      return [problem, detail, mended].filter((part) => part !== undefined).join(' ')
    })
    .toSorted()
}

const keys = async (): Promise<readonly string[]> => {
  const { users: ofUsers, groups } = tables
  const all = [
    ...(await rowsOf(ofUsers, tenant.scope, '')),
    ...(await rowsOf(groups, tenant.scope, '')),
  ]
  return all.map(({ rowKey }) => rowKey).filter((key) => !key.startsWith('journal:'))
}

test('what hangs on a user that nobody can read stays, and all else is found and mended', async () => {
  const before = await keys()
  await put('users', `user:${first}`, { json0: '{broken' })
  await lose('users', `userName:user-1`)
  await put('users', 'email:x:gone', { id: 'gone' })
  await lose('groups', `memberOf:${second}:${group}`)
  const found = ['half a membership', 'index row lost', 'index row stray', 'row unreadable']
  expect((await told()).map((each) => found.find((name) => each.startsWith(name)))).toEqual(found)
  expect(await told(true)).toEqual([
    'half a membership the side of the member is lost true',
    'index row lost userName true',
    'index row stray email true',
    'row unreadable user/json0 false',
  ])
  expect(await told()).toEqual(['row unreadable user/json0'])
  expect((await keys()).toSorted()).toEqual(before.toSorted())
})

test('a user that nobody can read is counted, and at which level is left open', async () => {
  const counter = counterKey({ prefix: '' }, bucketOf(first))
  const [row] = await rowsOf(tables.users, tenant.scope, counter)
  await put('users', `user:${first}`, { json0: '{broken' })
  await put('users', counter, { count: 99 })
  expect(await told(true)).toEqual([
    `counter wrong 99 counted, ${String(row?.['count'])} there true`,
    'row unreadable user/json0 false',
  ])
  const [mended] = await rowsOf(tables.users, tenant.scope, counter)
  expect([mended?.['count'], mended?.['json0']]).toEqual([row?.['count'], row?.['json0']])
  await put('users', counter, { json0: '{broken' })
  expect(await told(true)).toEqual([
    'row unreadable count/json0 false',
    'row unreadable user/json0 false',
  ])
})

test('a user that was deleted by hand is cleared away as any other', async () => {
  await put('users', `user:${first}`, { json0: '{broken' })
  await lose('users', `user:${first}`)
  await check(true)
  expect(await check()).toMatchObject({ consistent: true })
  const left = (await keys()).filter((key) => key.includes(first))
  // SCIM lets a group have members that are not there.
  expect(left.filter((key) => !/^(?:member|memberOf|teamMember|teamOf):/.test(key))).toEqual([])
})

test('rows of nobody that cannot be read go where their keys tell whose they are', async () => {
  await put('users', `externalId:x:${GONE}`, { id: 7 })
  await put('users', `invitation:${GONE}`, { since: 7 })
  await put('users', `hiddenBy:userName:x:${GONE}`, { id: GONE })
  await put('groups', `memberOf:${first}:${GONE}`, { groupId: 7 })
  await put('users', 'userName:nobody', { value: 'nobody' })
  await put('groups', 'teamname:nobodys', { team: 7 })
  const seen = await told()
  expect(seen.filter((each) => each.startsWith('row unreadable'))).toEqual([
    'row unreadable externalId/id',
    'row unreadable hiddenBy/since',
    'row unreadable invitation/id',
    'row unreadable memberOf/groupId',
    'row unreadable teamname/team',
    'row unreadable userName/id',
  ])
  expect(JSON.stringify(await check())).not.toContain('nobody')
  await check(true)
  expect(await told()).toEqual(['row unreadable teamname/team', 'row unreadable userName/id'])
})

const MARK_COLUMNS = ['position', 'version', 'at', 'request', 'id', 'heir', 'changed', 'named']

test.each(MARK_COLUMNS)(
  'a deletion that nobody can go on with is told, with %s, and its resource is left',
  async (column) => {
    const change = aChange('delete')
    await tables.users.createEntity(toTombstone(users, GONE, change))
    await tables.users.createEntity({ ...toDeletionMark(users, GONE, change), [column]: 7 })
    const problem = { problem: 'row unreadable', type: 'User', about: GONE }
    const report = await check(true)
    expect(report.problems).toEqual([{ ...problem, detail: `deleted/${column}`, mended: false }])
    await lose('users', `deleted:${GONE}`)
    expect(await told(true)).toEqual(['half a deletion true'])
    expect(await check()).toMatchObject({ consistent: true, underWay: [] })
  },
)

test('what is left of a deleted resource is cleared away whatever its columns are', async () => {
  const change = aChange('delete')
  await tables.users.createEntity({ ...toTombstone(users, GONE, change), id: 7, position: 7 })
  expect(await told(true)).toEqual(['half a deletion true'])
  expect(await check()).toMatchObject({ consistent: true, problems: [], underWay: [] })
})

test('the mark of an account that was joined stays for a while, and nothing is wrong with it', async () => {
  const lastModified = new Date().toISOString()
  const change = { ...aChange('delete'), stamp: { version: 'v', lastModified } }
  await tables.users.createEntity(toJoiningMark(users, GONE, first, change))
  for (const repair of [false, true]) {
    expect(await check(repair)).toMatchObject({ consistent: true, problems: [], underWay: [] })
  }
  expect(await keys()).toContain(`deleted:${GONE}`)
})

test('one whose joining was interrupted is finished, and keeps its mark', async () => {
  const lastModified = new Date().toISOString()
  const change = { ...aChange('delete'), stamp: { version: 'v', lastModified } }
  await tables.users.createEntity(toTombstone(users, GONE, change))
  await tables.users.createEntity(toJoiningMark(users, GONE, first, change))
  expect((await check()).underWay).toMatchObject([{ problem: 'deletion unfinished', about: GONE }])
  expect((await check(true)).underWay).toMatchObject([{ mended: true }])
  expect(await check()).toMatchObject({ consistent: true, underWay: [] })
  expect(await keys()).toContain(`deleted:${GONE}`)
})

test('a group that nobody can read keeps its guard, its members and its team', async () => {
  const before = await keys()
  const [, adopted = ''] = tenant.groups
  for (const id of [group, adopted]) await put('groups', `group:${id}`, { version: 7 })
  const lost = ['row unreadable group/version', 'row unreadable group/version']
  expect(await told()).toEqual(lost)
  expect(await told(true)).toEqual(lost.map((each) => `${each} false`))
  expect((await keys()).toSorted()).toEqual(before.toSorted())
})
