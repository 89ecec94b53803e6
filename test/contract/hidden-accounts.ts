import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { withDefinitions } from '../../lib/scim/attribute-definition.ts'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { Change, Scope } from '../../lib/storage/port.ts'
import { aChange, creation, deletion, replacement } from '../support/changes.ts'
import { aDefinition } from '../support/definitions.ts'
import { outcomesOf, refusalOf, said } from '../support/refusal.ts'
import {
  changed,
  filterOf,
  newResource,
  newTenant,
  newUser,
  type ResourceStores,
} from './resource-store.ts'

/** The counters tell ids apart by their beginning. */
const idFrom = (beginning: string): string => beginning + randomUUID().slice(2)

/** What every store does with accounts that were deleted and are kept out of sight. */
export function hiddenAccountsContract(open: () => ResourceStores): void {
  const read = async (tenant: Scope, id: string): Promise<StoredResource> => {
    const stored = await open().store.get(tenant, USER, id)
    if (stored === undefined) throw new Error('There is no such user.')
    return stored
  }
  const created = async (tenant: Scope, attributes: JsonObject): Promise<StoredResource> => {
    const user = newResource({ userName: 'ada', active: true, ...attributes })
    await open().store.create(tenant, USER, ...creation(user))
    return read(tenant, user.id)
  }
  const hide = async (tenant: Scope, id: string, change = deletion()): Promise<StoredResource> => {
    expect(await open().store.hide(tenant, USER, await read(tenant, id), change)).toBe(true)
    const hidden = await open().store.getHidden(tenant, USER, id)
    if (hidden === undefined) throw new Error('It is not hidden.')
    return hidden
  }
  const hidden = async (tenant: Scope, attributes: JsonObject): Promise<StoredResource> =>
    hide(tenant, (await created(tenant, attributes)).id)
  const arrive = async (
    tenant: Scope,
    attributes: JsonObject,
    [resource, change]: ReturnType<typeof creation> = creation(
      newResource({ userName: 'ada', active: true, ...attributes }),
    ),
  ): Promise<StoredResource> => open().store.createOrRestore(tenant, USER, resource, change)
  const total = async (tenant: Scope): Promise<number> =>
    (await open().store.list(tenant, USER, { startIndex: 1, count: 0 })).totalResults
  const find = async (tenant: Scope, filter: string): Promise<readonly string[]> => {
    const query = { startIndex: 1, count: 10, filter: filterOf(filter) }
    return (await open().store.list(tenant, USER, query)).resources.map(({ id }) => id)
  }
  const hiddenIds = async (tenant: Scope): Promise<readonly string[]> => {
    const { resources } = await open().store.listHidden(tenant, USER, { count: 100 })
    return resources.map(({ id }) => id)
  }
  const aGroupOf = async (tenant: Scope, ...ids: readonly string[]): Promise<string> => {
    const group = newResource({ displayName: randomUUID() })
    await open().store.create(tenant, GROUP, ...creation(group))
    await join(tenant, group.id, ...ids)
    return group.id
  }
  const join = async (tenant: Scope, groupId: string, ...ids: readonly string[]): Promise<void> => {
    const add = ids.map((value) => ({ value, type: 'User' as const }))
    const members = { add, remove: [] }
    await open().memberships.changeMembers(tenant, groupId, members, aChange('members'))
  }
  const groupsOf = async (tenant: Scope, id: string): Promise<readonly string[]> =>
    (await open().memberships.groupsOf(tenant, [id])).get(id) ?? []

  const joined = async (
    tenant: Scope,
    account: StoredResource,
    returner: StoredResource,
    change: Change = aChange('restore'),
  ): Promise<StoredResource | undefined> =>
    open().store.restore(tenant, USER, account, returner.attributes, change, returner)

  describe('an account that is hidden', () => {
    test('is nowhere to be seen, and is kept inactive', async () => {
      const tenant = newTenant()
      const before = await created(tenant, { externalId: 'e1', title: 'Engineer' })
      const group = await aGroupOf(tenant, before.id)
      const change = deletion()
      const kept = await hide(tenant, before.id, change)
      expect(kept).toMatchObject({
        id: before.id,
        created: before.created,
        ...change.stamp,
        attributes: { ...before.attributes, active: false },
      })
      expect(await open().store.get(tenant, USER, before.id)).toBeUndefined()
      expect(await open().store.getAll(tenant, USER, [before.id])).toEqual([])
      expect(await total(tenant)).toBe(0)
      for (const filter of [
        'userName eq "ada"',
        'externalId eq "e1"',
        'title pr',
        'active eq false',
      ]) {
        expect(await find(tenant, filter)).toEqual([])
      }
      expect(await open().store.listFrom(tenant, USER, { count: 9 })).toMatchObject({
        resources: [],
      })
      expect(await open().memberships.isMember(tenant, group, before.id)).toBe(false)
      expect(await open().store.getHidden(newTenant(), USER, before.id)).toBeUndefined()
      expect(await open().store.getHidden(tenant, USER, 'nobody')).toBeUndefined()
      expect(await open().store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(0)
    })

    test('has given its names up, and what is plainly created does not return', async () => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, { externalId: 'e1' })
      const other = await created(tenant, { externalId: 'e1' })
      expect(other.id).not.toBe(id)
      expect(await hiddenIds(tenant)).toEqual([id])
    })

    test('is as it was read, or nothing is done', async () => {
      const tenant = newTenant()
      const before = await created(tenant, {})
      const after = changed(before, { userName: 'bob' })
      await open().store.replace(tenant, USER, before, ...replacement(after))
      expect(await open().store.hide(tenant, USER, before, deletion())).toBe(false)
      expect(await hiddenIds(tenant)).toEqual([])
      expect(await total(tenant)).toBe(1)
    })

    test('is hidden once by one change', async () => {
      const tenant = newTenant()
      const before = await created(tenant, {})
      const change = deletion()
      await hide(tenant, before.id, change)
      expect(await open().store.hide(tenant, USER, before, change)).toBe(true)
      expect(await hiddenIds(tenant)).toEqual([before.id])
    })
  })

  describe('who arrives', () => {
    test('with the same externalId returns, with what is sent and nothing else', async () => {
      const tenant = newTenant()
      const account = await hidden(tenant, { externalId: 'e1', title: 'Engineer' })
      const attributes = { userName: 'ada.king', active: true, externalId: 'e1' }
      const [resource, change] = creation(newResource(attributes))
      const returned = await open().store.createOrRestore(tenant, USER, resource, change)
      expect(returned).toMatchObject({ id: account.id, created: account.created, attributes })
      expect(returned.version).toBe(change.stamp.version)
      expect(returned.lastModified > account.lastModified).toBe(true)
      expect(await read(tenant, account.id)).toMatchObject(returned)
      expect(await hiddenIds(tenant)).toEqual([])
      expect(await total(tenant)).toBe(1)
      expect(await find(tenant, 'userName eq "ada.king"')).toEqual([account.id])
      expect(await find(tenant, 'userName eq "ada"')).toEqual([])
      expect(await open().store.get(tenant, USER, resource.id)).toBeUndefined()
    })

    test.each([
      ['neither has an externalId', {}, {}],
      ['the account has none', {}, { externalId: 'e2' }],
      ['the newcomer has none', { externalId: 'e1' }, {}],
    ])('with the same userName returns where %s', async (_, kept, sent) => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, kept)
      const returned = await arrive(tenant, { userName: 'ADA', ...sent })
      expect(returned.id).toBe(id)
      expect(returned).not.toHaveProperty('possibleReturner')
      expect((await read(tenant, id)).attributes).toEqual({
        userName: 'ADA',
        active: true,
        ...sent,
      })
      expect(await hiddenIds(tenant)).toEqual([])
    })

    test('with the same userName and another externalId is new, and the store notes who it may be', async () => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, { externalId: 'e1' })
      const arrived = await arrive(tenant, { externalId: 'E1' })
      expect(arrived.id).not.toBe(id)
      expect(arrived.possibleReturner).toBe(id)
      const stored = await read(tenant, arrived.id)
      expect(stored.possibleReturner).toBe(id)
      const after = changed(stored, { ...stored.attributes, title: 'x' })
      await open().store.replace(tenant, USER, stored, ...replacement(after))
      expect((await read(tenant, arrived.id)).possibleReturner).toBe(id)
      expect(await hiddenIds(tenant)).toEqual([id])
      expect(await total(tenant)).toBe(1)
    })

    test('with neither is new', async () => {
      const tenant = newTenant()
      await hidden(tenant, { externalId: 'e1' })
      const arrived = await arrive(tenant, { userName: 'bob', externalId: 'e2' })
      expect(arrived).not.toHaveProperty('possibleReturner')
      expect(await find(tenant, 'userName eq "bob"')).toEqual([arrived.id])
    })

    test('is of several the one that was hidden last', async () => {
      const tenant = newTenant()
      const [first, second, third] = [
        await hidden(tenant, { externalId: 'e1' }),
        await hidden(tenant, { externalId: 'e1' }),
        await hidden(tenant, { externalId: 'e3' }),
      ]
      expect((await arrive(tenant, { externalId: 'e4' })).possibleReturner).toBe(third.id)
      const named = { userName: 'eve', externalId: 'e1' }
      expect((await arrive(tenant, named)).id).toBe(second.id)
      await open().store.delete(tenant, USER, await read(tenant, second.id), deletion())
      expect((await arrive(tenant, { ...named, userName: 'kay' })).id).toBe(first.id)
      expect(await hiddenIds(tenant)).toEqual([third.id])
    })

    test('of another tenant is nobody here', async () => {
      const tenant = newTenant()
      await hidden(tenant, { externalId: 'e1' })
      const elsewhere = newTenant()
      const arrived = await arrive(elsewhere, { externalId: 'e1' })
      expect(await read(elsewhere, arrived.id)).not.toHaveProperty('possibleReturner')
      expect(await hiddenIds(tenant)).toHaveLength(1)
    })

    test('is in no group until one names the account again', async () => {
      const tenant = newTenant()
      const { id } = await created(tenant, { externalId: 'e1' })
      const group = await aGroupOf(tenant, id)
      await hide(tenant, id)
      await arrive(tenant, { externalId: 'e1' })
      expect(await groupsOf(tenant, id)).toEqual([])
      await join(tenant, group, id)
      await open().store.finishDelete(tenant, USER, id)
      expect(await open().store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(0)
      expect(await groupsOf(tenant, id)).toEqual([group])
    })

    test('may go and return again and again', async () => {
      const tenant = newTenant()
      const { id } = await created(tenant, { externalId: 'e1' })
      for (let round = 0; round < 3; round += 1) {
        await hide(tenant, id)
        expect((await arrive(tenant, { externalId: 'e1', title: String(round) })).id).toBe(id)
      }
      expect((await read(tenant, id)).attributes['title']).toBe('2')
      expect(await total(tenant)).toBe(1)
    })

    test('finds a name that somebody else has taken meanwhile', async () => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, { externalId: 'e1' })
      const holder = await created(tenant, {})
      const refusal = await refusalOf(() => arrive(tenant, { externalId: 'e1' }))
      expect(said(refusal)).toBe(`uniqueness: Another User has this userName: id ${holder.id}.`)
      expect(await hiddenIds(tenant)).toEqual([id])
      expect(await total(tenant)).toBe(1)
    })

    test('twice at once returns once, and the other finds the name taken', async () => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, { externalId: 'e1' })
      const both = [1, 2, 3].map(() => arrive(tenant, { externalId: 'e1' }))
      expect((await outcomesOf(both)).toSorted()).toEqual(['done', 'uniqueness', 'uniqueness'])
      expect(await find(tenant, 'userName eq "ada"')).toEqual([id])
      expect(await total(tenant)).toBe(1)
      expect(await hiddenIds(tenant)).toEqual([])
    })

    test('with an externalId that somebody has who is there is new', async () => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, { externalId: 'e1' })
      const present = await created(tenant, { externalId: 'e1', userName: 'bob' })
      const arrived = await arrive(tenant, { externalId: 'e1', userName: 'eve' })
      expect(arrived).toMatchObject({ possibleReturner: id })
      expect([id, present.id]).not.toContain(arrived.id)
      expect(await hiddenIds(tenant)).toEqual([id])
      expect(await total(tenant)).toBe(2)
      for (const each of [present.id, arrived.id]) {
        const user = await read(tenant, each)
        await open().store.delete(tenant, USER, user, deletion())
      }
      expect((await arrive(tenant, { externalId: 'e1', userName: 'eve' })).id).toBe(id)
    })

    test('twice at once under two names returns once, and the other is new', async () => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, { externalId: 'e1' })
      const both = ['bob', 'eve'].map((userName) => arrive(tenant, { userName, externalId: 'e1' }))
      const arrived = (await Promise.all(both)).map((each) => each.id)
      expect(arrived.filter((each) => each === id)).toHaveLength(1)
      expect((await find(tenant, 'externalId eq "e1"')).toSorted()).toEqual(arrived.toSorted())
      expect(await total(tenant)).toBe(2)
    })

    test.each([1, 2, 3])('while it is hidden, it is one account all the same: try %i', async () => {
      const tenant = newTenant()
      const before = await created(tenant, { externalId: 'e1' })
      const [isHidden, [outcome]] = await Promise.all([
        open().store.hide(tenant, USER, before, deletion()),
        outcomesOf([arrive(tenant, { externalId: 'e1' })]),
      ])
      expect(isHidden).toBe(true)
      const isBack = outcome === 'done'
      expect(outcome).toBe(isBack ? 'done' : 'uniqueness')
      expect(await total(tenant)).toBe(isBack ? 1 : 0)
      expect(await hiddenIds(tenant)).toEqual(isBack ? [] : [before.id])
      expect(await find(tenant, 'userName eq "ada"')).toEqual(isBack ? [before.id] : [])
    })

    test('by the same change twice has arrived once', async () => {
      const tenant = newTenant()
      const { id } = await hidden(tenant, { externalId: 'e1' })
      const returning = creation(newResource({ userName: 'ada', externalId: 'e1' }))
      const coming = creation(newUser('bob'))
      for (const each of [1, 2]) {
        expect([each, (await arrive(tenant, {}, returning)).id]).toEqual([each, id])
        expect([each, (await arrive(tenant, {}, coming)).id]).toEqual([each, coming[0].id])
      }
      expect(await total(tenant)).toBe(2)
    })
  })

  describe('what is hidden', () => {
    test('is listed page by page', async () => {
      const tenant = newTenant()
      const all: string[] = []
      for (const userName of ['a', 'b', 'c', 'd', 'e']) {
        all.push((await hidden(tenant, { userName })).id)
      }
      await created(tenant, { userName: 'f' })
      const seen: string[] = []
      let after: string | undefined
      do {
        const query = { count: 2, ...(after === undefined ? {} : { after }) }
        const page = await open().store.listHidden(tenant, USER, query)
        expect(page.resources.length).toBeLessThanOrEqual(2)
        seen.push(...page.resources.map(({ id }) => id))
        after = page.next
      } while (after !== undefined)
      expect(seen).toEqual(all.toSorted())
    })

    test('has its attributes replaced, as it was read, and returns as before', async () => {
      const tenant = newTenant()
      const account = await hidden(tenant, { externalId: 'e1', title: 'Engineer' })
      const { title: _, ...attributes } = account.attributes
      const change = aChange('patch')
      const replace = async (by: Change): Promise<boolean> =>
        open().store.replaceHidden(tenant, USER, account, attributes, by)
      expect([await replace(change), await replace(change)]).toEqual([true, true])
      expect(await replace(aChange('patch'))).toBe(false)
      const { version, lastModified } = account
      const after = await open().store.getHidden(tenant, USER, account.id)
      expect(after).toMatchObject({ version, lastModified, attributes })
      expect(after?.attributes).not.toHaveProperty('title')
      expect((await arrive(tenant, { externalId: 'e1' })).id).toBe(account.id)
      expect(await replace(aChange('patch'))).toBe(false)
    })

    test('is deleted for good, as it was read', async () => {
      const tenant = newTenant()
      const account = await hidden(tenant, { externalId: 'e1' })
      const change = deletion()
      expect(await open().store.deleteHidden(tenant, USER, account, change)).toBe(true)
      expect(await open().store.deleteHidden(tenant, USER, account, change)).toBe(true)
      expect(await open().store.deleteHidden(tenant, USER, account, deletion())).toBe(false)
      expect(await hiddenIds(tenant)).toEqual([])
      const arrived = await arrive(tenant, { externalId: 'e1' })
      expect(arrived.id).not.toBe(account.id)
      expect(arrived).not.toHaveProperty('possibleReturner')
    })

    test('is brought back with what is said of it', async () => {
      const tenant = newTenant()
      const account = await hidden(tenant, { externalId: 'e1', title: 'Engineer' })
      const attributes = { ...account.attributes, active: true }
      const change = aChange('restore')
      const back = async (): Promise<StoredResource | undefined> =>
        open().store.restore(tenant, USER, account, attributes, change)
      expect(await back()).toMatchObject({ id: account.id, created: account.created, attributes })
      expect(await back()).toMatchObject({ id: account.id })
      expect((await read(tenant, account.id)).attributes).toEqual(attributes)
      expect(await total(tenant)).toBe(1)
      expect(await hiddenIds(tenant)).toEqual([])
      const again = open().store.restore(tenant, USER, account, attributes, aChange('restore'))
      expect(await again).toBeUndefined()
    })

    test('is neither brought back nor deleted when its invitation was acknowledged since', async () => {
      const tenant = newTenant()
      const [user, change] = creation(newResource({ userName: 'ada', active: true }))
      await open().store.create(tenant, USER, user, { ...change, invites: true })
      const account = await hide(tenant, user.id)
      expect(await open().store.acknowledge(tenant, USER, [user.id])).toEqual([user.id])
      const { attributes } = account
      const back = open().store.restore(tenant, USER, account, attributes, aChange('restore'))
      expect(await back).toBeUndefined()
      expect(await open().store.deleteHidden(tenant, USER, account, deletion())).toBe(false)
      expect(await arrive(tenant, {})).toMatchObject({ id: user.id, invitation: 'acknowledged' })
    })

    test('keeps what is beyond its type, however it comes back', async () => {
      const tenant = newTenant()
      const TYPE = withDefinitions(USER, [aDefinition('hat'), aDefinition('shoe')])
      const wearing = async (people: JsonObject, more: JsonObject): Promise<string> => {
        const user = newResource({ userName: 'ada', ...more, [URN.peopleUser]: people })
        await open().store.create(tenant, TYPE, ...creation(user))
        return user.id
      }
      const worn = async (id: string): Promise<unknown> =>
        (await open().store.get(tenant, TYPE, id))?.attributes[URN.peopleUser]
      const id = await wearing({ hat: 'a', shoe: '1' }, { externalId: 'e1' })
      await hide(tenant, id)
      const arrived = await arrive(tenant, { externalId: 'e1', [URN.peopleUser]: { level: 'L' } })
      expect(arrived).toMatchObject({ id, attributes: { [URN.peopleUser]: { level: 'L' } } })
      expect(await worn(id)).toEqual({ level: 'L', hat: 'a', shoe: '1' })
      const account = await hide(tenant, id)
      const returner = await read(tenant, await wearing({ hat: 'b' }, { externalId: 'e2' }))
      await joined(tenant, account, returner)
      expect(await worn(id)).toEqual({ hat: 'b', shoe: '1' })
    })

    test('is not brought back under a name that is taken', async () => {
      const tenant = newTenant()
      const account = await hidden(tenant, {})
      await created(tenant, {})
      const change = aChange('restore')
      const { kind } = await refusalOf(() =>
        open().store.restore(tenant, USER, account, account.attributes, change),
      )
      expect(kind).toBe('uniqueness')
      expect(await hiddenIds(tenant)).toEqual([account.id])
    })
  })

  describe('an account under which somebody has come again', () => {
    test.each([
      ['counted together', '00'],
      ['counted apart', '01'],
    ])('goes into the hidden one: %s', async (_, beginning) => {
      const tenant = newTenant()
      const one = newResource({ userName: 'ada', externalId: 'e1' }, idFrom('00'))
      await open().store.create(tenant, USER, ...creation(one))
      const account = await hide(tenant, one.id)
      const attributes = {
        userName: 'Ada',
        externalId: 'e2',
        emails: [{ value: 'ada@contoso.com', type: 'work' }],
      }
      const other = newResource(attributes, idFrom(beginning))
      await arrive(tenant, {}, creation(other))
      const group = await aGroupOf(tenant, other.id)
      const returner = await read(tenant, other.id)
      const restored = await joined(tenant, account, returner)
      expect(restored).toMatchObject({ id: account.id, created: account.created, attributes })
      expect(restored).not.toHaveProperty('possibleReturner')
      expect(await open().store.get(tenant, USER, other.id)).toBeUndefined()
      for (const filter of [
        'userName eq "ada"',
        'externalId eq "e2"',
        'emails.value eq "ada@contoso.com"',
      ]) {
        expect(await find(tenant, filter)).toEqual([account.id])
      }
      expect(await total(tenant)).toBe(1)
      expect(await hiddenIds(tenant)).toEqual([])
      expect(await open().memberships.isMember(tenant, group, other.id)).toBe(false)
      expect(await open().store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(0)
    })

    test('stays when one of the two is not as it was read', async () => {
      const tenant = newTenant()
      const account = await hidden(tenant, { externalId: 'e1' })
      const returner = await arrive(tenant, { externalId: 'e2' })
      const before = await read(tenant, returner.id)
      const after = changed(before, { ...before.attributes, title: 'x' })
      await open().store.replace(tenant, USER, before, ...replacement(after))
      expect(await joined(tenant, account, before)).toBeUndefined()
      const now = await read(tenant, returner.id)
      await open().store.deleteHidden(tenant, USER, account, deletion())
      expect(await joined(tenant, account, now)).toBeUndefined()
      expect(await read(tenant, returner.id)).toEqual(now)
    })
  })
}
