import { beforeEach, expect, test } from 'vitest'
import { USER } from '../../../../../lib/scim/default-resource-types.ts'
import { MAX_PROPERTY_LENGTH } from '../../../../../lib/storage/stored-size.ts'
import { tableStores, type TableStores } from '../../../../../lib/storage/table/stores.ts'
import type { Row } from '../../../../../lib/storage/table/row.ts'
import type { Tables } from '../../../../../lib/storage/table/tables.ts'
import { scopeOf } from '../../../../support/changes.ts'
import {
  checkedNow,
  checkedTenant,
  read,
  rowsOf,
  type CheckedTenant,
} from '../../../../support/checked-tenant.ts'
import { madeTables } from '../../../../support/table-service/tables.ts'

let tables: Tables
let stores: TableStores
let tenant: CheckedTenant
let user: string
let group: string

beforeEach(async () => {
  tables = await madeTables()
  stores = tableStores(tables)
  tenant = await checkedTenant(stores, scopeOf('acme_1'))
  ;[user = ''] = tenant.users
  ;[group = ''] = tenant.groups
})

type Columns = Readonly<Record<string, string | number | boolean>>

async function put(table: 'users' | 'groups', rowKey: string, columns: Columns): Promise<void> {
  const { partitionKey } = tenant.scope
  await tables[table].upsertEntity({ partitionKey, rowKey, ...columns }, 'Merge')
}

/** All but its ETag and time. */
async function rowOf(table: 'users' | 'groups', rowKey: string): Promise<Row> {
  const [row] = await rowsOf(tables[table], tenant.scope, rowKey)
  const { etag: _, timestamp: __, ...columns } = row ?? { etag: '', timestamp: '' }
  return columns
}

async function told(repair = false): Promise<readonly string[]> {
  const { problems } = await checkedNow(tables, stores, tenant.scope, { repair })
  return problems.map(({ problem, type, about, detail = '', mended }) =>
    [problem, type, about, detail, mended].join(' '),
  )
}

test.each([false, 'true', 7])(
  'a user who is not found by active, as its column says %s, is told and found again',
  async (active) => {
    const before = await rowOf('users', `user:${user}`)
    await put('users', `user:${user}`, { active })
    const { version } = await read(stores, tenant.scope, USER, user)
    expect(await told()).toEqual([`column wrong User ${user} active `])
    expect(await told(true)).toEqual([`column wrong User ${user} active true`])
    expect(await rowOf('users', `user:${user}`)).toEqual(before)
    expect(await read(stores, tenant.scope, USER, user)).toMatchObject({ version })
    expect(await told()).toEqual([])
  },
)

test('a group has the name of its resource again where its members are asked', async () => {
  await put('groups', `group:${group}`, { displayName: 'Other' })
  const names = async (): Promise<string | undefined> =>
    (await stores.memberships.groupNames(tenant.scope, [group])).get(group)
  expect(await names()).toBe('Other')
  expect(await told(true)).toEqual([`column wrong Group ${group} displayName true`])
  expect(await names()).toBe('All')
})

test('a column that its resource has nothing for goes', async () => {
  const { json0, active } = await rowOf('users', `user:${user}`)
  expect(active).toBe(true)
  const others = String(json0).replace('"active":true,', '')
  expect(others).not.toBe(json0)
  await put('users', `user:${user}`, { json0: others })
  expect(await told(true)).toEqual([`column wrong User ${user} active true`])
  expect(await rowOf('users', `user:${user}`)).not.toHaveProperty('active')
  expect(await read(stores, tenant.scope, USER, user)).not.toHaveProperty('attributes.active')
})

test('a text that no column holds is not asked of one', async () => {
  const displayName = 'x'.repeat(MAX_PROPERTY_LENGTH + 1)
  const { json0 } = await rowOf('groups', `group:${group}`)
  const parts = String(json0).replace('"All"', JSON.stringify(displayName))
  await put('groups', `group:${group}`, {
    json0: parts.slice(0, MAX_PROPERTY_LENGTH),
    json1: parts.slice(MAX_PROPERTY_LENGTH),
  })
  expect((await told(true)).filter((each) => each.startsWith('column'))).toEqual([])
})

test('of an account out of sight nobody asks the column', async () => {
  await put('users', `hidden:${tenant.hidden}`, { active: 'no' })
  expect(await told()).toEqual([])
})
