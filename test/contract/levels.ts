import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { Scope } from '../../lib/storage/port.ts'
import { aChange, creation, deletion } from '../support/changes.ts'
import { newResource, newTenant, type ResourceStores } from './resource-store.ts'

function attributesWith(level: string | undefined, userName: string): JsonObject {
  return level === undefined ? { userName } : { userName, [URN.peopleUser]: { level } }
}

/** What every store counts of levels. */
export function levelsContract(open: () => ResourceStores): void {
  const hired = async (
    tenant: Scope,
    level?: string,
    userName: string = randomUUID(),
  ): Promise<StoredResource> => {
    const [user, change] = creation(newResource(attributesWith(level, userName)))
    const { id } = await open().store.createOrRestore(tenant, USER, user, change)
    return read(tenant, id)
  }
  const read = async (tenant: Scope, id: string): Promise<StoredResource> => {
    const stored = await open().store.get(tenant, USER, id)
    if (stored === undefined) throw new Error('There is no such user.')
    return stored
  }
  const promote = async (tenant: Scope, before: StoredResource, level?: string): Promise<void> => {
    const { userName } = before.attributes
    const after = attributesWith(level, typeof userName === 'string' ? userName : '')
    expect(await open().store.replace(tenant, USER, before, after, aChange('put'))).toBe(true)
  }
  const levels = async (tenant: Scope): Promise<Record<string, number>> => {
    const { levels: all, complete } = await open().store.levels(tenant, USER)
    expect(complete).toBe(true)
    return Object.fromEntries(all.map(({ name, people }) => [name, people]))
  }

  describe('levels', () => {
    test('are made when first seen, and stay when everybody has left', async () => {
      const tenant = newTenant()
      expect(await levels(tenant)).toEqual({})
      const [ann] = [
        await hired(tenant, 'Senior'),
        await hired(tenant, 'Junior'),
        await hired(tenant),
      ]
      await hired(tenant, 'Junior')
      expect(await levels(tenant)).toEqual({ Junior: 2, Senior: 1 })
      await promote(tenant, ann, 'Principal')
      expect(await levels(tenant)).toEqual({ Junior: 2, Principal: 1, Senior: 0 })
      await promote(tenant, await read(tenant, ann.id))
      await open().store.delete(tenant, USER, await read(tenant, ann.id), deletion())
      expect(await levels(tenant)).toEqual({ Junior: 2, Principal: 0, Senior: 0 })
      expect(await levels(newTenant())).toEqual({})
    })

    test('are one in any case', async () => {
      const tenant = newTenant()
      const ann = await hired(tenant, 'senior')
      await promote(tenant, ann, 'SENIOR')
      await hired(tenant, 'Senior')
      const { levels: all } = await open().store.levels(tenant, USER)
      expect(all).toMatchObject([{ people: 2 }])
    })

    test('are spelt as most have them, whoever came first', async () => {
      const tenant = newTenant()
      const people = [
        await hired(tenant, 'senior'),
        await hired(tenant, 'senior'),
        await hired(tenant, 'SENIOR'),
      ]
      expect(await levels(tenant)).toEqual({ senior: 3 })
      for (const each of people) await promote(tenant, each, 'Senior')
      expect(await levels(tenant)).toEqual({ Senior: 3 })
      await hired(tenant, 'SENIOR')
      await promote(tenant, await read(tenant, people[0]?.id ?? ''), 'SENIOR')
      expect(await levels(tenant)).toEqual({ SENIOR: 4 })
      for (const each of people) {
        await open().store.delete(tenant, USER, await read(tenant, each.id), deletion())
      }
      expect(await levels(tenant)).toEqual({ SENIOR: 1 })
    })

    test('that nobody has any more are spelt as the smallest of those that were had', async () => {
      const [tenant, other] = [newTenant(), newTenant()]
      const spellings = ['Senior', 'SENIOR', 'senior']
      for (const spelling of spellings) await promote(tenant, await hired(tenant, spelling))
      for (const spelling of spellings.toReversed())
        await promote(other, await hired(other, spelling))
      expect([await levels(tenant), await levels(other)]).toEqual([{ SENIOR: 0 }, { SENIOR: 0 }])
      await hired(tenant, 'senior')
      expect(await levels(tenant)).toEqual({ senior: 1 })
    })

    test('of a returner who joins under another spelling are spelt as the account has it now', async () => {
      const tenant = newTenant()
      const { store } = open()
      const prefix = '00'
      const [one, two] = [0, 0].map(() => prefix + randomUUID().slice(2))
      for (const [id, level] of [
        [one, 'senior'],
        [two, 'Senior'],
      ]) {
        const user = newResource(attributesWith(level, id ?? ''), id)
        await store.create(tenant, USER, ...creation(user))
      }
      await store.hide(tenant, USER, await read(tenant, one ?? ''), deletion())
      const hidden = await store.getHidden(tenant, USER, one ?? '')
      if (hidden === undefined) throw new Error('It is not hidden.')
      const returner = await read(tenant, two ?? '')
      const attributes = attributesWith('SENIOR', one ?? '')
      await store.restore(tenant, USER, hidden, attributes, aChange('restore'), returner)
      expect(await levels(tenant)).toEqual({ SENIOR: 1 })
    })

    test('are deleted when nobody has them', async () => {
      const tenant = newTenant()
      const { store } = open()
      const all = [await hired(tenant, 'Senior'), await hired(tenant, 'Senior')]
      expect(await store.deleteLevel(tenant, USER, 'SENIOR')).toEqual({ name: 'Senior', people: 2 })
      expect(await store.deleteLevel(tenant, USER, 'Junior')).toBeUndefined()
      for (const each of all) await promote(tenant, each, 'Junior')
      expect(await store.deleteLevel(tenant, USER, 'SENIOR')).toEqual({ name: 'Senior', people: 0 })
      expect(await store.deleteLevel(tenant, USER, 'Senior')).toBeUndefined()
      expect(await levels(tenant)).toEqual({ Junior: 2 })
      await hired(tenant, 'Senior')
      expect(await levels(tenant)).toEqual({ Junior: 2, Senior: 1 })
    })

    test('do not count who is out of sight', async () => {
      const tenant = newTenant()
      const { store } = open()
      const ann = await hired(tenant, 'Senior', 'ann')
      await store.hide(tenant, USER, ann, deletion())
      expect(await levels(tenant)).toEqual({ Senior: 0 })
      expect((await hired(tenant, 'Junior', 'ann')).id).toBe(ann.id)
      expect(await levels(tenant)).toEqual({ Junior: 1, Senior: 0 })
      await store.hide(tenant, USER, await read(tenant, ann.id), deletion())
      const hidden = await store.getHidden(tenant, USER, ann.id)
      if (hidden === undefined) throw new Error('It is not hidden.')
      const returner = await hired(tenant, 'Principal', 'other')
      const attributes = attributesWith('Senior', 'ann')
      await store.restore(tenant, USER, hidden, attributes, aChange('restore'), returner)
      expect(await levels(tenant)).toEqual({ Junior: 0, Principal: 0, Senior: 1 })
    })

    test('are true when many change theirs at once', async () => {
      const tenant = newTenant()
      const people = await Promise.all(
        Array.from({ length: 12 }, async (_, n) => {
          const id = `00${randomUUID().slice(2)}`
          const user = newResource(attributesWith(`L${n % 3}`, id), id)
          await open().store.create(tenant, USER, ...creation(user))
          return read(tenant, id)
        }),
      )
      await Promise.all(people.map(async (each, n) => promote(tenant, each, `L${n % 2}`)))
      expect(await levels(tenant)).toEqual({ L0: 6, L1: 6, L2: 0 })
    })
  })
}
