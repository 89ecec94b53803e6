import { RestError } from '@azure/data-tables'
import { beforeEach, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { type Tables } from '../../lib/storage/table/tables.ts'
import { aChange, creation, deletion, replacement, scopeOf } from '../support/changes.ts'
import { tableJournal } from '../support/journal.ts'
import { refusalOf } from '../support/refusal.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { madeTables, tablesOf } from '../support/table-service/tables.ts'
import { before, isTransaction, type Request, type Transport } from '../support/tables.ts'
import { user } from './membership-store.ts'
import { changed, newResource, newUser } from './resource-store.ts'

const TENANT: Scope = scopeOf('given-up')

let service: TableService
let tables: Tables
let stores: TableStores

beforeEach(async () => {
  service = tableService()
  tables = await madeTables(service)
  stores = tableStores(tables)
})

async function through(transport: Transport): Promise<TableStores> {
  return tableStores(await tablesOf(service, transport))
}

/** The connection breaks once, before the first request that is chosen arrives. */
function breakingAt(choose: (request: Request) => boolean): Transport {
  let isBroken = false
  return async (request, next) => {
    if (isBroken || !choose(request)) return next(request)
    isBroken = true
    throw new RestError('write EPIPE', { code: 'EPIPE', request })
  }
}

async function aResource(
  resourceType: ResourceType,
  resource: StoredResource,
): Promise<StoredResource> {
  await stores.resources.create(TENANT, resourceType, ...creation(resource))
  const stored = await stores.resources.get(TENANT, resourceType, resource.id)
  if (stored === undefined) throw new Error('it was not created')
  return stored
}

async function operationsIn(table: 'users' | 'groups'): Promise<readonly string[]> {
  const rows = await tableJournal(tables)(TENANT, table)
  const operations = rows.map(({ operation }) => operation)
  return operations.filter((operation) => typeof operation === 'string').toSorted()
}

test('a refusal behind an unknown outcome leaves a row in the place of the change', async () => {
  await aResource(USER, newUser('taken'))
  const [resource, change] = creation(newUser('taken'))
  const faulty = await through(breakingAt(isTransaction))
  const error = await refusalOf(async () => faulty.resources.create(TENANT, USER, resource, change))
  expect(error.kind).toBe('uniqueness')
  expect(await operationsIn('users')).toEqual(['create', 'none'])
  const again = await refusalOf(async () =>
    stores.resources.create(TENANT, USER, newUser('free'), change),
  )
  expect(again.kind).toBe('unavailable')
})

test('a refusal of which nothing is unknown leaves none', async () => {
  await aResource(USER, newUser('taken'))
  const stored = await aResource(USER, newUser('a'))
  const after = replacement(changed(stored, { userName: 'taken' }))
  const error = await refusalOf(async () =>
    stores.resources.replace(TENANT, USER, stored, ...after),
  )
  expect(error.kind).toBe('uniqueness')
  expect(await operationsIn('users')).toEqual(['create', 'create'])
})

test('a change of members that was given up is not made when it is asked for again', async () => {
  const { id } = await aResource(GROUP, newResource({ displayName: 'a' }))
  const add = { add: [user('m')], remove: [] }
  await stores.memberships.changeMembers(TENANT, id, add, aChange('members'))
  const change = aChange('members')
  const faulty = await through(breakingAt(isTransaction))
  expect(await faulty.memberships.changeMembers(TENANT, id, add, change)).toBe('unchanged')
  const remove = { add: [], remove: ['m'] }
  await stores.memberships.changeMembers(TENANT, id, remove, aChange('members'))
  expect(await stores.memberships.changeMembers(TENANT, id, add, change)).toBe('unchanged')
  expect(await stores.memberships.isMember(TENANT, id, 'm')).toBe(false)
  expect(await operationsIn('groups')).toEqual(['create', 'members', 'members', 'none'])
})

test('a lost answer to giving up changes nothing', async () => {
  await aResource(USER, newUser('taken'))
  const broken = breakingAt(isTransaction)
  let isLost = false
  const losing: Transport = async (request, next) => {
    const response = await broken(request, next)
    if (isLost || isTransaction(request) || request.method !== 'POST') return response
    isLost = true
    throw new RestError('socket hang up', { code: 'ECONNRESET', request })
  }
  const faulty = await through(losing)
  const creating = faulty.resources.create(TENANT, USER, ...creation(newUser('taken')))
  expect((await refusalOf(async () => creating)).kind).toBe('uniqueness')
  expect(isLost).toBe(true)
  expect(await operationsIn('users')).toEqual(['create', 'none'])
})

test('who joins again while a deletion is cleaned up stays a member', async () => {
  const { id } = await aResource(GROUP, newResource({ displayName: 'a' }))
  const member = await aResource(USER, newUser('m'))
  const add = { add: [user(member.id)], remove: [] }
  const remove = { add: [], remove: [member.id] }
  await stores.memberships.changeMembers(TENANT, id, add, aChange('members'))
  const leaves = before(
    ({ url, body }) =>
      url.includes('$batch') && typeof body === 'string' && body.includes('member:'),
    () => stores.memberships.changeMembers(TENANT, id, remove, aChange('members')),
  )
  const joins = before(
    ({ method }) => method === 'DELETE',
    () => stores.memberships.changeMembers(TENANT, id, add, aChange('members')),
  )
  const faulty = await through((request, next) => leaves(request, (each) => joins(each, next)))
  expect(await faulty.resources.delete(TENANT, USER, member, deletion())).toBe(true)
  expect(await stores.memberships.isMember(TENANT, id, member.id)).toBe(true)
  const groups = await stores.memberships.groupsOf(TENANT, [member.id])
  expect(groups.get(member.id)).toEqual([id])
})
