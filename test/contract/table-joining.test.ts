import { RestError } from '@azure/data-tables'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DEFAULT_RESOURCE_TYPES, GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../lib/scim/resource.ts'
import type { Change, JournalOperation, MembersOutcome, Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { type Tables } from '../../lib/storage/table/tables.ts'
import { aChange, aStamp, creation, deletion, scopeOf } from '../support/changes.ts'
import { tableJournal } from '../support/journal.ts'
import { tableService, type TableService } from '../support/table-service/service.ts'
import { madeTables, tablesOf } from '../support/table-service/tables.ts'
import type { Transport } from '../support/tables.ts'
import { user } from './membership-store.ts'
import { newResource } from './resource-store.ts'

const TENANT: Scope = scopeOf('joining')

let service: TableService
let tables: Tables
let stores: TableStores

beforeEach(async () => {
  service = tableService()
  tables = await madeTables(service)
  stores = tableStores(tables)
})

afterEach(() => {
  vi.useRealTimers()
})

/** A change of this moment: the time of a mark tells how long it stays. */
function now(operation: JournalOperation): Change {
  return aChange(operation, { ...aStamp(), lastModified: new Date().toISOString() })
}

/** Somebody who has come again, and the hidden account. */
interface Two {
  readonly hidden: StoredResource
  readonly returner: StoredResource
}

async function two(): Promise<Two> {
  const { resources } = stores
  const created = async (externalId: string): Promise<StoredResource> => {
    const resource = newResource({ userName: 'ada', externalId, active: true })
    const { id } = await resources.createOrRestore(TENANT, USER, ...creation(resource))
    const stored = await resources.get(TENANT, USER, id)
    if (stored === undefined) throw new Error('There is no such user.')
    return stored
  }
  const before = await created('e1')
  await resources.hide(TENANT, USER, before, deletion())
  const hidden = await resources.getHidden(TENANT, USER, before.id)
  if (hidden === undefined) throw new Error('It is not hidden.')
  return { hidden, returner: await created('e2') }
}

async function joined(
  resources: TableStores['resources'],
  { hidden, returner }: Two,
  change = now('restore'),
): Promise<unknown> {
  const { attributes } = returner
  return resources.restore(TENANT, USER, hidden, attributes, change, returner)
}

async function aGroup(displayName: string): Promise<string> {
  const group = newResource({ displayName })
  await stores.resources.create(TENANT, GROUP, ...creation(group))
  return group.id
}

async function aTeam(name: string): Promise<string> {
  const { id } = newResource({})
  await stores.teams.create(TENANT, { id, name }, aChange('create'))
  return id
}

async function inGroup(
  groupId: string,
  id: string,
  to: 'add' | 'remove' = 'add',
): Promise<MembersOutcome> {
  const add = to === 'add' ? [user(id)] : []
  const remove = to === 'add' ? [] : [id]
  return stores.memberships.changeMembers(TENANT, groupId, { add, remove }, now('members'))
}

async function inTeam(teamId: string, personId: string): Promise<void> {
  const change = now('members')
  await stores.teams.changeMember(TENANT, teamId, { personId, to: 'present' }, change)
}

/** What somebody is in, from the side of the person and from that of the groups and teams. */
async function placesOf(id: string, all: readonly string[]): Promise<readonly string[]> {
  const groups = await stores.memberships.groupsOf(TENANT, [id])
  const teams = await stores.teams.teamsOf(TENANT, [id])
  const found = [...(groups.get(id) ?? []), ...(teams.get(id) ?? [])].toSorted()
  const shown = await Promise.all(
    all.map(async (each) => {
      const { items } = await stores.teams.members(TENANT, each, { count: 10 })
      return items.some((member) => member.id === id) ? [each] : []
    }),
  )
  expect(shown.flat().toSorted()).toEqual(found)
  return found
}

const sweep = (): Promise<number> => stores.resources.sweep(TENANT, DEFAULT_RESOURCE_TYPES)

/** Does something just before the request of that number arrives. */
function beforeRequest(number: number, something: () => Promise<unknown>): Transport {
  let count = 0
  return async (request, next) => {
    count += 1
    if (count === number) await something()
    return next(request)
  }
}

/** The instance dies at the request of that number: it is carried out, or not. */
function dyingAt(number: number, isCarriedOut: boolean): Transport {
  let count = 0
  return async (request, next) => {
    count += 1
    if (count === number && isCarriedOut) await next(request)
    if (count >= number) throw new RestError('no route', { code: 'EHOSTUNREACH', request })
    return next(request)
  }
}

/** More than one takes. */
const REQUESTS = Array.from({ length: 26 }, (_, at) => at + 1)

describe('who has come again and is joined with the old account', () => {
  test.each(REQUESTS)('loses nothing that either side says before request %i', async (number) => {
    const [group, later, team, laterTeam] = [
      await aGroup('a'),
      await aGroup('b'),
      await aTeam('c'),
      await aTeam('d'),
    ]
    const places = [group, later, team, laterTeam]
    const both = await two()
    const [heir, id] = [both.hidden.id, both.returner.id]
    await inGroup(group, id)
    await inTeam(team, id)
    let isSaid = false
    const racing = tableStores(
      await tablesOf(
        service,
        beforeRequest(number, async () => {
          await inGroup(later, id)
          await inTeam(laterTeam, id)
          isSaid = true
        }),
      ),
    )
    await joined(racing.resources, both)
    // What is said behind the last look is found by whoever looks after interrupted deletions.
    expect(await sweep()).toBe(0)
    expect(await placesOf(id, places)).toEqual([])
    expect(await placesOf(heir, places)).toEqual((isSaid ? places : [group, team]).toSorted())
  })

  test.each(REQUESTS)('is in nothing that was left before request %i', async (number) => {
    const group = await aGroup('a')
    const both = await two()
    const [heir, id] = [both.hidden.id, both.returner.id]
    await inGroup(group, id)
    let isLeft = false
    const racing = tableStores(
      await tablesOf(
        service,
        beforeRequest(number, async () => {
          isLeft = (await inGroup(group, id, 'remove')) === 'changed'
        }),
      ),
    )
    await joined(racing.resources, both)
    expect(await placesOf(id, [group])).toEqual([])
    expect(await placesOf(heir, [group])).toEqual(isLeft ? [] : [group])
  })

  test.each(REQUESTS.flatMap((each) => [[each, true] as const, [each, false] as const]))(
    'has all of it where the instance dies at request %i, carried out: %s',
    async (number, isCarriedOut) => {
      const places = [await aGroup('a'), await aGroup('b'), await aTeam('c')]
      const [first = '', second = '', team = ''] = places
      const both = await two()
      const [heir, id] = [both.hidden.id, both.returner.id]
      await inGroup(first, id)
      await inGroup(second, id)
      await inGroup(second, heir)
      await inTeam(team, id)
      const dying = tableStores(await tablesOf(service, dyingAt(number, isCarriedOut)))
      const change = now('restore')
      await joined(dying.resources, both, change).catch(() => undefined)
      await sweep()
      const isJoined = (await stores.resources.get(TENANT, USER, heir)) !== undefined
      const [who, nobody] = isJoined ? [heir, id] : [id, heir]
      expect(await placesOf(who, places)).toEqual(places.toSorted())
      expect(await placesOf(nobody, places)).toEqual(isJoined ? [] : [second])
      const journal = await tableJournal(tables)(TENANT, 'groups')
      const told = journal.filter(({ request }) => request === change.requestId)
      expect(told).toHaveLength(isJoined ? 3 : 0)
    },
  )

  test('is in nothing any more when the old account has gone as well', async () => {
    const group = await aGroup('a')
    const both = await two()
    await joined(stores.resources, both)
    const heir = await stores.resources.get(TENANT, USER, both.hidden.id)
    if (heir === undefined) throw new Error('It is not there.')
    await stores.resources.delete(TENANT, USER, heir, now('delete'))
    await inGroup(group, both.returner.id)
    await sweep()
    expect(await placesOf(both.returner.id, [group])).toEqual([])
    expect(await placesOf(heir.id, [group])).toEqual([])
  })

  test('has what is said of the new one for ten minutes, as often as it is said', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const group = await aGroup('a')
    const both = await two()
    const [heir, id] = [both.hidden.id, both.returner.id]
    await joined(stores.resources, both)
    for (let time = 1; time <= 2; time += 1) {
      vi.setSystemTime(Date.now() + 4 * 60_000)
      await inGroup(group, id)
      expect(await sweep()).toBe(0)
      expect(await placesOf(heir, [group])).toEqual([group])
      expect(await placesOf(id, [group])).toEqual([])
      await inGroup(group, heir, 'remove')
    }
    vi.setSystemTime(Date.now() + 4 * 60_000)
    expect(await sweep()).toBe(1)
    expect(await sweep()).toBe(0)
  })
})
