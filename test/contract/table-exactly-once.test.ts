import { randomUUID } from 'node:crypto'
import { RestError } from '@azure/data-tables'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { deadlineIn } from '../../lib/storage/deadline.ts'
import { partPosition } from '../../lib/storage/journal-position.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { aChange, creation, deletion, replacement, scopeOf } from '../support/changes.ts'
import { journalRow, newestFirst, tableJournal } from '../support/journal.ts'
import {
  before,
  isTransaction,
  losingAllAnswers,
  losingAnswerAfter,
  requestMeter,
  tablesThrough,
  type Request,
  type Transport,
} from '../support/tables.ts'
import { refusalOf } from '../support/refusal.ts'
import { user } from './membership-store.ts'
import { changed, newResource, newUser } from './resource-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
let stores: TableStores
const meter = requestMeter()

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await tablesThrough(azurite.connectionString, undefined, meter)
  await createTables(tables)
  stores = tableStores(tables)
})

afterAll(() => azurite.stop())

const aTenant = (): Scope => scopeOf(`x-${randomUUID()}`)

async function through(transport: Transport): Promise<TableStores> {
  return tableStores(await tablesThrough(azurite.connectionString, transport))
}

async function read(
  tenant: Scope,
  id: string,
  resourceType: ResourceType = USER,
): Promise<StoredResource> {
  const stored = await stores.resources.get(tenant, resourceType, id)
  if (stored === undefined) throw new Error(`no ${resourceType.name}`)
  return stored
}

async function aResource(
  tenant: Scope,
  resource: StoredResource,
  resourceType: ResourceType = USER,
): Promise<StoredResource> {
  await stores.resources.create(tenant, resourceType, ...creation(resource))
  return read(tenant, resource.id, resourceType)
}

const aGroup = async (tenant: Scope): Promise<StoredResource> =>
  aResource(tenant, newResource({ displayName: randomUUID() }), GROUP)

async function rename(tenant: Scope, stored: StoredResource, userName: string): Promise<void> {
  const after = changed(stored, { userName })
  expect(await stores.resources.replace(tenant, USER, stored, ...replacement(after))).toBe(true)
}

async function remove(tenant: Scope, id: string, resourceType: ResourceType = USER): Promise<void> {
  const stored = await read(tenant, id, resourceType)
  expect(await stores.resources.delete(tenant, resourceType, stored, deletion())).toBe(true)
}

/** The transaction is sent again by the SDK, or by the store when the SDK has given up. */
const LOSSES = [
  ['the first answer', losingAnswerOnce],
  ['all answers', losingAllAnswers],
  ['the first answer, by a service that does not tell which row is in the way,', losingUntold],
] as const

function losingAnswerOnce(something: () => Promise<unknown>): Transport {
  return losingAnswerAfter(isTransaction, something)
}

function losingUntold(something: () => Promise<unknown>): Transport {
  const losing = losingAnswerOnce(something)
  return async (request, next) => {
    const response = await losing(request, next)
    const bodyAsText = response.bodyAsText?.replace(/"value":"\d+:/, '"value":"') ?? ''
    return { ...response, bodyAsText }
  }
}

describe.each(LOSSES)('%s lost, and others were faster than the repetition', (_, losing) => {
  test('a creation is not made again when the resource was deleted', async () => {
    const tenant = aTenant()
    const [resource, change] = creation(newUser('a'))
    const faulty = await through(losing(() => remove(tenant, resource.id)))
    await faulty.resources.create(tenant, USER, resource, change)
    expect(await stores.resources.get(tenant, USER, resource.id)).toBeUndefined()
    const page = await stores.resources.list(tenant, USER, { startIndex: 1, count: 1 })
    expect(page.totalResults).toBe(0)
    expect(await tableJournal(tables)(tenant, 'users')).toHaveLength(2)
  })

  test('nor when its name is another’s by then', async () => {
    const tenant = aTenant()
    const [resource, change] = creation(newUser('a'))
    const faulty = await through(
      losing(async () => {
        await rename(tenant, await read(tenant, resource.id), 'b')
        await aResource(tenant, newUser('a'))
      }),
    )
    await faulty.resources.create(tenant, USER, resource, change)
    expect((await read(tenant, resource.id)).attributes).toEqual({ userName: 'b' })
    const page = await stores.resources.list(tenant, USER, { startIndex: 1, count: 0 })
    expect(page.totalResults).toBe(2)
  })

  test('a replacement is not made again when the resource was replaced', async () => {
    const tenant = aTenant()
    const old = await aResource(tenant, newUser('a'))
    const faulty = await through(
      losing(async () => rename(tenant, await read(tenant, old.id), 'later')),
    )
    const after = replacement(changed(old, { userName: 'lost' }))
    expect(await faulty.resources.replace(tenant, USER, old, ...after)).toBe(true)
    expect((await read(tenant, old.id)).attributes).toEqual({ userName: 'later' })
    expect(await tableJournal(tables)(tenant, 'users')).toHaveLength(3)
  })

  test('nor when it was deleted', async () => {
    const tenant = aTenant()
    const old = await aResource(tenant, newUser('a'))
    const faulty = await through(losing(() => remove(tenant, old.id)))
    const after = replacement(changed(old, { userName: 'lost' }))
    expect(await faulty.resources.replace(tenant, USER, old, ...after)).toBe(true)
    expect(await stores.resources.get(tenant, USER, old.id)).toBeUndefined()
  })

  test('a deletion is told as done when another has cleaned up behind it', async () => {
    const tenant = aTenant()
    const old = await aResource(tenant, newUser('a'))
    const others: boolean[] = []
    const faulty = await through(
      losing(async () => {
        others.push(await stores.resources.delete(tenant, USER, old, deletion()))
      }),
    )
    expect(await faulty.resources.delete(tenant, USER, old, deletion())).toBe(true)
    expect(others).toEqual([false])
    expect(await stores.resources.sweep(tenant, [USER])).toBe(0)
    expect(await tableJournal(tables)(tenant, 'users')).toHaveLength(2)
  })

  test('a member who was removed again stays out', async () => {
    const tenant = aTenant()
    const { id } = await aGroup(tenant)
    const [add, out] = [aChange('members'), aChange('members')]
    const faulty = await through(
      losing(() => stores.memberships.changeMembers(tenant, id, { add: [], remove: ['a'] }, out)),
    )
    const members = { add: [user('a'), user('b')], remove: [] }
    expect(await faulty.memberships.changeMembers(tenant, id, members, add)).toBe('changed')
    expect(await stores.memberships.isMember(tenant, id, 'a')).toBe(false)
    expect(await stores.memberships.isMember(tenant, id, 'b')).toBe(true)
    expect((await read(tenant, id, GROUP)).version).toBe(out.stamp.version)
    expect(await tableJournal(tables)(tenant, 'groups')).toHaveLength(3)
  })

  test('a change of members of a group that is gone by then has been made', async () => {
    const tenant = aTenant()
    const { id } = await aGroup(tenant)
    const faulty = await through(losing(() => remove(tenant, id, GROUP)))
    const members = { add: [user('a')], remove: [] }
    const adding = faulty.memberships.changeMembers(tenant, id, members, aChange('members'))
    expect(await adding).toBe('changed')
  })

  test('a change with a revision has been made, though the revision is another by then', async () => {
    const tenant = aTenant()
    const { id, revision } = await aGroup(tenant)
    const other = { add: [user('b')], remove: [] }
    const faulty = await through(
      losing(() => stores.memberships.changeMembers(tenant, id, other, aChange('members'))),
    )
    const members = { add: [user('a')], remove: [] }
    const adding = faulty.memberships.changeMembers(
      tenant,
      id,
      members,
      aChange('members'),
      revision,
    )
    expect(await adding).toBe('changed')
  })
})

/** The first transaction breaks off, and arrives before the first request behind it that is chosen. */
function arrivingBefore(choose: (request: Request) => boolean): Transport {
  let arrive: (() => Promise<unknown>) | undefined
  let isSent = false
  return async (request, next) => {
    if (!isSent && isTransaction(request)) {
      isSent = true
      const { url, method, body, headers } = request
      arrive = async () => {
        const late = { ...request, url, method, headers }
        return next(body === undefined ? late : { ...late, body })
      }
      throw new RestError('socket hang up', { code: 'EPIPE', request })
    }
    if (arrive !== undefined && choose(request)) {
      const arriving = arrive()
      arrive = undefined
      await arriving
    }
    return next(request)
  }
}

const isReadOf =
  (key: string) =>
  ({ url, method }: Request): boolean =>
    method === 'GET' && decodeURIComponent(url).includes(key)

describe('a transaction that arrives late', () => {
  test('before it is made again is made once', async () => {
    const tenant = aTenant()
    const old = await aResource(tenant, newUser('a'))
    const faulty = await through(arrivingBefore(isTransaction))
    const [attributes, change] = replacement(changed(old, { userName: 'b' }))
    expect(await faulty.resources.replace(tenant, USER, old, attributes, change)).toBe(true)
    expect((await read(tenant, old.id)).attributes).toEqual({ userName: 'b' })
    expect(await tableJournal(tables)(tenant, 'users')).toHaveLength(2)
  })

  test.each([
    ['the resource', 'user:'],
    ['its names', 'userName:'],
  ])('while its rows are looked at is not taken for another’s: %s', async (_, key) => {
    const tenant = aTenant()
    const old = await aResource(tenant, newUser('a'))
    const faulty = await through(arrivingBefore(isReadOf(key)))
    const [attributes, change] = replacement(changed(old, { userName: 'b' }))
    expect(await faulty.resources.replace(tenant, USER, old, attributes, change)).toBe(true)
    expect((await read(tenant, old.id)).version).toBe(change.stamp.version)
    expect(await tableJournal(tables)(tenant, 'users')).toHaveLength(2)
  })

  test('while members are looked at is not taken for another’s', async () => {
    const tenant = aTenant()
    const { id } = await aGroup(tenant)
    const faulty = await through(arrivingBefore(isReadOf('member:')))
    const members = { add: [user('a')], remove: [] }
    const adding = faulty.memberships.changeMembers(tenant, id, members, aChange('members'))
    expect(await adding).toBe('changed')
    expect(await tableJournal(tables)(tenant, 'groups')).toHaveLength(2)
  })
})

describe('a plain refusal', () => {
  test('reads no journal', async () => {
    const tenant = aTenant()
    await aResource(tenant, newUser('a'))
    const taken = await meter.count(() =>
      refusalOf(() => stores.resources.create(tenant, USER, ...creation(newUser('A')))),
    )
    expect(taken).toMatchObject({ calls: 4, roundTrips: 3, result: { kind: 'uniqueness' } })
    const { id } = await aGroup(tenant)
    const add = { add: [user('a')], remove: [] }
    await stores.memberships.changeMembers(tenant, id, add, aChange('members'))
    const again = await meter.count(() =>
      stores.memberships.changeMembers(tenant, id, add, aChange('members')),
    )
    expect(again).toMatchObject({ calls: 3, roundTrips: 2, result: 'unchanged' })
  })

  test('whose cause is gone when it is looked for is decided again', async () => {
    const tenant = aTenant()
    const holder = await aResource(tenant, newUser('wanted'))
    const old = await aResource(tenant, newUser('a'))
    const faulty = await through(
      before(
        ({ method, url }) => method === 'GET' && decodeURIComponent(url).includes('user:'),
        () => rename(tenant, holder, 'given up'),
      ),
    )
    const after = replacement(changed(old, { userName: 'wanted' }))
    expect(await faulty.resources.replace(tenant, USER, old, ...after)).toBe(true)
    expect((await read(tenant, old.id)).attributes).toEqual({ userName: 'wanted' })
  })
})

describe('a position in the journal', () => {
  test('that another change has is none of this change', async () => {
    const tenant = aTenant()
    const [resource, change] = creation(newUser('a'))
    const other = { ...aChange('create'), position: change.position }
    await stores.resources.create(tenant, USER, newUser('b'), other)
    const error = await refusalOf(() => stores.resources.create(tenant, USER, resource, change))
    expect(error).toMatchObject({ kind: 'unavailable', headers: { 'retry-after': '5' } })
    expect(await stores.resources.get(tenant, USER, resource.id)).toBeUndefined()
  })
})

describe('a deletion that was interrupted', () => {
  test('is finished with its own stamp and request, once', async () => {
    const tenant = aTenant()
    const stored = await aResource(tenant, newUser('a'))
    const groups = await Promise.all([1, 2, 3].map(() => aGroup(tenant)))
    for (const { id } of groups) {
      const add = { add: [user(stored.id)], remove: [] }
      await stores.memberships.changeMembers(tenant, id, add, aChange('members'))
    }
    const change = deletion()
    let left = 0
    const dying = await through(async (request, next) => {
      // The resource goes, and one of the groups loses it.
      if (isTransaction(request)) left += 1
      if (left > 2) {
        throw new RestError('no route', { code: 'EHOSTUNREACH', request })
      }
      return next(request)
    })
    const deleting = dying.resources.delete(tenant, USER, stored, change)
    expect((await refusalOf(() => deleting)).kind).toBe('unavailable')
    expect(await stores.resources.sweep(tenant, [USER])).toBe(1)
    const leaving = groups.map(({ id }) =>
      journalRow({
        ...change,
        operation: 'members',
        position: partPosition(change.position, id),
      }),
    )
    const rows = await tableJournal(tables)(tenant, 'groups')
    expect(rows.filter(({ request }) => request === change.requestId)).toEqual(newestFirst(leaving))
    for (const { id } of groups) {
      expect(await read(tenant, id, GROUP)).toMatchObject(change.stamp)
      expect(await stores.memberships.isMember(tenant, id, stored.id)).toBe(false)
    }
    const ofUsers = await tableJournal(tables)(tenant, 'users')
    expect(ofUsers).toContainEqual(journalRow(change))
  })
})

/** The service hangs: it never answers what is chosen. */
function hanging(choose: (request: Request) => boolean): Transport {
  return async (request, next) => {
    if (!choose(request)) return next(request)
    return new Promise((_resolve, reject) => {
      request.abortSignal?.addEventListener('abort', () => {
        reject(Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' }))
      })
    })
  }
}

const soon = (tenant: Scope): Scope => ({
  ...tenant,
  deadline: deadlineIn(300, () => new Date()),
})

describe('a deadline', () => {
  test.each<
    [string, (from: TableStores, tenant: Scope, stored: StoredResource) => Promise<unknown>]
  >([
    ['get', ({ resources }, tenant, { id }) => resources.get(tenant, USER, id)],
    [
      'create',
      ({ resources }, tenant) => resources.create(tenant, USER, ...creation(newUser('b'))),
    ],
    [
      'replace',
      ({ resources }, tenant, stored) =>
        resources.replace(tenant, USER, stored, ...replacement(changed(stored, { userName: 'c' }))),
    ],
    [
      'delete',
      ({ resources }, tenant, stored) => resources.delete(tenant, USER, stored, deletion()),
    ],
    ['list', ({ resources }, tenant) => resources.list(tenant, USER, { startIndex: 1, count: 1 })],
    ['listFrom', ({ resources }, tenant) => resources.listFrom(tenant, USER, { count: 1 })],
    ['groupsOf', ({ memberships }, tenant) => memberships.groupsOf(tenant, ['a'])],
    [
      'changeMembers',
      ({ memberships }, tenant) =>
        memberships.changeMembers(
          tenant,
          'g',
          { add: [user('a')], remove: [] },
          aChange('members'),
        ),
    ],
  ])('breaks off what the service does not answer: %s', async (_, work) => {
    const tenant = aTenant()
    const stored = await aResource(tenant, newUser('a'))
    const faulty = await through(hanging(() => true))
    const begun = performance.now()
    const error = await refusalOf(() => work(faulty, soon(tenant), stored))
    expect(error).toMatchObject({ kind: 'unavailable', headers: { 'retry-after': '5' } })
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(await read(tenant, stored.id)).toEqual(stored)
  })

  test('ends the repetitions of a storage that is busy', async () => {
    const tenant = aTenant()
    const faulty = await through(async (request) => {
      throw new RestError('busy', { statusCode: 503, code: 'ServerBusy', request })
    })
    const late = soon(tenant)
    const begun = performance.now()
    for (let tries = 0; tries < 5; tries += 1) {
      const error = await refusalOf(() => faulty.resources.get(late, USER, 'a'))
      expect(error.kind).toBe('unavailable')
    }
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})
