import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { tenantTypes } from '../../lib/people/tenant-types.ts'
import type { Stores } from '../../lib/runtime.ts'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import { peopleTypeOf } from '../../lib/scim/types-of-people.ts'
import { URN } from '../../lib/scim/urn.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { Change, Scope } from '../../lib/storage/port.ts'
import { tableStores } from '../../lib/storage/table/stores.ts'
import { aChange, creation, scopeOf } from '../support/changes.ts'
import { aDefinition } from '../support/definitions.ts'
import { refusalOf } from '../support/refusal.ts'
import { tableService } from '../support/table-service/service.ts'
import { isTransaction, losingAnswers, tablesThrough } from '../support/tables.ts'
import { storesOn } from '../support/backup.ts'
import { aTeam, groupCreation } from './team-store.ts'

const ADA: StoredResource = {
  id: '2819c223-7f76-453a-919d-413861904646',
  version: 'the-version-that-it-had',
  created: '2026-01-01T00:00:00.000Z',
  lastModified: '2026-02-02T00:00:00.000Z',
  attributes: { userName: 'ada@acme.example', externalId: 'e1', active: true },
  hidden: { people: { gone: 'what the tenant had' } },
  possibleReturner: 'f7b5a2c0-0000-4000-8000-000000000001',
  invitation: { since: '2026-01-03T00:00:00.000Z' },
}

const SALES = { ...ADA, id: randomUUID(), attributes: { displayName: 'Sales' } }

function comparable(stored: StoredResource | undefined): unknown {
  if (stored === undefined) return undefined
  const { revision: _, characters: __, indexed: ___, ...rest } = stored
  return rest
}

/** As an import makes it: its own stamp is another than what is brought has. */
function bringing(): Change {
  return aChange('create')
}

describe.each([
  ['in memory', async (): Promise<Stores> => memoryStores()],
  ['in tables', storesOn],
])('what is brought %s', (_, open) => {
  let stores: Stores
  let scope: Scope

  beforeEach(async () => {
    stores = await open()
    scope = scopeOf(`t-${randomUUID()}`)
  })

  test('is there as it was: version, times, marks, and what its type does not know', async () => {
    const { resources } = stores
    expect(await resources.bring(scope, USER, ADA, bringing())).toBe('brought')
    expect(comparable(await resources.get(scope, USER, ADA.id))).toEqual(ADA)
    const { items } = await resources.listInvitations(scope, USER, { count: 10 })
    expect(items).toEqual([{ id: ADA.id, since: '2026-01-03T00:00:00.000Z' }])
    const { totalResults } = await resources.list(scope, USER, { startIndex: 1, count: 0 })
    expect(totalResults).toBe(1)
  })

  test('is never in the place of what is there', async () => {
    const { resources, teams } = stores
    await resources.bring(scope, USER, ADA, bringing())
    expect(await resources.bring(scope, USER, ADA, bringing())).toBe('there')
    const other = { ...ADA, version: 'another', attributes: { userName: 'other' } }
    expect(await resources.bring(scope, USER, other, bringing())).toBe('other')
    expect(comparable(await resources.get(scope, USER, ADA.id))).toEqual(ADA)
    const hidden = { ...ADA, attributes: { ...ADA.attributes, active: false } }
    expect(await resources.bringHidden(scope, USER, hidden, bringing())).toBe('brought')
    expect(await resources.bringHidden(scope, USER, hidden, bringing())).toBe('there')
    expect(await resources.bringHidden(scope, USER, other, bringing())).toBe('other')
    expect(comparable(await resources.getHidden(scope, USER, ADA.id))).toEqual(hidden)
    const team = { ...(await aTeam(stores, scope, 'Crew')), version: 'before' }
    expect(await teams.bring(scope, team, bringing())).toBe('other')
  })

  test('does not have a name that another has', async () => {
    const { resources, teams } = stores
    await resources.bring(scope, USER, ADA, bringing())
    const twin = { ...ADA, id: randomUUID() }
    const { kind, path } = await refusalOf(() => resources.bring(scope, USER, twin, bringing()))
    expect([kind, path]).toEqual(['uniqueness', 'userName'])
    const team = await aTeam(stores, scope, 'Crew')
    const other = { ...team, id: randomUUID() }
    expect((await refusalOf(() => teams.bring(scope, other, bringing()))).kind).toBe('uniqueness')
  })

  test('comes to what was rehearsed, of which nothing is written', async () => {
    const { resources } = stores
    const rehearsed = async (each: StoredResource): Promise<unknown> =>
      resources.rehearse(scope, USER, each)
    expect(await rehearsed(ADA)).toBe('brought')
    expect(await resources.get(scope, USER, ADA.id)).toBeUndefined()
    await resources.bring(scope, USER, ADA, bringing())
    expect(await rehearsed(ADA)).toBe('there')
    expect(await rehearsed({ ...ADA, version: 'later' })).toBe('other')
    const twin = { ...ADA, id: randomUUID() }
    const refusal = await refusalOf(() => rehearsed(twin))
    expect(refusal).toEqual(await refusalOf(() => resources.bring(scope, USER, twin, bringing())))
    const hidden = { ...ADA, id: randomUUID() }
    expect(await resources.rehearseHidden(scope, USER, hidden)).toBe('brought')
    expect(await resources.getHidden(scope, USER, hidden.id)).toBeUndefined()
    await resources.bringHidden(scope, USER, hidden, bringing())
    expect(await resources.rehearseHidden(scope, USER, hidden)).toBe('there')
    const large = { ...ADA, id: 'large', attributes: { userName: 'x', title: 'x'.repeat(490_000) } }
    for (const rehearse of [
      rehearsed,
      (each: StoredResource) => resources.rehearseHidden(scope, USER, each),
    ]) {
      expect((await refusalOf(() => rehearse(large))).kind).toBe('invalidValue')
    }
  })

  test('has unique values, whose error is that of the store', async () => {
    const { resources, teams } = stores
    const attributes = { userName: 'ADA@acme.example', active: false }
    const inactive = { ...ADA, attributes }
    const twin = { ...ADA, id: randomUUID() }
    const [value, ...others] = resources.uniqueValues(USER, inactive)
    expect(others).toEqual([])
    expect(resources.uniqueValues(USER, twin).map(({ key }) => key)).toEqual([value?.key])
    await resources.bring(scope, USER, inactive, bringing())
    expect(await refusalOf(() => resources.bring(scope, USER, twin, bringing()))).toEqual(
      value?.taken(),
    )
    const group = { ...SALES, attributes: { displayName: 'sALES' } }
    expect(resources.uniqueValues(GROUP, group).map(({ key }) => key)).toEqual(
      resources.uniqueValues(GROUP, SALES).map(({ key }) => key),
    )
    const { version, created, lastModified } = ADA
    const team = { id: 'one', name: 'Crew', version, created, lastModified, adopted: true }
    const other = { ...team, id: 'other', name: 'CREW' }
    expect(teams.uniqueName(other).key).toBe(teams.uniqueName(team).key)
    await teams.bring(scope, team, bringing())
    expect(await refusalOf(() => teams.bring(scope, other, bringing()))).toEqual(
      teams.uniqueName(team).taken(),
    )
  })

  test('has a value that another has only while its index is filled', async () => {
    const { resources } = stores
    const since = '2026-01-01T00:00:00.000Z'
    const typeWith = (complete: boolean): typeof USER => {
      const index = { written: ['unique' as const], complete, since, leftovers: false, clashes: [] }
      const types = tenantTypes(DEFAULT_RESOURCE_TYPES)
      return peopleTypeOf(types([aDefinition('badge', { unique: true, index })], []))
    }
    const named = (userName: string): StoredResource => {
      const attributes = { userName, [URN.peopleUser]: { badge: '7' } }
      return { id: randomUUID(), version: 'v', created: since, lastModified: since, attributes }
    }
    const [one, two] = [named('one'), named('two')]
    await resources.bring(scope, typeWith(true), one, bringing())
    const { kind } = await refusalOf(() => resources.bring(scope, typeWith(true), two, bringing()))
    expect(kind).toBe('uniqueness')
    expect(await resources.bring(scope, typeWith(false), two, bringing())).toBe('brought')
    expect(comparable(await resources.get(scope, typeWith(false), two.id))).toEqual(two)
    const { clashes } = await resources.reindex(scope, typeWith(false), { count: 10 })
    const found = clashes.map(({ ids }) => ids.toSorted())
    expect(found).toContainEqual([one.id, two.id].toSorted())
  })

  test('comes back by its externalId and userName when it is kept out of sight', async () => {
    const { resources } = stores
    const hidden = { ...ADA, attributes: { ...ADA.attributes, active: false } }
    await resources.bringHidden(scope, USER, hidden, bringing())
    const newcomer = { ...ADA, id: randomUUID(), attributes: { ...ADA.attributes } }
    const [arriving, change] = creation(newcomer)
    const { id } = await resources.createOrRestore(scope, USER, arriving, change)
    expect(id).toBe(ADA.id)
  })

  test('a team is what it was: adopted beside its group, or free to be adopted', async () => {
    const { resources, teams } = stores
    const { hidden: _hidden, possibleReturner: _returner, invitation: _due, ...group } = SALES
    await resources.bring(scope, GROUP, group, bringing())
    const { id, version, created, lastModified } = group
    const stamp = { version, created, lastModified }
    const adopted = { id, name: 'Sales team', ...stamp, adopted: true }
    const free = { id: randomUUID(), name: 'Tours', ...stamp, adopted: false }
    expect(await teams.bring(scope, adopted, bringing())).toBe('brought')
    expect(await teams.bring(scope, free, bringing())).toBe('brought')
    expect((await teams.all(scope)).toSorted((one) => (one.adopted ? -1 : 1))).toEqual([
      adopted,
      free,
    ])
    expect(await resources.create(scope, GROUP, ...groupCreation('Tours'))).toBe(free.id)
    const stored = await resources.get(scope, GROUP, id)
    if (stored === undefined) throw new Error('there is no group')
    await resources.delete(scope, GROUP, stored, aChange('delete'))
    expect(await teams.get(scope, id)).toMatchObject({ adopted: false })
  })

  test('members by hand are told page by page, without those of SCIM', async () => {
    const { teams, memberships } = stores
    const team = await aTeam(stores, scope, 'Tours')
    for (const personId of ['c', 'a', 'b']) {
      await teams.changeMember(scope, team.id, { personId, to: 'present' }, aChange('members'))
    }
    await stores.resources.create(scope, GROUP, ...groupCreation('Tours'))
    const add = [{ value: 'd', type: 'User' as const }]
    await memberships.changeMembers(scope, team.id, { add, remove: [] }, aChange('members'))
    const first = await teams.membersByHand(scope, team.id, { count: 2 })
    expect(first).toEqual({ ids: ['a', 'b'], more: true })
    const rest = await teams.membersByHand(scope, team.id, { after: 'b', count: 2 })
    expect(rest.ids).toEqual(['c'])
  })
})

test('what was written is recognised when the answer is lost, and is written once', async () => {
  const service = tableService()
  await storesOn(service)
  const tables = await tablesThrough(service.connectionString, undefined)
  const lost = losingAnswers(isTransaction, 'ECONNRESET', 3)
  for (const table of [tables.users, tables.groups]) {
    table.pipeline.addPolicy(
      { name: 'lost', sendRequest: async (request) => lost(request, service.sendRequest) },
      { afterPhase: 'Retry' },
    )
  }
  const { resources, teams } = tableStores(tables)
  const scope = scopeOf('lost')
  expect(await resources.bring(scope, USER, ADA, bringing())).toBe('brought')
  const hidden = { ...ADA, attributes: { ...ADA.attributes, active: false } }
  expect(await resources.bringHidden(scope, USER, hidden, bringing())).toBe('brought')
  const { created, lastModified, version } = ADA
  const team = { id: SALES.id, name: 'Sales', created, lastModified, version, adopted: false }
  expect(await teams.bring(scope, team, bringing())).toBe('brought')
  const { totalResults } = await resources.list(scope, USER, { startIndex: 1, count: 0 })
  expect(totalResults).toBe(1)
})
