import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { gateKey } from '../../lib/storage/keys.ts'
import { DEFAULT_LAYOUTS, layoutOf } from '../../lib/storage/layout.ts'
import type { Change, Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { type Tables } from '../../lib/storage/table/tables.ts'
import { aChange, creation, deletion, scopeOf } from '../support/changes.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { madeTables, tablesOf } from '../support/table-service/tables.ts'
import { before, isTransaction, type Request, type Transport } from '../support/tables.ts'
import { newResource } from './resource-store.ts'

const TENANT: Scope = scopeOf('arrivals')
const ADA = { userName: 'ada', externalId: 'e1', active: true }
const MINUTE = 60_000

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

async function created(attributes = ADA, more: Partial<Change> = {}): Promise<StoredResource> {
  const [resource, change] = creation(newResource(attributes))
  await stores.resources.create(TENANT, USER, resource, { ...change, ...more })
  return read(resource.id)
}

async function hide(stored: StoredResource): Promise<StoredResource> {
  expect(await stores.resources.hide(TENANT, USER, stored, deletion())).toBe(true)
  const account = await stores.resources.getHidden(TENANT, USER, stored.id)
  if (account === undefined) throw new Error('It is not hidden.')
  return account
}

const arrive = async (
  store = stores.resources,
  attributes: Readonly<Record<string, string | boolean>> = ADA,
): Promise<StoredResource> =>
  store.createOrRestore(TENANT, USER, ...creation(newResource(attributes)))

async function there(): Promise<readonly string[]> {
  const { resources } = await stores.resources.listFrom(TENANT, USER, { count: 10 })
  return resources.map(({ id }) => id)
}

async function hiddenIds(): Promise<readonly string[]> {
  const { resources } = await stores.resources.listHidden(TENANT, USER, { count: 10 })
  return resources.map(({ id }) => id)
}

const asks = (beginning: string): ((request: Request) => boolean) => {
  return ({ method, url }) => method === 'GET' && decodeURIComponent(url).includes(`'${beginning}`)
}

/** Does something behind the answers to some requests, so many, and before others of the same time are sent. */
function between(
  [some, count]: readonly [some: (request: Request) => boolean, count: number],
  others: (request: Request) => boolean,
  something: () => Promise<unknown>,
): Transport {
  let left = count
  const waiting: (() => void)[] = []
  const done = new Promise<void>((resolve) => {
    waiting.push(resolve)
  })
  return async (request, next) => {
    if (others(request)) await done
    const response = await next(request)
    if (some(request)) {
      left -= 1
      if (left === 0) {
        await something()
        for (const open of waiting) open()
      }
    }
    return response
  }
}

const looksForAda = (request: Request): boolean =>
  asks('hiddenBy:')(request) || asks('externalId:')(request)

/** The counters tell ids apart by their beginning. */
const idFrom = (beginning: string): string => beginning + randomUUID().slice(2)

async function hideAda(): Promise<void> {
  const [id = ''] = await there()
  await hide(await read(id))
}

/** How often it is looked by userName who is hidden. */
const looks = async (userName: string): Promise<number> => {
  let asked = 0
  const counting = await through(async (request, next) => {
    if (asks('hiddenBy:')(request)) asked += 1
    return next(request)
  })
  await arrive(counting, { userName })
  return asked
}

const invited = async (): Promise<StoredResource> => hide(await created(ADA, { invites: true }))
const acknowledge = async ({ id }: StoredResource): Promise<void> => {
  expect(await stores.resources.acknowledge(TENANT, USER, [id])).toEqual([id])
}

const clearedByReturn = async (): Promise<unknown> => {
  for await (const { operation, cleared } of tables.users.listEntities()) {
    if (operation === 'restore') return cleared
  }
  return undefined
}

describe('who is deleted while the same person is created', () => {
  test.each([
    ['before it is looked who is hidden', before(asks('hiddenBy:'), hideAda)],
    ['behind that, before the gates are read', between([looksForAda, 3], asks('gate:'), hideAda)],
    ['behind the gates', before(isTransaction, hideAda)],
  ])('returns: %s', async (_, transport) => {
    const { id } = await created()
    const arrived = await arrive(await through(transport))
    expect(arrived).toMatchObject({ id, attributes: ADA })
    expect([await there(), await hiddenIds()]).toEqual([[id], []])
  })

  test.each([
    ['externalId', { ...ADA, userName: 'ada.king' }],
    ['userName', { userName: 'Ada' }],
  ])('returns by its %s alone', async (_, attributes) => {
    const { id } = await created()
    const faulty = await through(before(isTransaction, hideAda))
    expect((await arrive(faulty, attributes)).id).toBe(id)
    expect([await there(), await hiddenIds()]).toEqual([[id], []])
  })

  test('may be somebody else, who is told of', async () => {
    const { id } = await created()
    const faulty = await through(before(isTransaction, hideAda))
    const arrived = await arrive(faulty, { ...ADA, externalId: 'e2' })
    expect(arrived.possibleReturner).toBe(id)
    expect([await there(), await hiddenIds()]).toEqual([[arrived.id], [id]])
  })

  test('is of several the one that was hidden last', async () => {
    await hide(await created())
    const { id } = await created({ ...ADA, userName: 'ada.king' })
    const faulty = await through(before(isTransaction, hideAda))
    expect((await arrive(faulty)).id).toBe(id)
    expect(await hiddenIds()).toHaveLength(1)
  })
})

describe('those who arrive at one gate', () => {
  const layout = layoutOf(DEFAULT_LAYOUTS, USER)
  const gateOf = (userName: string): string => gateKey(layout, 'hiddenBy:userName', userName)

  function twoOfOneGate(): readonly [string, string] {
    const seen = new Map<string, string>()
    for (let n = 0; ; n += 1) {
      const other = seen.get(gateOf(`user${n}`))
      if (other !== undefined) return [other, `user${n}`]
      seen.set(gateOf(`user${n}`), `user${n}`)
    }
  }

  test('at the same moment both come in', async () => {
    const [one, other] = twoOfOneGate()
    for (const round of [1, 2]) {
      const racing = await through(
        before(isTransaction, () => arrive(stores.resources, { userName: other })),
      )
      await arrive(racing, { userName: one })
      expect(await there()).toHaveLength(2)
      for (const id of await there()) {
        await stores.resources.delete(TENANT, USER, await read(id), deletion())
      }
      expect([round, await there()]).toEqual([round, []])
    }
  })

  test('look twice where somebody was hidden there within ten minutes', async () => {
    const [one, other] = twoOfOneGate()
    await hide(await created({ ...ADA, userName: one }))
    expect(await looks(other)).toBe(2)
    for await (const { partitionKey = '', rowKey = '', hidden } of tables.users.listEntities()) {
      if (rowKey.startsWith('gate:') && hidden !== undefined) {
        const earlier = new Date(Date.now() - 11 * MINUTE).toISOString()
        await tables.users.updateEntity({ partitionKey, rowKey, hidden: earlier }, 'Merge')
      }
    }
    expect(await looks(`${one}.`)).toBe(1)
    expect(await looks(one)).toBe(1)
  })

  test.each([7, true, 9_007_199_254_740_993n, '{broken', ''])(
    'look twice and come in where nobody can read when somebody was hidden: %s',
    async (hidden) => {
      const { partitionKey } = TENANT
      await tables.users.createEntity({ partitionKey, rowKey: gateOf('ada'), hidden })
      expect(await looks('ada')).toBe(2)
      expect(await there()).toHaveLength(1)
      await hide(await read((await there())[0] ?? ''))
      const row = await tables.users.getEntity(partitionKey, gateOf('ada'))
      expect(Date.parse(String(row['hidden']))).toBeGreaterThan(Date.now() - MINUTE)
    },
  )
})

describe('what is changed of a hidden account at the moment at which it goes', () => {
  test.each([
    ['before it is read', asks('hidden:')],
    ['behind that', isTransaction],
  ])('its invitation was acknowledged %s: it returns so', async (_, choose) => {
    const account = await invited()
    const racing = await through(before(choose, () => acknowledge(account)))
    const arrived = await arrive(racing)
    expect(arrived).toMatchObject({ id: account.id, invitation: 'acknowledged' })
    expect(await read(account.id)).toMatchObject({ invitation: 'acknowledged' })
    const due = await stores.resources.listInvitations(TENANT, USER, { count: 10 })
    expect(due.items).toEqual([])
  })

  test('its invitation was acknowledged between it and its counter: it returns so', async () => {
    const [resource, change] = creation(newResource(ADA, idFrom('00')))
    await stores.resources.create(TENANT, USER, resource, { ...change, invites: true })
    const account = await hide(await read(resource.id))
    const racing = await through(
      between([asks('hidden:'), 1], asks('count:00'), () => acknowledge(account)),
    )
    const again = creation(newResource(ADA, idFrom('ff')))
    const arrived = await racing.createOrRestore(TENANT, USER, ...again)
    expect(arrived).toMatchObject({ id: account.id, invitation: 'acknowledged' })
  })

  test('a value came to it: the journal tells that it is cleared', async () => {
    const account = await invited()
    const attributes = { ...account.attributes, title: 'Buyer' }
    const racing = await through(
      before(isTransaction, () =>
        stores.resources.replaceHidden(TENANT, USER, account, attributes, aChange('patch')),
      ),
    )
    expect((await arrive(racing)).id).toBe(account.id)
    expect(await clearedByReturn()).toContain('title')
  })

  test('it was deleted for good: the person is created anew', async () => {
    const account = await invited()
    const racing = await through(
      before(isTransaction, () => stores.resources.deleteHidden(TENANT, USER, account, deletion())),
    )
    const arrived = await arrive(racing)
    expect(arrived.id).not.toBe(account.id)
    expect([await there(), await hiddenIds()]).toEqual([[arrived.id], []])
  })

  test.each([
    ['before it is looked at again', asks('hidden:')],
    ['behind that', isTransaction],
  ])(
    'its invitation was acknowledged %s: it is neither brought back nor deleted',
    async (_, choose) => {
      for (const take of [
        async (store: TableStores['resources'], account: StoredResource) =>
          (await store.restore(TENANT, USER, account, ADA, aChange('restore'))) !== undefined,
        async (store: TableStores['resources'], account: StoredResource) =>
          store.deleteHidden(TENANT, USER, account, deletion()),
      ]) {
        const account = await invited()
        const racing = await through(before(choose, () => acknowledge(account)))
        expect(await take(racing, account)).toBe(false)
        const now = await stores.resources.getHidden(TENANT, USER, account.id)
        expect(now).toMatchObject({ invitation: 'acknowledged' })
        expect(await there()).toEqual([])
        const gone = now && (await stores.resources.deleteHidden(TENANT, USER, now, deletion()))
        expect(gone).toBe(true)
      }
    },
  )

  test.each([
    ['counted together', '00'],
    ['counted apart', '01'],
  ])('its invitation was acknowledged: no other account goes into it, %s', async (_, beginning) => {
    const [resource, change] = creation(newResource(ADA, idFrom('00')))
    await stores.resources.create(TENANT, USER, resource, { ...change, invites: true })
    const account = await hide(await read(resource.id))
    const other = creation(newResource({ ...ADA, externalId: 'e2' }, idFrom(beginning)))
    const returner = await stores.resources.createOrRestore(TENANT, USER, ...other)
    const racing = await through(before(isTransaction, () => acknowledge(account)))
    const restoring = aChange('restore')
    const now = await read(returner.id)
    expect(await racing.restore(TENANT, USER, account, ADA, restoring, now)).toBeUndefined()
    expect([await there(), await hiddenIds()]).toEqual([[returner.id], [account.id]])
  })

  test('it had returned, and was hidden again: nobody deletes it for good who has not seen that', async () => {
    const account = await invited()
    const racing = await through(
      before(isTransaction, async () => hide(await read((await arrive()).id))),
    )
    expect(await racing.deleteHidden(TENANT, USER, account, deletion())).toBe(false)
    expect(await hiddenIds()).toEqual([account.id])
  })
})
