import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { tableMemberships } from '../../lib/storage/table/memberships.ts'
import { tableResourceStore } from '../../lib/storage/table/resources.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { creation, deletion, scopeOf } from '../support/changes.ts'
import { DEVICE, INVENTORY, LAYOUTS } from '../support/device.ts'
import { insertMany, requestMeter, tablesThrough } from '../support/tables.ts'
import { filterOf, newResource, newUser } from './resource-store.ts'
import { thirdTypeContract } from './third-type-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
let stores: TableStores
const meter = requestMeter()

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await tablesThrough(azurite.connectionString, undefined, meter)
  await createTables(tables)
  stores = tableStores(tables, { layouts: LAYOUTS })
})

afterAll(() => azurite.stop())

describe('a third resource type in tables', () => {
  thirdTypeContract(() => stores)

  test('is found by its unique attribute in two round trips', async () => {
    const tenant = scopeOf('by-index')
    const device = newResource({ displayName: 'a', [INVENTORY]: { serialNumber: 'S-1', shelf: 3 } })
    await stores.resources.create(tenant, DEVICE, ...creation(device))
    for (const text of [`${INVENTORY}:serialNumber eq "s-1"`, `${INVENTORY}:shelf eq 3`]) {
      const filter = filterOf(text, DEVICE)
      const { result, calls } = await meter.count(() =>
        stores.resources.list(tenant, DEVICE, { startIndex: 1, count: 10, filter }),
      )
      expect(result).toMatchObject({ totalResults: 1, resources: [{ id: device.id }] })
      expect(calls).toBe(2)
    }
  })

  test('is paged at any depth beside the users of its table', async () => {
    const tenant = scopeOf('many')
    const [devices, users] = [DEVICE, USER].map((resourceType) =>
      Array.from({ length: 1500 }, (_, n) =>
        resourceType === DEVICE ? newResource({ displayName: `d-${n}` }) : newUser(`u-${n}`),
      ),
    )
    if (devices === undefined || users === undefined) throw new Error('none')
    await insertMany(tables, tenant, DEVICE, devices, LAYOUTS)
    await insertMany(tables, tenant, USER, users, LAYOUTS)
    const inOrder = devices.map(({ id }) => id).toSorted()
    const page = await stores.resources.list(tenant, DEVICE, { startIndex: 1401, count: 200 })
    expect(page.totalResults).toBe(1500)
    expect(page.resources.map(({ id }) => id)).toEqual(inOrder.slice(1400))
    const filter = filterOf('displayName co "d-1"', DEVICE)
    const found = await stores.resources.list(tenant, DEVICE, { startIndex: 1, count: 0, filter })
    expect(found.totalResults).toBe(611)
  })

  test('is swept when its deletion was interrupted', async () => {
    const tenant = scopeOf('interrupted')
    const device = newResource({ displayName: 'a', externalId: '1' })
    await stores.resources.create(tenant, DEVICE, ...creation(device))
    const stored = await stores.resources.get(tenant, DEVICE, device.id)
    const dying = tableResourceStore(
      tables,
      {
        ...tableMemberships(tables, { layouts: LAYOUTS }),
        removeAll: () => Promise.reject(new Error('the instance is gone')),
      },
      { layouts: LAYOUTS },
    )
    const deleting = stored && dying.delete(tenant, DEVICE, stored, deletion())
    await expect(deleting).rejects.toThrow('the instance is gone')
    expect(await stores.resources.get(tenant, DEVICE, device.id)).toBeUndefined()
    expect(await stores.resources.sweep(tenant, [USER])).toBe(0)
    expect(await stores.resources.sweep(tenant, [USER, DEVICE])).toBe(1)
    expect(await stores.resources.sweep(tenant, [USER, DEVICE])).toBe(0)
  })

  test('without a layout is kept nowhere', async () => {
    const { resources } = tableStores(tables)
    const refused = resources.create(
      scopeOf('no-layout'),
      DEVICE,
      ...creation(newResource({ displayName: 'a' })),
    )
    await expect(refused).rejects.toThrow('no storage layout for the resource type Device')
  })
})
