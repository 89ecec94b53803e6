import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { parseSort } from '../../lib/scim/sort.ts'
import { partPosition } from '../../lib/storage/journal-position.ts'
import type { Change, Memberships, ResourceStore, Scope } from '../../lib/storage/port.ts'
import { aChange, creation, deletion, PASSED, replacement, scopeOf } from '../support/changes.ts'
import { journalRow, newestFirst, type JournalRow, type ReadJournal } from '../support/journal.ts'
import { refusalOf } from '../support/refusal.ts'
import { user, users } from './membership-store.ts'
import { changed, newResource, newUser } from './resource-store.ts'

/** The stores under test, which share their rows, and what they have written into the journal. */
export interface JournaledStores {
  readonly resources: ResourceStore
  readonly memberships: Memberships
  readonly journal: ReadJournal
}

const aTenant = (): Scope => scopeOf(`j-${randomUUID()}`)

const rowsOf = (...changes: readonly Change[]): readonly JournalRow[] =>
  newestFirst(changes.map(journalRow))

/** What every store does with the changes that it is given. */
export function journalContract(open: () => JournaledStores): void {
  describe('the journal', () => {
    entries(open)
  })
  describe('a change that is made twice', () => {
    repetitions(open)
  })
  describe('a request whose time is up', () => {
    deadlines(open)
  })
}

async function created(
  { resources }: JournaledStores,
  tenant: Scope,
  resource: StoredResource,
  resourceType: ResourceType = USER,
): Promise<{ readonly stored: StoredResource; readonly change: Change }> {
  const [added, change] = creation(resource)
  await resources.create(tenant, resourceType, added, change)
  const stored = await resources.get(tenant, resourceType, resource.id)
  if (stored === undefined) throw new Error('it was not created')
  return { stored, change }
}

const aGroup = async (
  stores: JournaledStores,
  tenant: Scope,
): Promise<{ readonly stored: StoredResource; readonly change: Change }> =>
  created(stores, tenant, newResource({ displayName: randomUUID() }), GROUP)

function entries(open: () => JournaledStores): void {
  test('has one entry for each change', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { stored, change: creating } = await created(stores, tenant, newUser('a'))
    const [attributes, replacing] = replacement(changed(stored, { userName: 'b' }))
    await stores.resources.replace(tenant, USER, stored, attributes, replacing)
    const current = await stores.resources.get(tenant, USER, stored.id)
    const deleting = deletion()
    expect(current && (await stores.resources.delete(tenant, USER, current, deleting))).toBe(true)
    expect(await stores.journal(tenant, 'users')).toEqual(rowsOf(creating, replacing, deleting))
    expect(await stores.journal(tenant, 'groups')).toEqual([])
    expect(await stores.journal(aTenant(), 'users')).toEqual([])
  })

  test('has none for what is refused or changes nothing', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { resources, memberships } = stores
    const { stored, change: first } = await created(stores, tenant, newUser('a'))
    const { stored: group, change: second } = await aGroup(stores, tenant)
    await refusalOf(() => resources.create(tenant, USER, ...creation(newUser('x'.repeat(500_000)))))
    const [attributes, third] = replacement(changed(stored, { userName: 'b' }))
    expect(await resources.replace(tenant, USER, stored, attributes, third)).toBe(true)
    const late = changed(stored, { userName: 'c' })
    expect(await resources.replace(tenant, USER, stored, ...replacement(late))).toBe(false)
    expect(await resources.delete(tenant, USER, stored, deletion())).toBe(false)
    await refusalOf(() => resources.create(tenant, USER, ...creation(newUser('B'))))
    const change = async (id: string, add: readonly string[]): Promise<unknown> =>
      memberships.changeMembers(
        tenant,
        id,
        { add: add.map(user), remove: ['nobody'] },
        aChange('members'),
      )
    expect(await change(group.id, [])).toBe('unchanged')
    expect(await change('nothing', ['a'])).toBe('noGroup')
    expect(await stores.journal(tenant, 'users')).toEqual(rowsOf(first, third))
    expect(await stores.journal(tenant, 'groups')).toEqual(rowsOf(second))
  })

  test.each([
    [1, 1],
    [47, 1],
    [48, 2],
    [120, 3],
  ])('has for %i members %i entries', async (count, expected) => {
    const [stores, tenant] = [open(), aTenant()]
    const { stored, change: creating } = await aGroup(stores, tenant)
    const change = aChange('members')
    const members = { add: users(count), remove: [] }
    await stores.memberships.changeMembers(tenant, stored.id, members, change)
    const parts = Array.from({ length: expected }, (_, part) =>
      part === 0 ? change : { ...change, position: partPosition(change.position, String(part)) },
    )
    expect(await stores.journal(tenant, 'groups')).toEqual(rowsOf(creating, ...parts))
  })

  test('tells who has asked for what follows from a deletion', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { resources, memberships } = stores
    const { stored } = await created(stores, tenant, newUser('a'))
    const groups = [
      await aGroup(stores, tenant),
      await aGroup(stores, tenant),
      await aGroup(stores, tenant),
    ]
    const joining = groups.map(() => aChange('members'))
    for (const [at, change] of joining.entries()) {
      const id = groups[at]?.stored.id ?? ''
      await memberships.changeMembers(tenant, id, { add: [user(stored.id)], remove: [] }, change)
    }
    const change = deletion()
    expect(await resources.delete(tenant, USER, stored, change)).toBe(true)
    const leaving = groups.map(({ stored: { id } }): Change => {
      return { ...change, operation: 'members', position: partPosition(change.position, id) }
    })
    expect(await stores.journal(tenant, 'groups')).toEqual(
      rowsOf(...groups.map((group) => group.change), ...joining, ...leaving),
    )
  })

  test('has one entry for a deleted group, one for each group that it was in, and one for who has lost it', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { resources, memberships } = stores
    const { stored, change: first } = await aGroup(stores, tenant)
    const { stored: parent, change: second } = await aGroup(stores, tenant)
    const [joining, filling] = [aChange('members'), aChange('members')]
    const nested = { add: [{ value: stored.id, type: 'Group' as const }], remove: [] }
    await memberships.changeMembers(tenant, parent.id, nested, joining)
    await memberships.changeMembers(tenant, stored.id, { add: users(40), remove: [] }, filling)
    const current = await resources.get(tenant, GROUP, stored.id)
    const change = deletion()
    expect(current && (await resources.delete(tenant, GROUP, current, change))).toBe(true)
    const position = partPosition(change.position, parent.id)
    const leaving: Change = { ...change, operation: 'members', position }
    const expected = rowsOf(first, second, joining, filling, change, leaving)
    const keys = new Set(expected.map(({ key }) => key))
    const rows = await stores.journal(tenant, 'groups')
    expect(rows.filter(({ key }) => keys.has(key))).toEqual(expected)
    const losses = rows.filter(({ key }) => !keys.has(key))
    expect(losses.length).toBeGreaterThan(0)
    const { key: _, ...loss } = journalRow(leaving)
    for (const row of losses) expect(row).toEqual({ ...loss, key: row.key })
  })
}

function repetitions(open: () => JournaledStores): void {
  test('creates nothing again, whatever became of it', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { resources } = stores
    const [resource, change] = creation(newUser('a'))
    await resources.create(tenant, USER, resource, change)
    const stored = await resources.get(tenant, USER, resource.id)
    if (stored === undefined) throw new Error('it was not created')
    const renamed = changed(stored, { userName: 'b' })
    await resources.replace(tenant, USER, stored, ...replacement(renamed))
    await resources.create(tenant, USER, resource, change)
    const current = await resources.get(tenant, USER, resource.id)
    expect(current?.attributes).toEqual({ userName: 'b' })
    expect(current && (await resources.delete(tenant, USER, current, deletion()))).toBe(true)
    await resources.create(tenant, USER, ...creation(newUser('a')))
    // The name is another's by now, but this change was made before.
    await resources.create(tenant, USER, resource, change)
    expect(await resources.get(tenant, USER, resource.id)).toBeUndefined()
    const page = await resources.list(tenant, USER, { startIndex: 1, count: 10 })
    expect(page.totalResults).toBe(1)
    expect(await stores.journal(tenant, 'users')).toHaveLength(4)
  })

  test('replaces nothing again', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { resources } = stores
    const { stored } = await created(stores, tenant, newUser('a'))
    const first = replacement(changed(stored, { userName: 'first' }))
    expect(await resources.replace(tenant, USER, stored, ...first)).toBe(true)
    const current = await resources.get(tenant, USER, stored.id)
    if (current === undefined) throw new Error('it is gone')
    const second = replacement(changed(current, { userName: 'second' }))
    expect(await resources.replace(tenant, USER, current, ...second)).toBe(true)
    expect(await resources.replace(tenant, USER, stored, ...first)).toBe(true)
    const last = await resources.get(tenant, USER, stored.id)
    expect(last?.attributes).toEqual({ userName: 'second' })
    expect(last && (await resources.delete(tenant, USER, last, deletion()))).toBe(true)
    expect(await resources.replace(tenant, USER, stored, ...first)).toBe(true)
    expect(await stores.journal(tenant, 'users')).toHaveLength(4)
  })

  test('deletes nothing again', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { stored } = await created(stores, tenant, newUser('a'))
    const change = deletion()
    expect(await stores.resources.delete(tenant, USER, stored, change)).toBe(true)
    expect(await stores.resources.delete(tenant, USER, stored, change)).toBe(true)
    expect(await stores.resources.delete(tenant, USER, stored, deletion())).toBe(false)
    expect(await stores.journal(tenant, 'users')).toHaveLength(2)
  })

  test.each([1, 100])('moves none of %i members again', async (count) => {
    const [stores, tenant] = [open(), aTenant()]
    const { memberships } = stores
    const { stored } = await aGroup(stores, tenant)
    const [members, change] = [{ add: users(count), remove: [] }, aChange('members')]
    const add = async (): Promise<unknown> =>
      memberships.changeMembers(tenant, stored.id, members, change)
    expect(await add()).toBe('changed')
    const remove = members.add.map(({ value }) => value)
    await memberships.changeMembers(
      tenant,
      stored.id,
      { add: [], remove: remove.slice(0, 1) },
      aChange('members'),
    )
    const written = await stores.journal(tenant, 'groups')
    expect(await add()).toBe('changed')
    expect(await memberships.isMember(tenant, stored.id, remove[0] ?? '')).toBe(false)
    expect(await stores.journal(tenant, 'groups')).toEqual(written)
  })
}

function deadlines(open: () => JournaledStores): void {
  test('reads nothing and writes nothing', async () => {
    const [stores, tenant] = [open(), aTenant()]
    const { resources, memberships } = stores
    const { stored } = await created(stores, tenant, newUser('a'))
    const { stored: group } = await aGroup(stores, tenant)
    const late = { ...tenant, deadline: PASSED }
    const after = changed(stored, { userName: 'b' })
    const sort = parseSort(USER, { sortBy: 'title' })
    if (sort === undefined) throw new Error('no order')
    for (const work of [
      () => resources.get(late, USER, stored.id),
      () => resources.getAll(late, USER, [stored.id]),
      () => resources.create(late, USER, ...creation(newUser('b'))),
      () => resources.replace(late, USER, stored, ...replacement(after)),
      () => resources.delete(late, USER, stored, deletion()),
      () => resources.list(late, USER, { startIndex: 1, count: 1 }),
      () => resources.listFrom(late, USER, { count: 1 }),
      () => resources.sorted(late, USER, { sort }),
      () =>
        memberships.changeMembers(
          late,
          group.id,
          { add: users(1), remove: [] },
          aChange('members'),
        ),
      () => memberships.members(late, group.id)[Symbol.asyncIterator]().next(),
      () => memberships.isMember(late, group.id, stored.id),
      () => memberships.groupsOf(late, [stored.id]),
      () => memberships.groupNames(late, [group.id]),
    ]) {
      const error = await refusalOf(work)
      expect(error).toMatchObject({ kind: 'unavailable', headers: { 'retry-after': '5' } })
    }
    expect(await resources.get(tenant, USER, stored.id)).toEqual(stored)
    expect(await resources.get(tenant, GROUP, group.id)).toEqual(group)
    expect(await stores.journal(tenant, 'users')).toHaveLength(1)
    expect(await stores.journal(tenant, 'groups')).toHaveLength(1)
  })
}
