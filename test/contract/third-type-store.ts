import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { matches } from '../../lib/scim/filter/match.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { toRepresentation } from '../../lib/scim/representation.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { parseSort } from '../../lib/scim/sort.ts'
import type { MembershipStore, ResourceStore, Scope } from '../../lib/storage/port.ts'
import { aChange, creation, deletion, replacement, scopeOf } from '../support/changes.ts'
import { DEVICE, INVENTORY } from '../support/device.ts'
import { refusalOf } from '../support/refusal.ts'
import { user } from './membership-store.ts'
import { changed, filterOf, newResource, sortedPage } from './resource-store.ts'

/** The stores under test, made with the layouts of users, groups and devices. */
export interface StoresOfThreeTypes {
  readonly resources: ResourceStore
  readonly memberships: MembershipStore
}

const aTenant = (): Scope => scopeOf(`d-${randomUUID()}`)

const ids = (resources: readonly StoredResource[]): string[] => resources.map(({ id }) => id)

/** A resource type that no store has been written for is kept beside users and groups, and never mixes with them. */
export function thirdTypeContract(open: () => StoresOfThreeTypes): void {
  const create = async (
    tenant: Scope,
    resourceType: ResourceType,
    attributes: JsonObject,
    id?: string,
  ): Promise<StoredResource> => {
    const resource = newResource(attributes, id)
    await open().resources.create(tenant, resourceType, ...creation(resource))
    return read(tenant, resourceType, resource.id)
  }
  const read = async (
    tenant: Scope,
    resourceType: ResourceType,
    id: string,
  ): Promise<StoredResource> => {
    const stored = await open().resources.get(tenant, resourceType, id)
    if (stored === undefined) throw new Error(`no ${resourceType.name}`)
    return stored
  }
  const find = async (
    tenant: Scope,
    resourceType: ResourceType,
    filter?: string,
  ): Promise<readonly string[]> => {
    const page = await open().resources.list(tenant, resourceType, {
      startIndex: 1,
      count: 1000,
      ...(filter === undefined ? {} : { filter: filterOf(filter, resourceType) }),
    })
    expect(page.totalResults).toBe(page.resources.length)
    return ids(page.resources)
  }

  test('has ids, names and counts of its own', async () => {
    const [tenant, id] = [aTenant(), randomUUID()]
    const same = { externalId: 'x', displayName: 'same' }
    const kept = [
      await create(tenant, USER, { userName: 'same', ...same }, id),
      await create(tenant, GROUP, same, id),
      await create(tenant, DEVICE, same, id),
    ]
    const types = [USER, GROUP, DEVICE]
    for (const [at, resourceType] of types.entries()) {
      expect(await read(tenant, resourceType, id)).toEqual(kept[at])
      for (const filter of [
        undefined,
        'externalId eq "x"',
        'displayName sw "s"',
        'meta.created pr',
      ]) {
        expect(await find(tenant, resourceType, filter)).toEqual([id])
      }
      const page = await open().resources.listFrom(tenant, resourceType, { count: 5 })
      expect(page).toEqual({ resources: [kept[at]], totalResults: 1 })
    }
    const device = await read(tenant, DEVICE, id)
    expect(await open().resources.delete(tenant, DEVICE, device, deletion())).toBe(true)
    expect(await find(tenant, DEVICE)).toEqual([])
    expect(await read(tenant, USER, id)).toEqual(kept[0])
    expect(await read(tenant, GROUP, id)).toEqual(kept[1])
    expect(await find(tenant, USER)).toEqual([id])
  })

  test.each<[string, JsonObject, JsonObject]>([
    [
      'serialNumber',
      { [INVENTORY]: { serialNumber: 'S-1' } },
      { [INVENTORY]: { serialNumber: 's-1' } },
    ],
    ['shelf', { [INVENTORY]: { shelf: 7 } }, { [INVENTORY]: { shelf: 7 } }],
    [
      'cards.value',
      { cards: [{ value: 'a', slot: 1 }, { value: 'b' }] },
      { cards: [{ value: 'c' }, { value: 'B', slot: 2 }] },
    ],
  ])('keeps its %s unique', async (path, first, second) => {
    const tenant = aTenant()
    const { resources } = open()
    const holder = await create(tenant, DEVICE, { displayName: 'a', ...first })
    const refused = newResource({ displayName: 'b', ...second })
    const error = await refusalOf(() => resources.create(tenant, DEVICE, ...creation(refused)))
    expect(error.kind).toBe('uniqueness')
    expect(error.detail).toContain(path)
    expect(await find(tenant, DEVICE)).toEqual([holder.id])

    const other = await create(tenant, DEVICE, { displayName: 'b' })
    const after = changed(other, { displayName: 'b', ...second })
    const replacing = resources.replace(tenant, DEVICE, other, ...replacement(after))
    expect((await refusalOf(() => replacing)).kind).toBe('uniqueness')
    // A value is free when nobody has it any more, by a change or a deletion.
    const without = changed(holder, { displayName: 'a' })
    expect(await resources.replace(tenant, DEVICE, holder, ...replacement(without))).toBe(true)
    expect(await resources.replace(tenant, DEVICE, other, ...replacement(after))).toBe(true)
    const current = await read(tenant, DEVICE, other.id)
    expect(await resources.delete(tenant, DEVICE, current, deletion())).toBe(true)
    await create(tenant, DEVICE, { displayName: 'c', ...second })
  })

  test('is found by filters as by a look at all', async () => {
    const tenant = aTenant()
    await create(tenant, USER, { userName: 'u', externalId: 'x', displayName: 'Printer' })
    for (const attributes of [
      {
        displayName: 'Printer',
        enabled: true,
        externalId: 'x',
        [INVENTORY]: { serialNumber: 'S-1', shelf: 1 },
      },
      {
        displayName: 'printer',
        enabled: false,
        externalId: 'X',
        [INVENTORY]: { serialNumber: 'S-2', shelf: 12 },
      },
      { displayName: 'Scanner', cards: [{ value: 'A' }, { value: 'b', slot: 3 }] },
    ]) {
      await create(tenant, DEVICE, attributes)
    }
    const all = await open().resources.list(tenant, DEVICE, { startIndex: 1, count: 10 })
    for (const text of [
      'displayName eq "printer"',
      'displayName sw "S"',
      'externalId eq "x"',
      'enabled eq true',
      'enabled eq false and displayName pr',
      `${INVENTORY}:serialNumber eq "s-2"`,
      `${INVENTORY}:serialNumber sw "s-"`,
      `${INVENTORY}:shelf eq 1`,
      `${INVENTORY}:shelf gt 1`,
      'cards.value eq "a"',
      'cards[value eq "B" and slot eq 3]',
      'cards[value eq "A" and slot eq 3]',
      'not (displayName eq "printer")',
    ]) {
      const filter = filterOf(text, DEVICE)
      const expected = all.resources.filter((stored) =>
        matches(filter, toRepresentation(DEVICE, stored)),
      )
      expect([text, await find(tenant, DEVICE, text)]).toEqual([text, ids(expected)])
    }
  })

  test('is paged and sorted, those without a value too', async () => {
    const tenant = aTenant()
    await create(tenant, USER, { userName: 'u' })
    const serials = ['c', 'A', undefined, 'b', undefined, 'D', 'e']
    const devices: StoredResource[] = []
    for (const serialNumber of serials) {
      const inventory = serialNumber === undefined ? {} : { [INVENTORY]: { serialNumber } }
      devices.push(await create(tenant, DEVICE, { displayName: 'x', ...inventory }))
    }
    const inOrder = ids(devices).toSorted()
    const { resources } = open()
    const byIndex: string[] = []
    for (let startIndex = 1; startIndex <= 7; startIndex += 3) {
      const page = await resources.list(tenant, DEVICE, { startIndex, count: 3 })
      expect(page.totalResults).toBe(7)
      byIndex.push(...ids(page.resources))
    }
    expect(byIndex).toEqual(inOrder)
    const first = await resources.listFrom(tenant, DEVICE, { count: 4 })
    expect(first.next).toBe(resources.positionBehind(inOrder[3] ?? ''))
    const rest = await resources.listFrom(tenant, DEVICE, { count: 4, after: first.next ?? '' })
    expect([...ids(first.resources), ...ids(rest.resources)]).toEqual(inOrder)
    expect(rest.next).toBeUndefined()

    const sort = parseSort(DEVICE, { sortBy: `${INVENTORY}:serialNumber` })
    if (sort === undefined) throw new Error('no order')
    const sorted = await sortedPage(resources, tenant, DEVICE, { sort }, 1, 7)
    const found = sorted.resources.map(({ attributes }) => attributes[INVENTORY])
    expect(found.map((inventory) => JSON.stringify(inventory))).toEqual([
      ...['A', 'b', 'c', 'D', 'e'].map((serialNumber) => JSON.stringify({ serialNumber })),
      undefined,
      undefined,
    ])
  })

  test('is deleted with the memberships it has', async () => {
    const tenant = aTenant()
    const { resources, memberships } = open()
    const device = await create(tenant, DEVICE, { displayName: 'a' })
    const group = await create(tenant, GROUP, { displayName: 'g' })
    const members = { add: [user(device.id), user('other')], remove: [] }
    await memberships.changeMembers(tenant, group.id, members, aChange('members'))
    expect(await resources.delete(tenant, DEVICE, device, deletion())).toBe(true)
    expect(await memberships.isMember(tenant, group.id, device.id)).toBe(false)
    expect(await memberships.isMember(tenant, group.id, 'other')).toBe(true)
    await resources.finishDelete(tenant, DEVICE, device.id)
    expect(await resources.sweep(tenant, [USER, GROUP, DEVICE])).toBe(0)
  })
}
