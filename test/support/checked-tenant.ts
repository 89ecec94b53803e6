import { randomUUID } from 'node:crypto'
import type { TableClient } from '@azure/data-tables'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { Scope } from '../../lib/storage/port.ts'
import {
  checkTenant,
  type CheckOptions,
  type CheckReport,
} from '../../lib/storage/table/check/check-tenant.ts'
import type { Row } from '../../lib/storage/table/row.ts'
import type { TableStores } from '../../lib/storage/table/stores.ts'
import type { Tables } from '../../lib/storage/table/tables.ts'
import { aChange, creation, deletion } from './changes.ts'

/** A tenant that has some of all that a check looks at. */
export interface CheckedTenant {
  readonly scope: Scope
  /** Of people who are there; the first is invited, the last is inactive. */
  readonly users: readonly string[]
  readonly hidden: string
  /** The first has all users as members, the second the first one. */
  readonly groups: readonly string[]
  /** Made by hand, with the first user; the second is adopted. */
  readonly teams: readonly string[]
}

const USERS = 12

function made(attributes: JsonObject): ReturnType<typeof creation> {
  const lastModified = new Date().toISOString()
  const id = randomUUID()
  return creation({ id, version: randomUUID(), created: lastModified, lastModified, attributes })
}

/** Makes one. */
export async function checkedTenant(stores: TableStores, scope: Scope): Promise<CheckedTenant> {
  const { resources, memberships, teams } = stores
  const users: string[] = []
  for (let n = 0; n < USERS; n += 1) {
    const [resource, change] = made(person(n))
    const invites = n === 0 ? ({ invites: true } as const) : {}
    users.push(await resources.create(scope, USER, resource, { ...change, ...invites }))
  }
  const gone = await resources.create(scope, USER, ...made(person(USERS)))
  await resources.hide(scope, USER, await read(stores, scope, USER, gone), deletion())
  const teamIds = [randomUUID(), randomUUID()]
  for (const [at, id] of teamIds.entries()) {
    await teams.create(scope, { id, name: `Team ${String(at)}` }, aChange('create'))
  }
  const groups = [
    await resources.create(scope, GROUP, ...made({ displayName: 'All' })),
    await resources.create(scope, GROUP, ...made({ displayName: 'Team 1' })),
  ]
  const [all = '', adopted = ''] = groups
  const [first = ''] = users
  const add = users.map((value) => ({ value, type: 'User' }) as const)
  await memberships.changeMembers(scope, all, { add, remove: [] }, aChange('members'))
  const one = { add: add.slice(0, 1), remove: [] }
  await memberships.changeMembers(scope, adopted, one, aChange('members'))
  for (const id of teamIds) {
    await teams.changeMember(scope, id, { personId: first, to: 'present' }, aChange('members'))
  }
  return { scope, users, hidden: gone, groups, teams: teamIds }
}

function person(n: number): JsonObject {
  return {
    userName: `user-${String(n)}`,
    externalId: `external-${String(n)}`,
    active: n !== USERS - 1,
    name: { familyName: n % 2 === 0 ? 'Jensen' : 'Lovelace' },
    emails: [{ value: `user-${String(n)}@example.com` }],
    [URN.peopleUser]: { level: n % 2 === 0 ? 'Senior' : 'Junior' },
  }
}

export async function read(
  { resources }: Pick<TableStores, 'resources'>,
  scope: Scope,
  resourceType: ResourceType,
  id: string,
): Promise<StoredResource> {
  const stored = await resources.get(scope, resourceType, id)
  if (stored === undefined) throw new Error(`there is no ${resourceType.name} ${id}`)
  return stored
}

/** Checks it, without waiting. */
export async function checkedNow(
  tables: Tables,
  { memberships }: Pick<TableStores, 'memberships'>,
  scope: Scope,
  options: Partial<CheckOptions> = {},
): Promise<CheckReport> {
  return checkTenant(tables, memberships, scope, {
    typesOf: async () => DEFAULT_RESOURCE_TYPES,
    pause: async () => {},
    ...options,
  })
}

/** The rows of a tenant whose keys begin so. */
export async function rowsOf(
  table: TableClient,
  { partitionKey }: Scope,
  beginning: string,
): Promise<readonly (Row & { readonly partitionKey: string; readonly rowKey: string })[]> {
  const filter = `PartitionKey eq '${partitionKey}'`
  const rows = []
  for await (const row of table.listEntities({ queryOptions: { filter } })) {
    const { partitionKey: key = '', rowKey = '' } = row
    if (rowKey.startsWith(beginning)) rows.push({ ...row, partitionKey: key, rowKey })
  }
  return rows
}
