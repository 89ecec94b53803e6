import { describe, expect, test } from 'vitest'
import { withDefinitions } from '../../lib/scim/attribute-definition.ts'
import { defaultResourceTypes, USER } from '../../lib/scim/default-resource-types.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { parseSort } from '../../lib/scim/sort.ts'
import { URN } from '../../lib/scim/urn.ts'
import type { ResourceStore, Scope } from '../../lib/storage/port.ts'
import { aChange, creation, replacement } from '../support/changes.ts'
import { aDefinition, SURVEY } from '../support/definitions.ts'
import { refusalOf, said } from '../support/refusal.ts'
import { changed, filterOf, newTenant, newUser, type ResourceStores } from './resource-store.ts'

const PEOPLE = URN.peopleUser
const OURS = 'urn:ietf:params:scim:schemas:extension:northwind:2.0:User'

const definitions = [
  aDefinition('costCentre'),
  aDefinition('badge', { unique: true }),
  aDefinition('score', { type: 'integer', schema: SURVEY }),
]
const DECLARED = withDefinitions(USER, definitions)
const [RENAMED = USER] = defaultResourceTypes(OURS)

const VALUES = {
  [PEOPLE]: { level: 'Senior', costCentre: '4711' },
  [SURVEY]: { score: 5 },
}

/** All ways in which a store hands out a resource. */
async function readings(
  store: ResourceStore,
  tenant: Scope,
  resourceType: ResourceType,
  id: string,
): Promise<readonly (StoredResource | undefined)[]> {
  const filter = filterOf('active pr', resourceType)
  const sort = parseSort(resourceType, { sortBy: 'title' })
  if (sort === undefined) throw new Error('There is no order.')
  const page = { startIndex: 1, count: 10 }
  const [byId, all, listed, found, from, ordered] = await Promise.all([
    store.get(tenant, resourceType, id),
    store.getAll(tenant, resourceType, [id]),
    store.list(tenant, resourceType, page),
    store.list(tenant, resourceType, { ...page, filter }),
    store.listFrom(tenant, resourceType, { count: 10 }),
    store.sorted(tenant, resourceType, { sort }),
  ])
  const [first] = ordered
  return [byId, ...all, ...listed.resources, ...found.resources, ...from.resources, first?.stored]
}

/** What a store does with attributes that a resource type has, has under another URN, or has no longer. */
export function hiddenAttributesContract(open: () => ResourceStores): void {
  const created = async (attributes: JsonObject = VALUES): Promise<[Scope, string]> => {
    const tenant = newTenant()
    const user = newUser('ada', { active: true, ...attributes })
    await open().store.create(tenant, DECLARED, ...creation(user))
    return [tenant, user.id]
  }
  const read = async (
    tenant: Scope,
    resourceType: ResourceType,
    id: string,
  ): Promise<StoredResource> => {
    const stored = await open().store.get(tenant, resourceType, id)
    if (stored === undefined) throw new Error('There is no such user.')
    return stored
  }
  const replaced = async (
    tenant: Scope,
    resourceType: ResourceType,
    before: StoredResource,
    attributes: JsonObject,
  ): Promise<void> => {
    const change = replacement(changed(before, attributes))
    expect(await open().store.replace(tenant, resourceType, before, ...change)).toBe(true)
  }

  describe('attributes of a tenant', () => {
    test('are read as they were written, in every way', async () => {
      const [tenant, id] = await created()
      const all = await readings(open().store, tenant, DECLARED, id)
      expect(all).toHaveLength(6)
      for (const stored of all) {
        expect(stored?.attributes).toEqual({ userName: 'ada', active: true, ...VALUES })
        expect(stored).not.toHaveProperty('hidden')
      }
    })

    test('are under the URN that the setting has now', async () => {
      const [tenant, id] = await created()
      const type = withDefinitions(RENAMED, definitions)
      for (const stored of await readings(open().store, tenant, type, id)) {
        expect(stored?.attributes).toMatchObject({ [OURS]: VALUES[PEOPLE], [SURVEY]: { score: 5 } })
      }
      const page = { startIndex: 1, count: 1 }
      const filter = filterOf(`${OURS}:costCentre eq "4711"`, type)
      const { totalResults } = await open().store.list(tenant, type, { ...page, filter })
      expect(totalResults).toBe(1)
    })

    test('are hidden when they are no longer declared, in every way', async () => {
      const [tenant, id] = await created()
      for (const stored of await readings(open().store, tenant, USER, id)) {
        expect(stored?.attributes).toEqual({
          userName: 'ada',
          active: true,
          [PEOPLE]: { level: 'Senior' },
        })
      }
    })

    test('come back when they are declared again, whatever was changed meanwhile', async () => {
      const [tenant, id] = await created()
      await replaced(tenant, USER, await read(tenant, USER, id), { userName: 'bob' })
      await replaced(tenant, USER, await read(tenant, USER, id), { userName: 'eve', title: 'x' })
      const stored = await read(tenant, DECLARED, id)
      expect(stored.attributes).toEqual({
        userName: 'eve',
        title: 'x',
        [PEOPLE]: { costCentre: '4711' },
        [SURVEY]: { score: 5 },
      })
      await replaced(tenant, DECLARED, stored, { userName: 'eve' })
      expect((await read(tenant, DECLARED, id)).attributes).toEqual({ userName: 'eve' })
      expect(await read(tenant, USER, id)).not.toHaveProperty('hidden')
    })

    test('are gone when they are taken out of what is hidden', async () => {
      const [tenant, id] = await created()
      const { hidden: _, ...before } = await read(tenant, USER, id)
      await replaced(tenant, USER, before, { ...before.attributes, title: 'x' })
      expect((await read(tenant, DECLARED, id)).attributes).toEqual({
        userName: 'ada',
        active: true,
        title: 'x',
        [PEOPLE]: { level: 'Senior' },
      })
    })

    test('are found by a unique value under both URNs, and no second one is taken', async () => {
      const [tenant] = await created({ [PEOPLE]: { badge: 'B-1' } })
      const type = withDefinitions(RENAMED, definitions)
      const again = newUser('bob', { [OURS]: { badge: 'b-1' } })
      const refusal = await refusalOf(() =>
        open().store.create(tenant, type, again, aChange('create')),
      )
      expect(said(refusal)).toMatch(/^uniqueness: Another User has this \S+:badge: /)
    })
  })
}
