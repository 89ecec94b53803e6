import { randomUUID } from 'node:crypto'
import type { TableClient } from '@azure/data-tables'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { counterKey, bucketOf } from '../../lib/storage/keys.ts'
import { PROBLEMS, type Problem } from '../../lib/storage/table/check/suspect.ts'
import type { CheckReport } from '../../lib/storage/table/check/check-tenant.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { aChange, scopeOf } from '../support/changes.ts'
import {
  checkedNow,
  checkedTenant,
  read,
  rowsOf,
  type CheckedTenant,
} from '../support/checked-tenant.ts'
import { tablesThrough } from '../support/tables.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
let stores: TableStores

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await tablesThrough(azurite.connectionString)
  await createTables(tables)
  stores = tableStores(tables)
})

afterAll(() => azurite.stop())

/** A tenant of its own for a test. */
function aTenant(): Promise<CheckedTenant> {
  return checkedTenant(stores, scopeOf(`check-${randomUUID()}`))
}

/** Removes all rows whose keys begin so. */
async function lose(
  { scope }: CheckedTenant,
  table: TableClient,
  beginning: string,
): Promise<void> {
  const rows = await rowsOf(table, scope, beginning)
  expect(rows).not.toEqual([])
  for (const { partitionKey, rowKey } of rows) await table.deleteEntity(partitionKey, rowKey)
}

async function put(
  { scope: { partitionKey } }: CheckedTenant,
  table: TableClient,
  rowKey: string,
  columns: Readonly<Record<string, string | number | boolean>> = {},
): Promise<void> {
  await table.upsertEntity({ partitionKey, rowKey, ...columns }, 'Merge')
}

interface Damage {
  readonly name: string
  readonly make: (tenant: CheckedTenant) => Promise<unknown>
  readonly found: readonly Problem[]
  /** Nobody can tell what would be right. */
  readonly isUnmended?: true
}

const first = ({ users: [id = ''] }: CheckedTenant): string => id
const last = ({ users }: CheckedTenant): string => users.at(-1) ?? ''
const group = ({ groups: [id = ''] }: CheckedTenant): string => id
const team = ({ teams: [id = ''] }: CheckedTenant): string => id
const adopted = ({ teams }: CheckedTenant): string => teams[1] ?? ''

const DAMAGES: readonly Damage[] = [
  {
    name: 'a lost row of a unique value',
    make: (tenant) => lose(tenant, tables.users, 'userName:user-1'),
    // Of user-1, user-10 and user-11.
    found: ['index row lost', 'index row lost', 'index row lost'],
  },
  {
    name: 'a lost row of another index',
    make: (tenant) => lose(tenant, tables.users, 'externalId:external-5:'),
    found: ['index row lost'],
  },
  {
    name: 'a row of a unique value that its resource has not',
    make: (tenant) =>
      put(tenant, tables.users, 'userName:nobody', { id: first(tenant), value: 'nobody' }),
    found: ['index row stray'],
  },
  {
    name: 'a row of a resource that is not there',
    make: (tenant) => put(tenant, tables.users, 'email:x:gone', { id: 'gone' }),
    found: ['index row stray'],
  },
  {
    name: 'a row of an attribute that no tenant has',
    make: (tenant) => put(tenant, tables.users, 'unique:old:x', { id: first(tenant), value: 'x' }),
    found: ['index row stray'],
  },
  {
    name: 'a row of a unique value that forgets that its holder is inactive',
    make: async (tenant) => {
      const { partitionKey } = tenant.scope
      const row = { partitionKey, rowKey: 'userName:user-11', id: last(tenant), value: 'user-11' }
      await tables.users.upsertEntity(row, 'Replace')
    },
    found: ['index row wrong'],
  },
  {
    name: 'a row of a unique value that names another',
    make: (tenant) => put(tenant, tables.users, 'userName:user-3', { id: first(tenant) }),
    found: ['index row stray', 'index row wrong'],
  },
  {
    name: 'a user whom a filter by active misses',
    make: (tenant) => put(tenant, tables.users, `user:${first(tenant)}`, { active: false }),
    found: ['column wrong'],
  },
  {
    name: 'a group that its members see under another name',
    make: (tenant) => put(tenant, tables.groups, `group:${group(tenant)}`, { displayName: 'No' }),
    found: ['column wrong'],
  },
  {
    name: 'two holders of one unique value',
    make: async (tenant) => {
      const [one, other] = await Promise.all(
        [first(tenant), last(tenant)].map((id) => rowsOf(tables.users, tenant.scope, `user:${id}`)),
      )
      const json = String(other?.[0]?.['json0']).replace('user-11"', 'user-0"')
      const [{ partitionKey, rowKey } = { partitionKey: '', rowKey: '' }] = other ?? []
      expect(one).toHaveLength(1)
      await tables.users.updateEntity({ partitionKey, rowKey, json0: json }, 'Merge')
    },
    // The row of the value that the resource had is there, too.
    found: ['index row stray', 'unique value twice'],
    isUnmended: true,
  },
  {
    name: 'a counter that has counted too many',
    make: (tenant) =>
      put(tenant, tables.users, counterKey({ prefix: '' }, bucketOf(first(tenant))), { count: 99 }),
    found: ['counter wrong'],
  },
  {
    name: 'a lost counter',
    make: (tenant) =>
      lose(tenant, tables.groups, counterKey({ prefix: '' }, bucketOf(group(tenant)))),
    found: ['counter wrong'],
  },
  {
    name: 'a level that fewer have',
    make: (tenant) =>
      put(tenant, tables.users, counterKey({ prefix: '' }, bucketOf(first(tenant))), {
        json0: '[["senior","Senior",70],["chief","Chief",0]]',
      }),
    found: ['level count wrong'],
  },
  {
    name: 'a lost invitation',
    make: (tenant) => lose(tenant, tables.users, 'invitation:'),
    found: ['invitation lost'],
  },
  {
    name: 'an invitation of somebody who is gone',
    make: (tenant) =>
      put(tenant, tables.users, 'invitation:gone', { id: 'gone', since: '2026-01-01T00:00:00Z' }),
    found: ['invitation stray'],
  },
  {
    name: 'a hidden account that is not recognised',
    make: (tenant) => lose(tenant, tables.users, 'hiddenBy:userName:'),
    found: ['hidden index row lost'],
  },
  {
    name: 'a value by which nobody is recognised',
    make: (tenant) => lose(tenant, tables.users, 'hidden:'),
    found: ['hidden index row stray', 'hidden index row stray'],
  },
  {
    name: 'an account that is hidden and there',
    make: async (tenant) => {
      const [row] = await rowsOf(tables.users, tenant.scope, `user:${first(tenant)}`)
      const { partitionKey } = tenant.scope
      const json0 = '{"userName":"other"}'
      const at = '2026-01-01T00:00:00.000Z'
      const columns = { id: first(tenant), version: 'v', created: at, lastModified: at, json0 }
      expect(row).toBeDefined()
      const hidden = { partitionKey, rowKey: `hidden:${first(tenant)}`, ...columns }
      await tables.users.createEntity(hidden)
    },
    found: ['hidden and there', 'hidden index row lost'],
    isUnmended: true,
  },
  {
    name: 'a lost guard',
    make: (tenant) => lose(tenant, tables.groups, `guard:${group(tenant)}`),
    found: ['guard lost'],
  },
  {
    name: 'a guard without a group',
    make: (tenant) => put(tenant, tables.groups, 'guard:gone'),
    found: ['guard stray'],
  },
  {
    name: 'a membership that the group alone knows',
    make: (tenant) => lose(tenant, tables.groups, `memberOf:${last(tenant)}:${group(tenant)}`),
    found: ['half a membership'],
  },
  {
    name: 'a membership that the member alone knows',
    make: (tenant) => lose(tenant, tables.groups, `member:${group(tenant)}:${last(tenant)}`),
    found: ['half a membership'],
  },
  {
    name: 'half a membership of somebody who is not there',
    make: (tenant) =>
      put(tenant, tables.groups, `memberOf:gone:${group(tenant)}`, {
        groupId: group(tenant),
        memberId: 'gone',
      }),
    found: ['half a membership'],
  },
  {
    name: 'a member of a group that is not there',
    make: async (tenant) => {
      const columns = { groupId: 'gone', memberId: first(tenant) }
      await put(tenant, tables.groups, `member:gone:${first(tenant)}`, columns)
      await put(tenant, tables.groups, `memberOf:${first(tenant)}:gone`, columns)
    },
    found: ['membership of nothing'],
  },
  ...['Group', 'Device', '', 7, null].map((memberType): Damage => ({
    name: `a member whose row says that it is of the type ${String(memberType)}`,
    make: async (tenant) => {
      const rowKey = `member:${group(tenant)}:${first(tenant)}`
      const columns = { groupId: group(tenant), memberId: first(tenant) }
      await lose(tenant, tables.groups, rowKey)
      await put(tenant, tables.groups, rowKey, {
        ...columns,
        ...(memberType === null ? {} : { memberType }),
      })
    },
    found: ['member type wrong'],
  })),
  {
    name: 'a member of a foreign id whose type is no text',
    make: (tenant) => putForeign(tenant, { memberType: 7 }),
    found: ['member type wrong'],
  },
  {
    name: 'half a membership whose other half has the wrong type',
    make: async (tenant) => {
      const rowKey = `member:${group(tenant)}:${last(tenant)}`
      await put(tenant, tables.groups, rowKey, { memberType: 'Group' })
      await lose(tenant, tables.groups, `memberOf:${last(tenant)}:${group(tenant)}`)
    },
    found: ['half a membership'],
  },
  {
    name: 'a membership by hand that the team alone knows',
    make: (tenant) => lose(tenant, tables.groups, `teamOf:${first(tenant)}:${team(tenant)}`),
    found: ['half a membership'],
  },
  {
    name: 'a membership by hand that the person alone knows',
    make: (tenant) => lose(tenant, tables.groups, `teamMember:${team(tenant)}:`),
    found: ['half a membership'],
  },
  {
    name: 'a person in a team that is not there',
    make: async (tenant) => {
      const columns = { teamId: 'gone', personId: first(tenant) }
      await put(tenant, tables.groups, `teamMember:gone:${first(tenant)}`, columns)
      await put(tenant, tables.groups, `teamOf:${first(tenant)}:gone`, columns)
    },
    found: ['membership of nothing'],
  },
  {
    name: 'a lost name of a team',
    make: (tenant) => lose(tenant, tables.groups, 'teamname:team=200'),
    found: ['team name lost'],
  },
  {
    name: 'a name of a team that is not there',
    make: (tenant) =>
      put(tenant, tables.groups, 'teamname:old', {
        team: 'gone',
        name: 'Old',
        version: 'v',
        adopted: false,
      }),
    found: ['team name stray'],
  },
  {
    name: 'two teams of one name',
    make: async (tenant) => {
      const [row] = await rowsOf(tables.groups, tenant.scope, `team:${team(tenant)}`)
      const twin = { name: String(row?.['name']), version: 'v', adopted: false }
      const at = '2026-01-01T00:00:00.000Z'
      const times = { created: at, lastModified: at }
      await put(tenant, tables.groups, 'team:twin', { id: 'twin', ...twin, ...times })
    },
    found: ['team name twice'],
    isUnmended: true,
  },
  {
    name: 'a team that is taken for a group that is not there',
    make: async (tenant) => {
      await put(tenant, tables.groups, `team:${team(tenant)}`, { adopted: true })
      await put(tenant, tables.groups, 'teamname:team=200', { adopted: true })
    },
    found: ['adoption wrong'],
  },
  {
    name: 'a team whose group nobody takes it for',
    make: (tenant) => put(tenant, tables.groups, `team:${adopted(tenant)}`, { adopted: false }),
    found: ['adoption wrong', 'team name lost'],
  },
  {
    name: 'a user whom nobody can read',
    make: (tenant) => put(tenant, tables.users, `user:${first(tenant)}`, { json0: '{broken' }),
    found: ['row unreadable'],
    isUnmended: true,
  },
  {
    name: 'a counter and half a membership that nobody can read',
    make: async (tenant) => {
      const counter = counterKey({ prefix: '' }, bucketOf(first(tenant)))
      await put(tenant, tables.users, counter, { count: 'many' })
      const half = `memberOf:${last(tenant)}:${group(tenant)}`
      await put(tenant, tables.groups, half, { groupId: 7 })
    },
    found: ['row unreadable', 'row unreadable'],
  },
  {
    name: 'half a deletion of a user',
    make: async (tenant) => {
      await deleteAndStop(tenant, 'users', first(tenant))
      await lose(tenant, tables.users, 'deleted:')
    },
    found: ['half a deletion'],
  },
  {
    name: 'half a deletion of a group',
    make: async (tenant) => {
      await deleteAndStop(tenant, 'groups', group(tenant))
      await lose(tenant, tables.groups, 'deleted:')
    },
    found: [
      'half a deletion',
      ...Array.from({ length: 12 }, () => 'membership of nothing' as const),
    ],
  },
  {
    name: 'half a deletion of a group that becomes a team again',
    make: async (tenant) => {
      await deleteAndStop(tenant, 'groups', adopted(tenant))
      await lose(tenant, tables.groups, 'deleted:')
    },
    found: ['half a deletion', 'membership of nothing'],
  },
]

/** Puts somebody into a group whose id the tenant did not issue. */
async function putForeign(
  tenant: CheckedTenant,
  type: { readonly memberType?: string | number },
): Promise<void> {
  const columns = { groupId: group(tenant), memberId: 'foreign' }
  await put(tenant, tables.groups, `member:${group(tenant)}:foreign`, { ...columns, ...type })
  await put(tenant, tables.groups, `memberOf:foreign:${group(tenant)}`, columns)
}

/** Deletes a resource, and is interrupted before its memberships are removed. */
async function deleteAndStop(
  { scope }: CheckedTenant,
  table: 'users' | 'groups',
  id: string,
): Promise<void> {
  let left = 1
  const stopping = await tablesThrough(azurite.connectionString, async (request, next) => {
    if (request.method === 'GET') return next(request)
    left -= 1
    if (left < 0) throw new TypeError('the process ends')
    return next(request)
  })
  const { resources } = tableStores(stopping)
  const type = table === 'users' ? USER : GROUP
  const before = await read({ resources }, scope, type, id)
  await expect(resources.delete(scope, type, before, aChange('delete'))).rejects.toThrow('ends')
}

const problemsOf = ({ problems }: CheckReport): readonly Problem[] =>
  problems.map(({ problem }) => problem).toSorted()

test('nothing is wrong with what the stores have written', async () => {
  const { scope } = await aTenant()
  const report = await checkedNow(tables, stores, scope)
  expect(report).toMatchObject({ consistent: true, problems: [], underWay: [], undecided: 0 })
  expect(report.rows).toBeGreaterThan(100)
})

test.each(DAMAGES)('$name is found, and mended', async ({ make, found, isUnmended = false }) => {
  const tenant = await aTenant()
  await make(tenant)
  const seen = await checkedNow(tables, stores, tenant.scope)
  expect(problemsOf(seen)).toEqual(found.toSorted())
  expect(seen.consistent).toBe(false)
  const mended = await checkedNow(tables, stores, tenant.scope, { repair: true })
  expect(problemsOf(mended)).toEqual(found.toSorted())
  expect(mended.consistent).toBe(!isUnmended)
  const after = await checkedNow(tables, stores, tenant.scope)
  expect(after.consistent).toBe(!isUnmended)
  expect(after.problems.length > 0).toBe(isUnmended)
  expect(after.underWay).toEqual([])
})

test('every problem has its damage here, but for what is under way', () => {
  const made = new Set(DAMAGES.flatMap(({ found }) => found))
  const underWay = [
    'deletion unfinished',
    'return unfinished',
    'levels uncounted',
    'index being filled',
    'attribute being purged',
  ]
  expect([...made, ...underWay].toSorted()).toEqual(Object.keys(PROBLEMS).toSorted())
})

test.each(['users', 'groups'] as const)(
  'an interrupted deletion in %s is told as that, and finished by the repair',
  async (table) => {
    const tenant = await aTenant()
    await deleteAndStop(tenant, table, table === 'users' ? first(tenant) : group(tenant))
    const seen = await checkedNow(tables, stores, tenant.scope)
    expect(seen).toMatchObject({ consistent: true, problems: [] })
    expect(seen.underWay).toMatchObject([{ problem: 'deletion unfinished' }])
    const mended = await checkedNow(tables, stores, tenant.scope, { repair: true })
    expect(mended.underWay).toMatchObject([{ problem: 'deletion unfinished', mended: true }])
    expect(await checkedNow(tables, stores, tenant.scope)).toMatchObject({ underWay: [] })
  },
)

test('a group that becomes a team again is told as that', async () => {
  const tenant = await aTenant()
  await deleteAndStop(tenant, 'groups', adopted(tenant))
  const seen = await checkedNow(tables, stores, tenant.scope)
  expect(seen).toMatchObject({ consistent: true, underWay: [{ problem: 'return unfinished' }] })
  await checkedNow(tables, stores, tenant.scope, { repair: true })
  expect(await checkedNow(tables, stores, tenant.scope)).toMatchObject({ underWay: [] })
})

test('a membership that is mended is seen by whoever follows the changes', async () => {
  const tenant = await aTenant()
  const { scope } = tenant
  await lose(tenant, tables.groups, `member:${group(tenant)}:${last(tenant)}`)
  const before = await read(stores, scope, GROUP, group(tenant))
  await checkedNow(tables, stores, scope, { repair: true })
  const after = await read(stores, scope, GROUP, group(tenant))
  expect(after.version).not.toBe(before.version)
  expect(await stores.memberships.isMember(scope, group(tenant), last(tenant))).toBe(true)
  const rows = await rowsOf(tables.groups, scope, 'journal:')
  expect(rows[0]).toMatchObject({ operation: 'members', subject: group(tenant), actor: 'system' })
})

test.each([{}, { memberType: 'User' }, { memberType: 'Group' }])(
  'nothing is wrong with a member of a foreign id whose row says %j',
  async (type) => {
    const tenant = await aTenant()
    await putForeign(tenant, type)
    const report = await checkedNow(tables, stores, tenant.scope)
    expect(report).toMatchObject({ consistent: true, problems: [] })
  },
)

test('people who are not counted at levels yet are told as that, and counted by the repair', async () => {
  const tenant = await aTenant()
  const { scope } = tenant
  for (const { partitionKey, rowKey, count } of await rowsOf(tables.users, scope, 'count:')) {
    await tables.users.updateEntity({ partitionKey, rowKey, count }, 'Replace')
  }
  const seen = await checkedNow(tables, stores, scope)
  expect(seen).toMatchObject({ consistent: true, problems: [] })
  expect(new Set(seen.underWay.map(({ problem }) => problem))).toEqual(
    new Set(['levels uncounted']),
  )
  await checkedNow(tables, stores, scope, { repair: true })
  expect(await stores.resources.levels(scope, USER)).toEqual({
    levels: [
      { name: 'Junior', people: 6 },
      { name: 'Senior', people: 6 },
    ],
    complete: true,
  })
})

test('a repair says nothing of the values that it puts right, and leaves resources as they were', async () => {
  const tenant = await aTenant()
  const { scope } = tenant
  const before = await read(stores, scope, USER, first(tenant))
  await lose(tenant, tables.users, 'userName:user-0')
  await lose(tenant, tables.users, `level:senior:${first(tenant)}`)
  const report = await checkedNow(tables, stores, scope, { repair: true })
  expect(JSON.stringify(report)).not.toMatch(/user-0|senior/i)
  const { version, lastModified, attributes } = before
  const after = await read(stores, scope, USER, first(tenant))
  expect(after).toMatchObject({ version, lastModified, attributes })
})
