import { randomUUID } from 'node:crypto'
import { RestError } from '@azure/data-tables'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type { MembershipStore, ResourceStore, Scope } from '../../lib/storage/port.ts'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { aChange, creation, deletion, replacement } from '../support/changes.ts'
import {
  before,
  isTransaction,
  losingAnswerAfter,
  losingAnswers,
  tablesThrough,
  type Request,
  type Response,
  type Transport,
} from '../support/tables.ts'
import { refusalOf } from '../support/refusal.ts'
import { changed, filterOf, newResource, newTenant, newUser } from './resource-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
let store: ResourceStore
let memberships: MembershipStore

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await tablesThrough(azurite.connectionString)
  await createTables(tables)
  const stores = tableStores(tables)
  memberships = stores.memberships
  store = stores.resources
})

afterAll(() => azurite.stop())

async function storeThrough(transport: Transport): Promise<ResourceStore> {
  return tableStores(await tablesThrough(azurite.connectionString, transport)).resources
}

/** The same tenant, asked by a request whose time is over as soon as that is said. */
function until(tenant: Scope, isOver: () => boolean): Scope {
  const { signal } = new AbortController()
  return { ...tenant, deadline: { remaining: () => (isOver() ? 0 : 1000), signal } }
}

const isDeletion = ({ method }: Request): boolean => method === 'DELETE'
const isCounterRead = ({ url }: Request): boolean => decodeURIComponent(url).includes('count:')

async function read(
  tenant: Scope,
  id: string,
  resourceType: ResourceType = USER,
): Promise<StoredResource> {
  const stored = await store.get(tenant, resourceType, id)
  if (stored === undefined) throw new Error(`no ${resourceType.name} ${id}`)
  return stored
}

async function total(tenant: Scope, resourceType: ResourceType = USER): Promise<number> {
  return (await store.list(tenant, resourceType, { startIndex: 1, count: 0 })).totalResults
}

/** An id that the same counter counts. */
const sameBucket = (): string => `00${randomUUID().slice(2)}`

/** An answer with this status; the request is not carried out. */
async function answer(
  status: number,
  request: Request,
  next: Parameters<Transport>[1],
): Promise<Response> {
  const { method, body } = request
  request.method = 'HEAD'
  delete request.body
  const response = await next(request)
  request.method = method
  if (body !== undefined) request.body = body
  response.status = status
  response.bodyAsText = ''
  return response
}

/** Answers the first `times` requests with this status. */
function failing(status: number, times: number): Transport {
  let left = times
  return async (request, next) => {
    if (left === 0) return next(request)
    left -= 1
    return answer(status, request, next)
  }
}

/** Answers once as the service does when an operation of a transaction fails: 202, and the status inside. */
function failingInside(status: number): Transport {
  let done = false
  return async (request, next) => {
    if (done || !isTransaction(request)) return next(request)
    done = true
    const response = await answer(202, request, next)
    response.headers.set('content-type', 'multipart/mixed; boundary=batchresponse_1')
    response.bodyAsText = [
      '--batchresponse_1',
      '--changesetresponse_2',
      `HTTP/1.1 ${status} Failed`,
      '',
      '{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","value":"0:busy"}}}',
      '--changesetresponse_2--',
      '--batchresponse_1--',
    ].join('\r\n')
    return response
  }
}

/** A group with a member, deleted by an instance that dies after the transaction. */
async function interrupt(tenant: Scope): Promise<{ group: StoredResource; memberId: string }> {
  const group = newResource({ displayName: 'Team', externalId: '1' })
  const memberId = randomUUID()
  await store.create(tenant, GROUP, ...creation(group))
  await memberships.changeMembers(
    tenant,
    group.id,
    { add: [{ value: memberId, type: 'User' }], remove: [] },
    aChange('members'),
  )
  const stored = await read(tenant, group.id, GROUP)
  const dying = tableResourceStore(tables, {
    ...tableMemberships(tables),
    removeAll: () => Promise.reject(new Error('the instance is gone')),
  })
  await expect(dying.delete(tenant, GROUP, stored, deletion())).rejects.toThrow(
    'the instance is gone',
  )
  return { group: stored, memberId }
}

describe.each(['ECONNRESET', 'EPIPE'] as const)('an answer that is lost by %s', (code) => {
  test.each([
    [USER, { userName: 'a', externalId: '1' }],
    [GROUP, { displayName: 'a' }],
  ] as const)('to create is no conflict', async (resourceType, attributes) => {
    const tenant = newTenant()
    const resource = newResource(attributes)
    const faulty = await storeThrough(losingAnswers(isTransaction, code))
    await faulty.create(tenant, resourceType, ...creation(resource))
    expect((await read(tenant, resource.id, resourceType)).attributes).toEqual(attributes)
    expect(await total(tenant, resourceType)).toBe(1)
  })

  test('to replace is no conflict', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const faulty = await storeThrough(losingAnswers(isTransaction, code))
    const after = changed(old, { userName: 'b' })
    expect(await faulty.replace(tenant, USER, old, ...replacement(after))).toBe(true)
    expect((await read(tenant, user.id)).version).toBe(after.version)
  })

  test('to delete is no conflict', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const faulty = await storeThrough(losingAnswers(isTransaction, code))
    expect(await faulty.delete(tenant, USER, old, deletion())).toBe(true)
    expect(await total(tenant)).toBe(0)
    expect(await store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(0)
  })
})

describe('a lost answer', () => {
  test('to creating is no conflict when the resource was changed meanwhile', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    const faulty = await storeThrough(
      losingAnswerAfter(isTransaction, async () => {
        const old = await read(tenant, user.id)
        await store.replace(tenant, USER, old, ...replacement(changed(old, { userName: 'b' })))
      }),
    )
    await faulty.create(tenant, USER, ...creation(user))
    expect((await read(tenant, user.id)).attributes).toEqual({ userName: 'b' })
    expect(await total(tenant)).toBe(1)
  })

  test('to clearing the tombstone away is no error', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const faulty = await storeThrough(losingAnswers(isDeletion, 'ECONNRESET', 2))
    expect(await faulty.delete(tenant, USER, await read(tenant, user.id), deletion())).toBe(true)
    expect(await store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(0)
  })

  test('does not hide that the name was taken by another', async () => {
    const tenant = newTenant()
    await store.create(tenant, USER, ...creation(newUser('a')))
    const faulty = await storeThrough(losingAnswers(isTransaction, 'EPIPE'))
    const error = await refusalOf(() => faulty.create(tenant, USER, ...creation(newUser('A'))))
    expect(error.kind).toBe('uniqueness')
    expect(await total(tenant)).toBe(1)
  })
})

describe('a race for a counter', () => {
  test('that does not exist yet is run again', async () => {
    const tenant = newTenant()
    const [first, second] = ['a', 'b'].map((userName) => newResource({ userName }, sameBucket()))
    if (first === undefined || second === undefined) throw new Error('no users')
    const faulty = await storeThrough(
      before(isTransaction, () => store.create(tenant, USER, ...creation(first))),
    )
    await faulty.create(tenant, USER, ...creation(second))
    expect(await total(tenant)).toBe(2)
    expect((await store.list(tenant, USER, { startIndex: 1, count: 9 })).resources).toHaveLength(2)
  })

  test('is run again in deleting', async () => {
    const tenant = newTenant()
    const [first, second] = ['a', 'b'].map((userName) => newResource({ userName }, sameBucket()))
    if (first === undefined || second === undefined) throw new Error('no users')
    await store.create(tenant, USER, ...creation(first))
    const old = await read(tenant, first.id)
    const faulty = await storeThrough(
      before(isTransaction, () => store.create(tenant, USER, ...creation(second))),
    )
    expect(await faulty.delete(tenant, USER, old, deletion())).toBe(true)
    expect(await total(tenant)).toBe(1)
    expect((await read(tenant, second.id)).attributes).toEqual({ userName: 'b' })
  })

  test('that never ends is unavailable', async () => {
    const tenant = newTenant()
    // Between two attempts: whatever the second one was refused for has been looked at.
    let [refused, looks] = [0, 0]
    const racing: Transport = async (request, next) => {
      const response = await next(request)
      if (isCounterRead(request)) {
        await store.create(
          tenant,
          USER,
          ...creation(newResource({ userName: randomUUID() }, sameBucket())),
        )
      } else if (isTransaction(request)) refused += 1
      else if (refused === 2) looks += 1
      return response
    }
    const faulty = await storeThrough(racing)
    const asked = until(tenant, () => looks === 2)
    const error = await refusalOf(() =>
      faulty.create(asked, USER, ...creation(newResource({ userName: 'a' }, sameBucket()))),
    )
    expect([refused, looks]).toEqual([2, 2])
    expect(error.kind).toBe('unavailable')
    expect(error.cause).toBeInstanceOf(RestError)
  })
})

describe('a race for the resource', () => {
  test('is lost to a change just before', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const first = changed(old, { userName: 'first' })
    const rival = (): Transport =>
      before(isTransaction, () => store.replace(tenant, USER, old, ...replacement(first)))
    const late = changed(old, { userName: 'late' })
    const replacing = await storeThrough(rival())
    expect(await replacing.replace(tenant, USER, old, ...replacement(late))).toBe(false)
    const deleting = await storeThrough(rival())
    expect(await deleting.delete(tenant, USER, old, deletion())).toBe(false)
    expect((await read(tenant, user.id)).attributes).toEqual({ userName: 'first' })
    expect(await total(tenant)).toBe(1)
  })

  test('is lost to a deletion just before', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const rival = await storeThrough(
      before(isTransaction, () => store.delete(tenant, USER, old, deletion())),
    )
    const late = changed(old, { userName: 'late' })
    expect(await rival.replace(tenant, USER, old, ...replacement(late))).toBe(false)
    expect(await store.get(tenant, USER, user.id)).toBeUndefined()
    expect(await total(tenant)).toBe(0)
  })

  test('for a name is lost to a creation just before', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const rival = await storeThrough(
      before(isTransaction, () => store.create(tenant, USER, ...creation(newUser('taken')))),
    )
    const late = changed(old, { userName: 'TAKEN' })
    const error = await refusalOf(() => rival.replace(tenant, USER, old, ...replacement(late)))
    expect(error.kind).toBe('uniqueness')
    expect(await read(tenant, user.id)).toEqual(old)
  })

  test('of two deletions only one is told that it deleted', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const done = await Promise.all([1, 2, 3].map(() => store.delete(tenant, USER, old, deletion())))
    expect(done.filter(Boolean)).toHaveLength(1)
    expect(await total(tenant)).toBe(0)
  })
})

describe('an interrupted deletion', () => {
  test('has deleted the resource', async () => {
    const tenant = newTenant()
    const { group, memberId } = await interrupt(tenant)
    expect(await store.get(tenant, GROUP, group.id)).toBeUndefined()
    expect(await total(tenant, GROUP)).toBe(0)
    const nothing = { totalResults: 0, resources: [] }
    const all = { startIndex: 1, count: 10 }
    expect(await store.list(tenant, GROUP, all)).toEqual(nothing)
    expect(await store.listFrom(tenant, GROUP, { count: 10 })).toEqual(nothing)
    for (const text of [`id eq "${group.id}"`, 'displayName pr', `members eq "${memberId}"`]) {
      const page = await store.list(tenant, GROUP, { ...all, filter: filterOf(text, GROUP) })
      expect(page).toEqual(nothing)
    }
    const again = changed(group, { displayName: 'Again' })
    expect(await store.replace(tenant, GROUP, group, ...replacement(again))).toBe(false)
    const members = [{ value: randomUUID(), type: 'User' as const }]
    expect(
      await memberships.changeMembers(
        tenant,
        group.id,
        { add: members, remove: [] },
        aChange('members'),
      ),
    ).toBe('noGroup')
    await store.create(tenant, GROUP, ...creation(newResource({ displayName: 'TEAM' })))
    expect(await total(tenant, GROUP)).toBe(1)
    const page = await store.list(tenant, GROUP, { startIndex: 1, count: 1 })
    expect(page.resources).toHaveLength(1)
  })

  test.each<[string, unknown, (tenant: Scope, group: StoredResource) => Promise<unknown>]>([
    ['sweep', 1, (tenant) => store.sweep(tenant, DEFAULT_RESOURCE_TYPES)],
    ['delete', false, (tenant, group) => store.delete(tenant, GROUP, group, deletion())],
    ['finishDelete', undefined, (tenant, { id }) => store.finishDelete(tenant, GROUP, id)],
  ])('is finished by %s', async (_, told, finish) => {
    const tenant = newTenant()
    const { group, memberId } = await interrupt(tenant)
    // The row is there, but nobody is a member of a group that is gone.
    expect(await memberships.groupsOf(tenant, [memberId])).toEqual(
      new Map([[memberId, [group.id]]]),
    )
    expect(await memberships.isMember(tenant, group.id, memberId)).toBe(false)
    expect(await finish(tenant, group)).toBe(told)
    expect(await memberships.isMember(tenant, group.id, memberId)).toBe(false)
    expect(await memberships.groupsOf(tenant, [memberId])).toEqual(new Map())
    expect(await store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(0)
    const rows: string[] = []
    for await (const row of tables.groups.listEntities({
      queryOptions: { filter: `PartitionKey eq '${tenant.partitionKey}'` },
    })) {
      rows.push(row.rowKey ?? '')
    }
    const journal = rows.filter((key) => key.startsWith('journal:'))
    expect(journal).toHaveLength(4)
    expect(rows).toEqual([expect.stringMatching(/^count:/), ...journal])
  })

  test('of another tenant is not swept', async () => {
    const [tenant, other] = [newTenant(), newTenant()]
    await interrupt(tenant)
    expect(await store.sweep(other, DEFAULT_RESOURCE_TYPES)).toBe(0)
    expect(await store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(1)
  })
})

describe('an outage', () => {
  test('that is over before the SDK gives up is not noticed', async () => {
    const tenant = newTenant()
    const user = newUser('a')
    await (await storeThrough(failing(503, 2))).create(tenant, USER, ...creation(user))
    expect((await read(tenant, user.id)).attributes).toEqual({ userName: 'a' })
  })

  test.each([500, 503, 429, 408])('inside a transaction is tried again: %i', async (status) => {
    const tenant = newTenant()
    const user = newUser('a')
    await (await storeThrough(failingInside(status))).create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const after = changed(old, { userName: 'b' })
    const replacing = await storeThrough(failingInside(status))
    expect(await replacing.replace(tenant, USER, old, ...replacement(after))).toBe(true)
    const stored = await read(tenant, user.id)
    const deleting = await storeThrough(failingInside(status))
    expect(await deleting.delete(tenant, USER, stored, deletion())).toBe(true)
    expect(await total(tenant)).toBe(0)
  })

  test.each([500, 503, 429, 408])('of all tries is unavailable: %i', async (status) => {
    const tenant = newTenant()
    const user = newUser('a')
    await store.create(tenant, USER, ...creation(user))
    const stored = await read(tenant, user.id)
    const faulty = await storeThrough(failing(status, 1000))
    const page = { startIndex: 1, count: 1 }
    const after = changed(stored, { userName: 'b' })
    for (const work of [
      () => faulty.get(tenant, USER, user.id),
      () => faulty.create(tenant, USER, ...creation(newUser('b'))),
      () => faulty.replace(tenant, USER, stored, ...replacement(after)),
      () => faulty.delete(tenant, USER, stored, deletion()),
      () => faulty.list(tenant, USER, page),
      () => faulty.list(tenant, USER, { ...page, filter: filterOf('userName eq "a"') }),
      () => faulty.list(tenant, USER, { ...page, filter: filterOf('title pr') }),
      () => faulty.listFrom(tenant, USER, { count: 1 }),
      () => faulty.sweep(tenant, DEFAULT_RESOURCE_TYPES),
    ]) {
      const error = await refusalOf(work)
      expect(error).toMatchObject({ kind: 'unavailable', status: 503 })
      expect(error.cause).toBeInstanceOf(RestError)
    }
    expect(await read(tenant, user.id)).toEqual(stored)
    expect(await total(tenant)).toBe(1)
  })

  test('in the middle of a scan is unavailable, and nothing is left unhandled', async () => {
    const tenant = newTenant()
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        store.create(tenant, USER, ...creation(newUser(`user-${n}`, { externalId: 'x' }))),
      ),
    )
    const faulty = await storeThrough((request, next) => {
      if (!decodeURIComponent(request.url).includes('user:')) return next(request)
      throw new RestError('no route', { code: 'EHOSTUNREACH', request })
    })
    const query = { startIndex: 1, count: 10, filter: filterOf('externalId eq "x"') }
    expect((await refusalOf(() => faulty.list(tenant, USER, query))).kind).toBe('unavailable')
  })
})

describe('a refusal that nobody expects', () => {
  test('is thrown as it comes', async () => {
    const faulty = await storeThrough((request) => {
      throw new RestError('no', { statusCode: 403, request })
    })
    await expect(faulty.get(newTenant(), USER, 'x')).rejects.toMatchObject({ statusCode: 403 })
    await expect(faulty.create(newTenant(), USER, ...creation(newUser('a')))).rejects.toMatchObject(
      {
        statusCode: 403,
      },
    )
  })

  test('of index rows that do not fit is no endless loop', async () => {
    const tenant = newTenant()
    const user = newUser('a', { externalId: '1' })
    await store.create(tenant, USER, ...creation(user))
    const old = await read(tenant, user.id)
    const forged = { ...old, attributes: { userName: 'a', externalId: 'never indexed' } }
    const after = changed(old, { userName: 'a', externalId: '2' })
    await expect(store.replace(tenant, USER, forged, ...replacement(after))).rejects.toThrow(
      'index rows',
    )
    expect(await read(tenant, user.id)).toEqual(old)
  })
})
