import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RESOURCE_TYPES, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { Change, Scope } from '../../lib/storage/port.ts'
import { aChange, creation, deletion } from '../support/changes.ts'
import { newResource, newTenant, type ResourceStores } from './resource-store.ts'

/** The same change by a tenant that invites. */
function inviting(change: Change): Change {
  return { ...change, invites: true }
}

/** What every store does with invitations. */
export function invitationsContract(open: () => ResourceStores): void {
  const read = async (tenant: Scope, id: string): Promise<StoredResource> => {
    const stored = await open().store.get(tenant, USER, id)
    if (stored === undefined) throw new Error('There is no such user.')
    return stored
  }
  const created = async (
    tenant: Scope,
    attributes: JsonObject = { active: true },
    invites = true,
  ): Promise<{ readonly id: string; readonly since: string }> => {
    const [user, change] = creation(newResource({ userName: randomUUID(), ...attributes }))
    await open().store.create(tenant, USER, user, invites ? inviting(change) : change)
    return { id: user.id, since: change.stamp.lastModified }
  }
  const setActive = async (
    tenant: Scope,
    id: string,
    active: boolean,
    invites = true,
  ): Promise<string> => {
    const before = await read(tenant, id)
    const change = aChange('put')
    const after = { ...before.attributes, active }
    const made = invites ? inviting(change) : change
    expect(await open().store.replace(tenant, USER, before, after, made)).toBe(true)
    return change.stamp.lastModified
  }
  const due = async (tenant: Scope): Promise<readonly object[]> =>
    (await open().store.listInvitations(tenant, USER, { count: 100 })).items
  const acknowledge = async (
    tenant: Scope,
    ...ids: readonly string[]
  ): Promise<readonly string[]> => open().store.acknowledge(tenant, USER, ids)

  describe('invitations', () => {
    test('are due from the first activation on, and from no other', async () => {
      const tenant = newTenant()
      const early = await created(tenant)
      const late = await created(tenant, { active: false })
      expect(await due(tenant)).toEqual([early])
      const since = await setActive(tenant, late.id, true)
      await setActive(tenant, late.id, false)
      await setActive(tenant, late.id, true)
      const both = [early, { id: late.id, since }].toSorted((a, b) => (a.id < b.id ? -1 : 1))
      expect(await due(tenant)).toEqual(both)
      expect(await due(newTenant())).toEqual([])
    })

    test('who says nothing of being active is active', async () => {
      const tenant = newTenant()
      const silent = await created(tenant, {})
      expect(await due(tenant)).toEqual([silent])
    })

    test('who was active while nobody was invited is not invited afterwards', async () => {
      const tenant = newTenant()
      const { id } = await created(tenant, { active: true }, false)
      const pending = await created(tenant, { active: false }, false)
      await setActive(tenant, id, false, false)
      await setActive(tenant, id, true)
      expect(await due(tenant)).toEqual([])
      const since = await setActive(tenant, pending.id, true)
      expect(await due(tenant)).toEqual([{ id: pending.id, since }])
    })

    test('are acknowledged once, however often that is said', async () => {
      const tenant = newTenant()
      const { id } = await created(tenant)
      const other = await created(tenant)
      const uninvited = await created(tenant, { active: false })
      const before = await read(tenant, id)
      const ids = [id, uninvited.id, 'nobody', id, 'a/b?c']
      expect(await acknowledge(tenant, ...ids)).toEqual([id])
      expect(await acknowledge(tenant, ...ids)).toEqual([id])
      expect(await due(tenant)).toEqual([other])
      const { version, lastModified } = await read(tenant, id)
      expect({ version, lastModified }).toEqual({
        version: before.version,
        lastModified: before.lastModified,
      })
      await setActive(tenant, id, false)
      await setActive(tenant, id, true)
      expect(await due(tenant)).toEqual([other])
    })

    test('an acknowledgement loses no change that was read before it', async () => {
      const tenant = newTenant()
      const { id } = await created(tenant)
      const before = await read(tenant, id)
      await acknowledge(tenant, id)
      const after = { ...before.attributes, title: 'Buyer' }
      const { store } = open()
      expect(await store.replace(tenant, USER, before, after, aChange('put'))).toBe(false)
    })

    test('go with the account', async () => {
      const tenant = newTenant()
      const { id } = await created(tenant)
      const acknowledged = await created(tenant)
      await acknowledge(tenant, acknowledged.id)
      for (const each of [id, acknowledged.id]) {
        await open().store.delete(tenant, USER, await read(tenant, each), deletion())
      }
      expect(await due(tenant)).toEqual([])
      expect(await acknowledge(tenant, id)).toEqual([])
      expect(await open().store.sweep(tenant, DEFAULT_RESOURCE_TYPES)).toBe(0)
    })

    test('who returns is not invited again, and not forgotten', async () => {
      const tenant = newTenant()
      const { store } = open()
      const invited = await created(tenant, { userName: 'ada', active: true })
      const forgotten = await created(tenant, { userName: 'bob', active: true })
      const ahead = await created(tenant, { userName: 'cy', active: false })
      await acknowledge(tenant, invited.id)
      for (const { id } of [invited, forgotten, ahead]) {
        await store.hide(tenant, USER, await read(tenant, id), deletion())
      }
      expect(await due(tenant)).toEqual([])
      const returns = async (userName: string): Promise<StoredResource> => {
        const [user, change] = creation(newResource({ userName, active: true }))
        return store.createOrRestore(tenant, USER, user, inviting(change))
      }
      expect((await returns('ada')).id).toBe(invited.id)
      expect(await due(tenant)).toEqual([])
      await returns('bob')
      expect(await due(tenant)).toEqual([forgotten])
      const { id, lastModified } = await returns('cy')
      expect(await due(tenant)).toContainEqual({ id, since: lastModified })
      const { id: newcomer } = await returns('dee')
      expect(await acknowledge(tenant, forgotten.id, newcomer)).toHaveLength(2)
    })

    test('are acknowledged of who is out of sight, too', async () => {
      const tenant = newTenant()
      const { store } = open()
      const { id } = await created(tenant, { userName: 'ada' })
      await store.hide(tenant, USER, await read(tenant, id), deletion())
      expect(await acknowledge(tenant, id)).toEqual([id])
      const [user, change] = creation(newResource({ userName: 'ada' }))
      await store.createOrRestore(tenant, USER, user, inviting(change))
      expect(await due(tenant)).toEqual([])
    })

    test('of who is brought back the one under which the person came again ends', async () => {
      const tenant = newTenant()
      const { store } = open()
      const { id } = await created(tenant, { userName: 'ada', externalId: 'e1' })
      await store.hide(tenant, USER, await read(tenant, id), deletion())
      const hidden = await store.getHidden(tenant, USER, id)
      const again = await created(tenant, { userName: 'ada', externalId: 'e2' })
      const returner = await read(tenant, again.id)
      if (hidden === undefined) throw new Error('It is not hidden.')
      const change = inviting(aChange('restore'))
      await store.restore(tenant, USER, hidden, returner.attributes, change, returner)
      const [only, ...others] = await due(tenant)
      expect(only).toMatchObject({ id })
      expect(others).toEqual([])
    })

    test.each([
      ['invited', 'invited', 'due of the first'],
      ['acknowledged', 'invited', 'acknowledged'],
      ['invited', 'acknowledged', 'acknowledged'],
      ['ahead', 'acknowledged', 'acknowledged'],
      ['ahead', 'invited', 'due of the second'],
      ['invited', 'ahead', 'due of the first'],
      ['ahead', 'ahead', 'ahead'],
      ['uninvited', 'invited', 'none'],
      ['uninvited', 'acknowledged', 'acknowledged'],
      ['ahead', 'uninvited', 'none'],
    ] as const)('of two who are joined, %s and %s: %s', async (first, second, expected) => {
      const tenant = newTenant()
      const { store } = open()
      const made = async (
        externalId: string,
        state: string,
      ): Promise<{ id: string; since: string }> => {
        const attributes = { userName: 'ada', externalId, active: state !== 'ahead' }
        const each = await created(tenant, attributes, state !== 'uninvited')
        if (state === 'acknowledged') await acknowledge(tenant, each.id)
        return each
      }
      const one = await made('e1', first)
      await store.hide(tenant, USER, await read(tenant, one.id), deletion())
      const hidden = await store.getHidden(tenant, USER, one.id)
      const other = await made('e2', second)
      const returner = await read(tenant, other.id)
      if (hidden === undefined) throw new Error('It is not hidden.')
      const { attributes } = returner
      await store.restore(tenant, USER, hidden, attributes, inviting(aChange('restore')), returner)
      const since = expected === 'due of the first' ? one.since : other.since
      expect(await due(tenant)).toEqual(expected.startsWith('due') ? [{ id: one.id, since }] : [])
      const isKnown = expected.startsWith('due') || expected === 'acknowledged'
      expect(await acknowledge(tenant, one.id, other.id)).toEqual(isKnown ? [one.id] : [])
      await setActive(tenant, one.id, false)
      const again = await setActive(tenant, one.id, true)
      expect(await due(tenant)).toEqual(expected === 'ahead' ? [{ id: one.id, since: again }] : [])
    })

    test('come page by page', async () => {
      const tenant = newTenant()
      const all = await Promise.all(Array.from({ length: 7 }, async () => created(tenant)))
      const found: object[] = []
      let after: string | undefined
      do {
        const query = after === undefined ? { count: 3 } : { count: 3, after }
        const { items, next } = await open().store.listInvitations(tenant, USER, query)
        expect(items.length).toBeLessThanOrEqual(3)
        found.push(...items)
        after = next
      } while (after !== undefined)
      expect(found).toEqual(all.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
    })
  })
}
