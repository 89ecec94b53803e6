import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TENANT_KEY } from '../../../lib/storage/keys.ts'
import { tableStores } from '../../../lib/storage/table/stores.ts'
import type { Tables } from '../../../lib/storage/table/tables.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import { backingOn } from '../../../tools/tenant/backing.ts'
import { scopeOf } from '../../support/changes.ts'
import { checkedTenant, type CheckedTenant } from '../../support/checked-tenant.ts'
import { madeTables } from '../../support/table-service/tables.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

let tables: Tables
let tenant: CheckedTenant
let desk: Desk
let folder: string

beforeEach(async () => {
  tables = await madeTables()
  const stores = tableStores(tables)
  for (const id of ['acme', 'contoso', 'fabrikam']) {
    const { partitionKey } = await createTenant(stores.tenants, { id, now: new Date() })
    const made = await checkedTenant(stores, scopeOf(partitionKey))
    if (id === 'contoso') tenant = made
  }
  desk = aDesk({ open: async () => backingOn(tables) })
  folder = await mkdtemp(join(tmpdir(), 'unreadable-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function put(
  table: 'users' | 'groups' | 'tenants',
  rowKey: string,
  columns: Readonly<Record<string, string | number>>,
): Promise<void> {
  const partitionKey = table === 'tenants' ? 'contoso' : tenant.scope.partitionKey
  await tables[table].upsertEntity({ partitionKey, rowKey, ...columns }, 'Merge')
}

const first = ([id = '']: readonly string[]): string => id

const BROKEN = '{"userName":"user-0'

const DAMAGES = [
  {
    type: 'User',
    family: 'user',
    table: 'users',
    column: 'json0',
    value: BROKEN,
    idIn: () => first(tenant.users),
  },
  {
    type: 'User',
    family: 'hidden',
    table: 'users',
    column: 'version',
    value: 7,
    idIn: () => tenant.hidden,
  },
  {
    type: 'Group',
    family: 'group',
    table: 'groups',
    column: 'json0',
    value: BROKEN,
    idIn: () => first(tenant.groups),
  },
  {
    type: 'Team',
    family: 'team',
    table: 'groups',
    column: 'name',
    value: 7,
    idIn: () => first(tenant.teams),
  },
] as const

test.each(DAMAGES)('an export ends at a row of $family in one line', async (damage) => {
  const { type, family, table, column, value, idIn } = damage
  const id = idIn()
  await put(table, `${family}:${id}`, { [column]: value })
  const detail = `${family}/${column}`
  const line = `tenant contoso: nobody can read the ${type} ${id} (${detail}); npm run tenant -- check contoso finds all such rows`
  const file = join(folder, 'contoso.jsonl.gz')
  const { code, out, err } = await desk.run('export', 'contoso', '--out', file)
  expect([code, out, err.split('\n')]).toEqual([1, '', [line]])
  expect(await readdir(folder)).toEqual([])
  const all = await desk.run('export', '--all', '--out-dir', folder)
  expect([all.code, all.out]).toEqual([1, `2 tenants are exported to ${folder}, 1 is not: contoso`])
  expect(all.err).toContain(`tenant contoso is not exported: ${line}`)
  expect(all.err).not.toMatch(/user-0|\bat .*:\d/)
  expect((await readdir(folder)).toSorted()).toEqual(['acme.jsonl.gz', 'fabrikam.jsonl.gz'])
})

test.each([
  ['Group', 'member', 'memberId'],
  ['Team', 'teamMember', 'personId'],
])('an export names the %s of a membership: %s', async (type, family, column) => {
  const id = first(type === 'Group' ? tenant.groups : tenant.teams)
  await put('groups', `${family}:${id}:${first(tenant.users)}`, { [column]: 7 })
  const detail = `${family}/${column}`
  const file = join(folder, 'contoso.jsonl.gz')
  const { code, err } = await desk.run('export', 'contoso', '--out', file)
  expect([code, err]).toEqual([
    1,
    `tenant contoso: nobody can read the ${type} ${id} (${detail}); npm run tenant -- check contoso finds all such rows`,
  ])
})

test('a check tells the row, mends the others, and ends with status 1', async () => {
  const id = first(tenant.users)
  await put('users', `user:${id}`, { json0: BROKEN })
  await tables.users.deleteEntity(tenant.scope.partitionKey, 'userName:user-5')
  const { code, out } = await desk.run('check', 'contoso', '--repair')
  expect(code).toBe(1)
  expect(out).toMatch(new RegExp(`^row unreadable +User +${id} +user/json0 +no$`, 'm'))
  expect(out).toMatch(/^index row lost .* yes$/m)
  expect(out).toContain('2 problems found, 1 mended')
  expect(out).not.toContain('user-0')
  const again = await desk.run('check', 'contoso', '--json')
  expect(JSON.parse(again.out)).toMatchObject({
    consistent: false,
    problems: [{ problem: 'row unreadable', type: 'User', about: id, detail: 'user/json0' }],
  })
})

test.each([
  ['its own row', TENANT_KEY, { settings: '{broken' }, 'tenant', 'object', 'settings'],
  ['an attribute', 'attribute:badge', { json0: '{broken' }, 'attribute badge', 'JSON', 'json0'],
])(
  'a tenant of which nobody can read %s is told in one line',
  async (_, rowKey, columns, named, wanted, column) => {
    await put('tenants', rowKey, columns)
    const { code, out, err } = await desk.run('check', 'contoso')
    expect([code, out]).toEqual([1, ''])
    expect(err.split('\n')).toHaveLength(1)
    expect(err).toContain(
      `the row ${named} of contoso has no ${wanted} in its column ${column}: it was changed by hand`,
    )
  },
)
