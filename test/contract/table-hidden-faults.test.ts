import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { type Tables } from '../../lib/storage/table/tables.ts'
import { aChange, creation, deletion, replacement, scopeOf } from '../support/changes.ts'
import { tableJournal } from '../support/journal.ts'
import { refusalOf } from '../support/refusal.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { madeTables, tablesOf } from '../support/table-service/tables.ts'
import {
  before,
  isTransaction,
  losingAllAnswers,
  losingAnswers,
  type Request,
  type Transport,
} from '../support/tables.ts'
import { user } from './membership-store.ts'
import { changed, newResource } from './resource-store.ts'

const TENANT: Scope = scopeOf('hidden')
const ADA = { userName: 'ada', externalId: 'e1', active: true }

let service: TableService
let tables: Tables
let stores: TableStores

beforeEach(async () => {
  service = tableService()
  tables = await madeTables(service)
  stores = tableStores(tables)
})

async function through(transport: Transport): Promise<TableStores['resources']> {
  return tableStores(await tablesOf(service, transport)).resources
}

async function read(id: string): Promise<StoredResource> {
  const stored = await stores.resources.get(TENANT, USER, id)
  if (stored === undefined) throw new Error('There is no such user.')
  return stored
}

async function created(attributes = ADA): Promise<StoredResource> {
  const resource = newResource(attributes)
  await stores.resources.create(TENANT, USER, ...creation(resource))
  return read(resource.id)
}

async function hidden(attributes = ADA): Promise<StoredResource> {
  const stored = await created(attributes)
  expect(await stores.resources.hide(TENANT, USER, stored, deletion())).toBe(true)
  return kept(stored.id)
}

async function kept(id: string): Promise<StoredResource> {
  const account = await stores.resources.getHidden(TENANT, USER, id)
  if (account === undefined) throw new Error('It is not hidden.')
  return account
}

const arrive = async (
  store = stores.resources,
  [resource, change] = creation(newResource(ADA)),
): Promise<StoredResource> => store.createOrRestore(TENANT, USER, resource, change)

const asAda = ({ id }: StoredResource): Partial<StoredResource> => ({ id, attributes: ADA })

async function aGroup(): Promise<string> {
  const group = newResource({ displayName: randomUUID() })
  await stores.resources.create(TENANT, GROUP, ...creation(group))
  return group.id
}

async function join(groupId: string, id: string): Promise<void> {
  const members = { add: [user(id)], remove: [] }
  await stores.memberships.changeMembers(TENANT, groupId, members, aChange('members'))
}

const groupsOf = async (id: string): Promise<readonly string[]> =>
  (await stores.memberships.groupsOf(TENANT, [id])).get(id) ?? []

async function total(): Promise<number> {
  return (await stores.resources.list(TENANT, USER, { startIndex: 1, count: 0 })).totalResults
}

/** Whatever their order: each change of a test has a clock of its own. */
async function operations(): Promise<readonly string[]> {
  const journal = await tableJournal(tables)(TENANT, 'users')
  return journal.map(({ operation }) => String(operation)).toSorted()
}

/** The keys of the rows of users, without those of the journal, the counters and the gates. */
async function rows(): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { rowKey = '' } of tables.users.listEntities()) found.push(rowKey)
  return found.filter((key) => !/^(?:journal|count|gate):/.test(key)).toSorted()
}

/** An instance that dies behind the transaction of a deletion. */
function dying(): TableStores['resources'] {
  return tableResourceStore(tables, {
    ...tableMemberships(tables),
    removeAll: () => Promise.reject(new Error('the instance is gone')),
  })
}

async function interrupted(stored: StoredResource): Promise<void> {
  const hiding = dying().hide(TENANT, USER, stored, deletion())
  await expect(hiding).rejects.toThrow('the instance is gone')
}

const isErasing = ({ method }: Request): boolean => method === 'DELETE'
const isErasingMark = ({ method, url }: Request): boolean =>
  method === 'DELETE' && decodeURIComponent(url).includes('deleted:')
const readsMemberships = ({ method, url }: Request): boolean =>
  method === 'GET' && decodeURIComponent(url).includes('memberOf:')

describe.each(['ECONNRESET', 'EPIPE'] as const)('an answer that is lost by %s', (code) => {
  const faulty = (): Promise<TableStores['resources']> =>
    through(losingAnswers(isTransaction, code))

  test('to hiding, returning and deleting for good is no conflict', async () => {
    const stored = await created()
    expect(await (await faulty()).hide(TENANT, USER, stored, deletion())).toBe(true)
    expect(await total()).toBe(0)
    expect((await arrive(await faulty())).id).toBe(stored.id)
    expect(await total()).toBe(1)
    await stores.resources.hide(TENANT, USER, await read(stored.id), deletion())
    const account = await kept(stored.id)
    expect(await (await faulty()).deleteHidden(TENANT, USER, account, deletion())).toBe(true)
    expect(await rows()).toEqual([])
    expect(await operations()).toEqual(['create', 'delete', 'delete', 'delete', 'restore'])
  })

  test('to coming as somebody new, and to going into the hidden account', async () => {
    const { id } = await hidden()
    const newcomer = creation(newResource({ ...ADA, externalId: 'e2' }))
    const arrived = await arrive(await faulty(), newcomer)
    expect(arrived).toMatchObject({ id: newcomer[0].id, possibleReturner: id })
    const returner = await read(arrived.id)
    const [account, change] = [await kept(id), aChange('restore')]
    const joined = await (
      await faulty()
    ).restore(TENANT, USER, account, returner.attributes, change, returner)
    expect(joined?.id).toBe(id)
    expect(await total()).toBe(1)
    expect(await rows()).toHaveLength(3)
  })
})

describe('what became of an arrival that got no answer', () => {
  test('the journal tells: it has returned, though nobody is hidden any more', async () => {
    const { id } = await hidden()
    const arrived = await arrive(await through(losingAllAnswers(async () => undefined)))
    expect(arrived.id).toBe(id)
    expect(await total()).toBe(1)
    expect(await operations()).toEqual(['create', 'delete', 'restore'])
  })

  test('the journal tells: it had returned, though it is hidden again', async () => {
    const { id } = await hidden()
    const faulty = await through(
      losingAllAnswers(async () => {
        await stores.resources.hide(TENANT, USER, await read(id), deletion())
      }),
    )
    expect((await arrive(faulty)).id).toBe(id)
    expect(await total()).toBe(0)
    expect(await kept(id)).toMatchObject({ id })
  })

  test('the journal tells: it had come as somebody new, though somebody is hidden now', async () => {
    const [resource, change] = creation(newResource(ADA))
    const faulty = await through(
      losingAllAnswers(async () => {
        const stored = await read(resource.id)
        const renamed = changed(stored, { ...ADA, userName: 'ada.king' })
        await stores.resources.replace(TENANT, USER, stored, ...replacement(renamed))
        await hidden()
      }),
    )
    expect((await arrive(faulty, [resource, change])).id).toBe(resource.id)
    expect(await total()).toBe(1)
  })
})

describe('a race', () => {
  test('for who returns: the other one finds the name taken', async () => {
    const { id } = await hidden()
    const faulty = await through(before(isTransaction, () => arrive()))
    expect((await refusalOf(() => arrive(faulty))).kind).toBe('uniqueness')
    expect(await total()).toBe(1)
    expect((await read(id)).attributes).toEqual(ADA)
  })

  test('for who returns: the other one is new under another name', async () => {
    const { id } = await hidden()
    const faulty = await through(before(isTransaction, () => arrive()))
    const other = creation(newResource({ ...ADA, userName: 'ada.king' }))
    expect((await arrive(faulty, other)).id).toBe(other[0].id)
    expect(await read(id)).toMatchObject({ id })
    expect(await total()).toBe(2)
    expect(await operations()).toEqual(['create', 'create', 'delete', 'restore'])
  })

  test('with who deletes it for good: it does not return', async () => {
    const account = await hidden()
    const faulty = await through(
      before(isTransaction, () => stores.resources.deleteHidden(TENANT, USER, account, deletion())),
    )
    expect((await arrive(faulty)).id).not.toBe(account.id)
    const late = stores.resources.restore(TENANT, USER, account, ADA, aChange('restore'))
    expect(await late).toBeUndefined()
    expect(await total()).toBe(1)
  })
})

describe('a deletion that was interrupted', () => {
  test.each([
    ['a sweep', () => stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)],
    ['the next DELETE', (id: string) => stores.resources.finishDelete(TENANT, USER, id)],
  ])('has hidden the account, and is finished by %s', async (_, finish) => {
    const stored = await created()
    const group = await aGroup()
    await join(group, stored.id)
    await interrupted(stored)
    expect(await stores.resources.get(TENANT, USER, stored.id)).toBeUndefined()
    expect(await total()).toBe(0)
    expect(await kept(stored.id)).toMatchObject({ attributes: { ...ADA, active: false } })
    await finish(stored.id)
    expect(await groupsOf(stored.id)).toEqual([])
    expect(await rows()).toEqual([
      `hidden:${stored.id}`,
      `hiddenBy:externalId:e1:${stored.id}`,
      `hiddenBy:userName:ada:${stored.id}`,
    ])
    expect(await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)).toBe(0)
  })

  test('is finished before the account returns', async () => {
    const stored = await created()
    const group = await aGroup()
    await join(group, stored.id)
    await interrupted(stored)
    expect((await arrive()).id).toBe(stored.id)
    expect(await groupsOf(stored.id)).toEqual([])
    await join(group, stored.id)
    expect(await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)).toBe(0)
    expect(await groupsOf(stored.id)).toEqual([group])
    expect(await read(stored.id)).toMatchObject({ attributes: ADA })
    expect(await total()).toBe(1)
  })

  test('is finished before the account is brought back', async () => {
    const stored = await created()
    await interrupted(stored)
    const account = await kept(stored.id)
    const change = aChange('restore')
    expect(await stores.resources.restore(TENANT, USER, account, ADA, change)).toMatchObject(
      asAda(stored),
    )
    expect(await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)).toBe(0)
    expect(await total()).toBe(1)
  })
})

/** Another instance ends it, and the account returns and joins a group. */
async function returned(stored: StoredResource, group: string): Promise<void> {
  await stores.resources.finishDelete(TENANT, USER, stored.id)
  expect((await arrive()).id).toBe(stored.id)
  await join(group, stored.id)
}

describe('a deletion whose end comes late', () => {
  test.each([
    ['before it looks for memberships', readsMemberships],
    ['before it clears anything away', isErasing],
    ['before it clears its mark away', isErasingMark],
  ])('takes nothing from who has returned: %s', async (_, choose) => {
    const stored = await created()
    const group = await aGroup()
    const late = await through(before(choose, () => returned(stored, group)))
    expect(await late.hide(TENANT, USER, stored, deletion())).toBe(true)
    expect(await read(stored.id)).toMatchObject(asAda(stored))
    expect(await groupsOf(stored.id)).toEqual([group])
    expect(await total()).toBe(1)
    expect(await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)).toBe(0)
    expect(await groupsOf(stored.id)).toEqual([group])
  })

  test('leaves the mark of the next one, which was interrupted', async () => {
    const stored = await created()
    const group = await aGroup()
    const late = await through(
      before(isErasingMark, async () => {
        await returned(stored, group)
        await interrupted(await read(stored.id))
      }),
    )
    expect(await late.hide(TENANT, USER, stored, deletion())).toBe(true)
    expect(await stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)).toBe(1)
    expect(await groupsOf(stored.id)).toEqual([])
    expect((await arrive()).id).toBe(stored.id)
  })
})
