import { randomUUID } from 'node:crypto'
import { beforeEach, afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withDefinitions } from '../../lib/scim/attribute-definition.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { URN } from '../../lib/scim/urn.ts'
import { indexEntries } from '../../lib/storage/index-entries.ts'
import { DEFAULT_LAYOUTS, layoutOf } from '../../lib/storage/layout.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { aChange, creation, replacement, scopeOf } from '../support/changes.ts'
import { aDefinition } from '../support/definitions.ts'
import { isTransaction, tablesThrough, withEventRows, type Transport } from '../support/tables.ts'
import { user } from './membership-store.ts'
import { newResource } from './resource-store.ts'

/** As many as a user may have values of. */
const DECLARED = Array.from({ length: LIMITS.declaredEntries }, (_, n) =>
  aDefinition(`own${String(n)}`, { unique: n % 2 === 0, indexed: true }),
)

/** Bytes that Azure takes in one transaction. */
const MOST_BYTES = 4 * 1024 * 1024

let azurite: Awaited<ReturnType<typeof startAzurite>>
let stores: TableStores
/** What was sent: the rows of each transaction, three for events among them, and the bytes. */
let rows: readonly number[]
let bytes: number[]

beforeAll(async () => {
  azurite = await startAzurite()
})

afterAll(() => azurite.stop())

beforeEach(async () => {
  bytes = []
  const weigh: Transport = async (request, next) => {
    if (isTransaction(request) && typeof request.body === 'string') {
      bytes.push(Buffer.byteLength(request.body))
    }
    return next(request)
  }
  const tables: Tables = await tablesThrough(azurite.connectionString, weigh)
  await createTables(tables)
  rows = withEventRows(tables)
  stores = tableStores(tables)
})

async function aGroup(scope: Scope): Promise<string> {
  const group = newResource({ displayName: randomUUID() })
  await stores.resources.create(scope, GROUP, ...creation(group))
  return group.id
}

/** A user with as many indexed values as there can be. */
function indexed(mark: string, isActive: boolean): JsonObject {
  return {
    userName: mark,
    externalId: mark,
    active: isActive,
    emails: Array.from({ length: LIMITS.indexedValues }, (_, n) => {
      return { value: `${mark}.${String(n)}@example.com` }
    }),
    [URN.enterpriseUser]: { employeeNumber: mark, manager: { value: mark } },
    name: { familyName: mark, givenName: mark },
    [URN.peopleUser]: {
      level: mark,
      ...Object.fromEntries(DECLARED.map(({ id }) => [id, `${mark} ${id}`])),
    },
  }
}

describe('with the rows of three events', () => {
  test.each([
    [47, [100]],
    [48, [100, 2 + 2 + 1 + 3]],
    [94, [100, 100]],
  ])('%i members take transactions of %j rows', async (count, expected) => {
    const scope = scopeOf(`r-${randomUUID()}`)
    const groupId = await aGroup(scope)
    const before = rows.length
    const ids = Array.from({ length: count }, (_, n) => `m-${String(n)}`)
    for (const members of [
      { add: ids.map(user), remove: [] },
      { add: [], remove: ids },
    ]) {
      const change = aChange('members')
      expect(await stores.memberships.changeMembers(scope, groupId, members, change)).toBe(
        'changed',
      )
    }
    const sent = rows.slice(before).toSorted((one, other) => other - one)
    expect(sent).toEqual([...expected, ...expected].toSorted((one, other) => other - one))
  })

  test.each([
    ['of letters', 'x'],
    ['of characters of four bytes', '😀'],
    ['of characters that are escaped', '\u0001'],
  ])('47 ids of 8,190 characters %s fit', async (_, character) => {
    const scope = scopeOf(`r-${randomUUID()}`)
    const groupId = await aGroup(scope)
    const add = Array.from({ length: 47 }, (__, n) => {
      const number = String(n).padStart(2, '0')
      return user(number + character.repeat((8190 - number.length) / character.length))
    })
    const members = { add, remove: [] }
    const change = aChange('members')
    expect(await stores.memberships.changeMembers(scope, groupId, members, change)).toBe('changed')
    expect(Math.max(...bytes)).toBeLessThan(MOST_BYTES)
    expect(Math.max(...rows)).toBeLessThanOrEqual(100)
    expect((await stores.memberships.groupsOf(scope, [add[46]?.value ?? ''])).size).toBe(1)
  })

  test('a user can have all values replaced, and be deactivated', async () => {
    const scope = scopeOf(`r-${randomUUID()}`)
    const type = withDefinitions(USER, DECLARED)
    const created = newResource(indexed('before', true))
    await stores.resources.create(scope, type, ...creation(created))
    const stored = await stores.resources.get(scope, type, created.id)
    const attributes = indexed('after', false)
    const entries = indexEntries(layoutOf(DEFAULT_LAYOUTS, USER), type, attributes)
    expect(entries).toHaveLength(44)
    const after: StoredResource = { ...created, attributes }
    const replaced = stored && stores.resources.replace(scope, type, stored, ...replacement(after))
    expect(await replaced).toBe(true)
    // The journal's row, the user's own, the counter of levels, those of the values that go and come, and three.
    expect(rows.at(-1)).toBe(1 + 1 + 1 + 44 + 44 + 3)
    expect(LIMITS.indexEntries).toBe(44)
    expect(1 + 1 + 2 * LIMITS.indexEntries + 3).toBeLessThanOrEqual(96 + 3)
  })

  test('a user can be kept out of sight, return, and have another account go into it', async () => {
    const scope = scopeOf(`r-${randomUUID()}`)
    const type = withDefinitions(USER, DECLARED)
    const { resources } = stores
    const created = newResource(indexed('before', true), `00${randomUUID().slice(2)}`)
    await resources.create(scope, type, ...creation(created))
    const stored = await resources.get(scope, type, created.id)
    expect(stored && (await resources.hide(scope, type, stored, aChange('delete')))).toBe(true)
    // The journal's row, the tombstone, its mark, the values, what is kept, its two values and their gates, the counter, and three.
    expect(rows.at(-1)).toBe(1 + 1 + 1 + 44 + 1 + 2 + 2 + 1 + 3)
    const again = newResource(indexed('before', true))
    const back = await resources.createOrRestore(scope, type, ...creation(again))
    expect(back.id).toBe(created.id)
    expect(rows.at(-1)).toBe(1 + 1 + 44 + 1 + 1 + 2 + 2 + 3)
    const live = await resources.get(scope, type, created.id)
    expect(live && (await resources.hide(scope, type, live, aChange('delete')))).toBe(true)
    const account = await resources.getHidden(scope, type, created.id)
    const other = newResource(indexed('other', true), `ff${randomUUID().slice(2)}`)
    await resources.create(scope, type, ...creation(other))
    const returner = await resources.get(scope, type, other.id)
    const change = aChange('restore')
    const attributes = indexed('third', true)
    const joined = account && resources.restore(scope, type, account, attributes, change, returner)
    expect(await joined).toMatchObject({ id: created.id })
    // All values of both, two accounts, a mark, what was kept, two counters: as many as there can be.
    expect(rows.at(-1)).toBe(1 + 1 + 44 + 44 + 2 + 3 + 2 + 3)
    expect(2 * LIMITS.indexEntries + 8).toBeLessThanOrEqual(96)
  })

  test.each([
    [87, 2],
    [90, 0],
  ])(
    'a user with %i values, from before the limit, can be kept out of sight',
    async (count, gates) => {
      const scope = scopeOf(`r-${randomUUID()}`)
      const { resources } = stores
      const emails = Array.from({ length: count - 2 }, (_, n) => ({ value: `${n}@example.com` }))
      const resource = newResource({ userName: randomUUID(), externalId: randomUUID(), emails })
      const [given, change] = creation(resource)
      await resources.bring(scope, USER, { ...given, ...change.stamp }, change)
      const stored = await resources.get(scope, USER, resource.id)
      expect(stored && (await resources.hide(scope, USER, stored, aChange('delete')))).toBe(true)
      expect(rows.at(-1)).toBe(1 + 1 + 1 + count + 1 + 2 + gates + 1 + 3)
      expect(await resources.getHidden(scope, USER, resource.id)).toBeDefined()
    },
  )

  test('another account does not go into one with more values and invitations than fit', async () => {
    const scope = scopeOf(`r-${randomUUID()}`)
    const type = withDefinitions(USER, DECLARED)
    const { resources } = stores
    const comes = async (mark: string, start: string): Promise<string> => {
      const resource = newResource(indexed(mark, true), start + randomUUID().slice(2))
      const [given, change] = creation(resource)
      await resources.create(scope, type, given, { ...change, invites: true })
      return resource.id
    }
    const id = await comes('before', '00')
    const live = await resources.get(scope, type, id)
    expect(live && (await resources.hide(scope, type, live, aChange('delete')))).toBe(true)
    const otherId = await comes('other', 'ff')
    const join = async (): Promise<StoredResource | undefined> => {
      const account = await resources.getHidden(scope, type, id)
      const returner = await resources.get(scope, type, otherId)
      const change = aChange('restore')
      return (
        account && resources.restore(scope, type, account, indexed('third', true), change, returner)
      )
    }
    await expect(join()).rejects.toThrow(/88 values .* 2 invitations, .* at most 88 together can/)
    expect(await resources.get(scope, type, otherId)).toBeDefined()
    expect(await resources.acknowledge(scope, type, [id, otherId])).toHaveLength(2)
    expect(await join()).toMatchObject({ id })
    expect(rows.at(-1)).toBe(100)
  })
})
