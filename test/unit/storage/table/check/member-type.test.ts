import { beforeEach, expect, test } from 'vitest'
import { GROUP } from '../../../../../lib/scim/default-resource-types.ts'
import type { Member } from '../../../../../lib/scim/resource.ts'
import { memberKey } from '../../../../../lib/storage/keys.ts'
import { tableStores, type TableStores } from '../../../../../lib/storage/table/stores.ts'
import type { Tables } from '../../../../../lib/storage/table/tables.ts'
import { aChange, aStamp, creation, scopeOf } from '../../../../support/changes.ts'
import {
  checkedNow,
  checkedTenant,
  read,
  rowsOf,
  type CheckedTenant,
} from '../../../../support/checked-tenant.ts'
import { madeTables } from '../../../../support/table-service/tables.ts'

/** An id as groups have them. */
const NESTED = 'aa7ff0ae-dd01-8f60-ab2e-96b5aec1c864'

let tables: Tables
let stores: TableStores
let tenant: CheckedTenant
let group: string

beforeEach(async () => {
  tables = await madeTables()
  stores = tableStores(tables)
  tenant = await checkedTenant(stores, scopeOf('acme_1'))
  group = tenant.groups[1] ?? ''
})

type Said = string | number | boolean | undefined

/** Has a member whose row says this. */
async function put(member: Member, memberType: Said): Promise<void> {
  const { scope } = tenant
  const change = aChange('members')
  await stores.memberships.changeMembers(scope, group, { add: [member], remove: [] }, change)
  const { partitionKey } = scope
  const rowKey = memberKey(group, member.value)
  const columns = { groupId: group, memberId: member.value }
  const said = memberType === undefined ? {} : { memberType }
  await tables.groups.upsertEntity({ partitionKey, rowKey, ...columns, ...said }, 'Replace')
}

async function typeOf(id: string): Promise<string | undefined> {
  for await (const members of stores.memberships.members(tenant.scope, group)) {
    const found = members.find(({ value }) => value === id)
    if (found !== undefined) return found.type
  }
  return undefined
}

test.each<Said>(['User', 'group', 'Group', '', 7, true, undefined])(
  'a nested group whose row says %s is a group all the same, and its row is mended',
  async (said) => {
    await put({ value: NESTED, type: 'Group' }, said)
    expect(await typeOf(NESTED)).toBe('Group')
    const before = await read(stores, tenant.scope, GROUP, group)
    const { problems } = await checkedNow(tables, stores, tenant.scope, { repair: true })
    const about = `${group}, ${NESTED}`
    const wrong = { problem: 'member type wrong', type: 'Group', about, detail: 'Group by its id' }
    expect(problems).toEqual(said === 'Group' ? [] : [{ ...wrong, mended: true }])
    const [row] = await rowsOf(tables.groups, tenant.scope, memberKey(group, NESTED))
    expect(row).toMatchObject({ groupId: group, memberId: NESTED, memberType: 'Group' })
    expect(await read(stores, tenant.scope, GROUP, group)).toMatchObject({
      version: before.version,
    })
  },
)

test.each<readonly [Said, Member['type']]>([
  ['Group', 'Group'],
  ['User', 'User'],
  ['Device', 'User'],
  [undefined, 'User'],
])('a member of a foreign id whose row says %s is a %s', async (said, type) => {
  await put({ value: 'foreign', type: 'Group' }, said)
  expect(await typeOf('foreign')).toBe(type)
  expect(await checkedNow(tables, stores, tenant.scope)).toMatchObject({ problems: [] })
})

test('of a foreign id a type that is no text is told as that', async () => {
  await put({ value: 'foreign', type: 'Group' }, 7)
  expect(await typeOf('foreign')).toBe('User')
  const { problems } = await checkedNow(tables, stores, tenant.scope, { repair: true })
  expect(problems).toMatchObject([{ detail: 'no text', mended: true }])
  const [row] = await rowsOf(tables.groups, tenant.scope, memberKey(group, 'foreign'))
  expect(row).toMatchObject({ memberType: 'User' })
})

test('a nested group whose own row is lost gets one that says so', async () => {
  await put({ value: NESTED, type: 'Group' }, 'User')
  const { scope } = tenant
  const stamp = aStamp()
  const attributes = { displayName: 'Nested' }
  const nested = { id: NESTED, ...stamp, created: stamp.lastModified, attributes }
  await stores.resources.create(scope, GROUP, ...creation(nested))
  await tables.groups.deleteEntity(scope.partitionKey, memberKey(group, NESTED))
  await checkedNow(tables, stores, tenant.scope, { repair: true })
  expect(await typeOf(NESTED)).toBe('Group')
  expect(await checkedNow(tables, stores, tenant.scope)).toMatchObject({ consistent: true })
})
