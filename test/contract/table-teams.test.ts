import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GROUP } from '../../lib/scim/default-resource-types.ts'
import type { Scope } from '../../lib/storage/port.ts'
import type { Team } from '../../lib/storage/team-port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { startAzurite } from '../support/azurite.ts'
import { aChange, deletion } from '../support/changes.ts'
import { refusalOf } from '../support/refusal.ts'
import {
  before,
  isTransaction,
  losingAllAnswers,
  losingAnswerAfter,
  requestMeter,
  tablesThrough,
  type Request,
  type Transport,
} from '../support/tables.ts'
import { aTenant, expectMembers, idsOf, user, users } from './membership-store.ts'
import {
  aGroup,
  aTeam,
  aTeamChange,
  groupCreation,
  membersOf,
  moved,
  removeGroup,
  teamStoreContract,
} from './team-store.ts'

let azurite: Awaited<ReturnType<typeof startAzurite>>
let tables: Tables
let stores: TableStores
const meter = requestMeter()

beforeAll(async () => {
  azurite = await startAzurite()
  tables = await tablesThrough(azurite.connectionString, undefined, meter)
  await createTables(tables)
  stores = tableStores(tables)
})

afterAll(() => azurite.stop())

async function through(transport: Transport): Promise<TableStores> {
  return tableStores(await tablesThrough(azurite.connectionString, transport))
}

describe('teams in Table Storage', () => {
  teamStoreContract(() => stores)
})

/** The rows of a tenant but the journal, by their keys. */
async function rowsOf({ partitionKey }: Scope): Promise<readonly string[]> {
  const filter = `PartitionKey eq '${partitionKey}'`
  const keys: string[] = []
  for await (const { rowKey = '' } of tables.groups.listEntities({ queryOptions: { filter } })) {
    if (!rowKey.startsWith('journal:')) keys.push(rowKey)
  }
  return keys
}

async function namesOf(tenant: Scope): Promise<readonly unknown[]> {
  const { resources } = await stores.resources.list(tenant, GROUP, { startIndex: 1, count: 9 })
  return resources.map(({ attributes }) => attributes['displayName'])
}

const isPosted = ({ method }: Request): boolean => method === 'POST'

const LOSSES = [
  [
    'the first answer',
    (something: () => Promise<unknown>) => losingAnswerAfter(isTransaction, something),
  ],
  ['all answers', losingAllAnswers],
] as const

const nothing = async (): Promise<undefined> => undefined

describe.each(LOSSES)('%s lost', (_, losing) => {
  test('to a team that is made: it is there once', async () => {
    const tenant = aTenant()
    const faulty = await through(losing(nothing))
    const team = await aTeam(faulty, tenant, 'Sales')
    expect(await stores.teams.all(tenant)).toEqual([team])
  })

  test('to one that is made, and was adopted before the repetition', async () => {
    const tenant = aTenant()
    const faulty = await through(losing(() => aGroup(stores, tenant, 'Sales')))
    const team = await aTeam(faulty, tenant, 'Sales')
    expect(team).toMatchObject({ name: 'Sales', adopted: true })
    expect(await namesOf(tenant)).toEqual(['Sales'])
  })

  test('to a name, a membership and a deletion', async () => {
    const tenant = aTenant()
    const team = await aTeam(stores, tenant, 'Sales')
    const renaming = aTeamChange('patch', team.id)
    expect(
      await (await through(losing(nothing))).teams.rename(tenant, team, 'Tours', renaming),
    ).toBe(true)
    for (const to of ['present', 'absent', 'present'] as const) {
      expect(await moved(await through(losing(nothing)), tenant, team.id, 'p', to)).toBe('changed')
    }
    const read = await stores.teams.get(tenant, team.id)
    expect(read?.name).toBe('Tours')
    const deleting = aTeamChange('delete', team.id)
    expect(
      read && (await (await through(losing(nothing))).teams.delete(tenant, read, deleting)),
    ).toBe(true)
    expect(await stores.teams.all(tenant)).toEqual([])
    expect(await stores.teams.teamsOf(tenant, ['p'])).toEqual(new Map())
  })

  test('to a group that adopts: it has the id of the team, once', async () => {
    const tenant = aTenant()
    const team = await aTeam(stores, tenant, 'Sales')
    expect(await aGroup(await through(losing(nothing)), tenant, 'Sales')).toBe(team.id)
    expect(await namesOf(tenant)).toEqual(['Sales'])
  })

  test('to one that was deleted before the repetition: it adopts once', async () => {
    const tenant = aTenant()
    const team = await aTeam(stores, tenant, 'Sales')
    const faulty = await through(losing(() => removeGroup(stores, tenant, team.id)))
    expect(await aGroup(faulty, tenant, 'Sales')).toBe(team.id)
    expect(await namesOf(tenant)).toEqual([])
    expect(await stores.teams.get(tenant, team.id)).toMatchObject({ adopted: false })
  })

  test('to one beside which the team was made before the repetition', async () => {
    const tenant = aTenant()
    const making = async (): Promise<string> =>
      (await refusalOf(() => aTeam(stores, tenant, 'Sales'))).kind
    const told: string[] = []
    const faulty = await through(losing(async () => told.push(await making())))
    const id = await aGroup(faulty, tenant, 'Sales')
    expect(told).toEqual(['uniqueness'])
    expect(await stores.resources.get(tenant, GROUP, id)).toBeDefined()
    expect(await stores.teams.all(tenant)).toEqual([])
  })

  test('to the deletion of an adopted group', async () => {
    const tenant = aTenant()
    const team = await aTeam(stores, tenant, 'Sales')
    await aGroup(stores, tenant, 'Sales')
    const add = users(60)
    await stores.memberships.changeMembers(tenant, team.id, { add, remove: [] }, aChange('members'))
    await removeGroup(await through(losing(nothing)), tenant, team.id)
    expect(await stores.teams.get(tenant, team.id)).toMatchObject({ adopted: false })
    expect(await rowsOf(tenant)).toEqual([
      expect.stringMatching(/^count:/),
      `team:${team.id}`,
      'teamname:sales',
    ])
  })
})

describe('of a group and a team that get the same name at the same moment', () => {
  // The requests of one: the other is there as a whole just before each of them.
  test.each([1, 2, 3])(
    'the team is adopted or refused, before request %i of the group',
    async (n) => {
      const tenant = aTenant()
      let made: Team | undefined
      let requests = 0
      const isNext = (): boolean => (requests += 1) === n
      const making = async (): Promise<void> => {
        made = await aTeam(stores, tenant, 'Sales')
      }
      const id = await aGroup(await through(before(isNext, making)), tenant, 'Sales')
      expect(made?.id).toBe(id)
      expect(await stores.teams.all(tenant)).toMatchObject([{ id, adopted: true }])
      expect(await namesOf(tenant)).toEqual(['Sales'])
    },
  )

  test.each([1, 2, 3])('and before request %i of the team', async (n) => {
    const tenant = aTenant()
    let group = ''
    let requests = 0
    const isNext = (): boolean => (requests += 1) === n
    const creating = async (): Promise<void> => {
      group = await aGroup(stores, tenant, 'Sales')
    }
    const faulty = await through(before(isNext, creating))
    const refused = await refusalOf(() => aTeam(faulty, tenant, 'Sales'))
    expect(refused).toMatchObject({ kind: 'uniqueness' })
    expect(refused.detail).toContain(group)
    expect(await stores.teams.all(tenant)).toEqual([])
    expect(await namesOf(tenant)).toEqual(['Sales'])
  })

  test('of two groups one adopts, and the other is refused', async () => {
    const tenant = aTenant()
    const team = await aTeam(stores, tenant, 'Sales')
    const faulty = await through(before(isPosted, () => aGroup(stores, tenant, 'Sales')))
    const refused = await refusalOf(() => aGroup(faulty, tenant, 'Sales'))
    expect(refused).toMatchObject({ kind: 'uniqueness' })
    expect(refused.detail).toContain(team.id)
    expect(await namesOf(tenant)).toEqual(['Sales'])
  })

  test('a team that goes at that moment is not adopted, nor is one that gets another name', async () => {
    const tenant = aTenant()
    const team = await aTeam(stores, tenant, 'Sales')
    const going = (): Promise<unknown> =>
      stores.teams.delete(tenant, team, aTeamChange('delete', team.id))
    expect(await aGroup(await through(before(isPosted, going)), tenant, 'Sales')).not.toBe(team.id)
    const other = await aTeam(stores, tenant, 'Tours')
    const renaming = (): Promise<unknown> =>
      stores.teams.rename(tenant, other, 'X', aTeamChange('patch', other.id))
    const id = await aGroup(await through(before(isPosted, renaming)), tenant, 'Tours')
    expect(await stores.teams.all(tenant)).toMatchObject([{ id: other.id, name: 'X' }])
    expect(id).not.toBe(other.id)
  })
})

async function anAdoptedGroup(tenant: Scope, members: number): Promise<string> {
  await aTeam(stores, tenant, 'Sales')
  const id = await aGroup(stores, tenant, 'Sales')
  await stores.memberships.changeMembers(
    tenant,
    id,
    { add: users(members), remove: [] },
    aChange('members'),
  )
  return id
}

/** Fails behind the transaction that deletes. */
const interrupting = (): Transport => {
  let isDeleted = false
  return async (request, next) => {
    if (isDeleted) throw new Error('interrupted')
    const response = await next(request)
    isDeleted = isTransaction(request)
    return response
  }
}

async function interrupted(tenant: Scope, members: number): Promise<string> {
  const id = await anAdoptedGroup(tenant, members)
  const stored = await stores.resources.get(tenant, GROUP, id)
  const { resources } = await through(interrupting())
  const deleting = stored && resources.delete(tenant, GROUP, stored, deletion())
  await expect(deleting).rejects.toThrow('interrupted')
  return id
}

describe('the clean-up behind an adopted group', () => {
  test.each([
    ['a sweep', async (tenant: Scope) => stores.resources.sweep(tenant, [GROUP])],
    [
      'the next DELETE',
      async (tenant: Scope, id: string) => stores.resources.finishDelete(tenant, GROUP, id),
    ],
  ])('is finished by %s', async (_, finish) => {
    const tenant = aTenant()
    const id = await interrupted(tenant, 60)
    await finish(tenant, id)
    expect(await rowsOf(tenant)).toEqual([
      expect.stringMatching(/^count:/),
      `team:${id}`,
      'teamname:sales',
    ])
  })

  test('is finished by the group that adopts the team next', async () => {
    const tenant = aTenant()
    const id = await interrupted(tenant, 60)
    expect(await aGroup(stores, tenant, 'Sales')).toBe(id)
    await expectMembers(stores, tenant, id, [])
  })

  test('removes nothing of that group when it is late', async () => {
    const tenant = aTenant()
    const id = await anAdoptedGroup(tenant, 3)
    const [member = user()] = users(1)
    const again = async (): Promise<void> => {
      expect(await aGroup(stores, tenant, 'Sales')).toBe(id)
      const add = [member]
      await stores.memberships.changeMembers(tenant, id, { add, remove: [] }, aChange('members'))
    }
    // Behind the transaction that deletes, just before each of those that clear away.
    for (const n of [2, 3]) {
      let transactions = 0
      const isLate = (request: Request): boolean => {
        transactions += isTransaction(request) ? 1 : 0
        return transactions === n && isTransaction(request)
      }
      await removeGroup(await through(before(isLate, again)), tenant, id)
      await expectMembers(stores, tenant, id, idsOf([member]))
      expect(await namesOf(tenant)).toEqual(['Sales'])
      expect(await stores.teams.get(tenant, id)).toMatchObject({ adopted: true })
    }
    expect(await membersOf(stores, tenant, id)).toHaveLength(1)
  })
})

test('groups in a row take as many round trips as without teams: two each', async () => {
  const tenant = aTenant()
  for (let n = 0; n < 300; n += 1) {
    const [resource, change] = groupCreation(`Group ${n}`)
    const counted = await meter.count(async () =>
      stores.resources.create(tenant, GROUP, resource, change),
    )
    expect(counted).toMatchObject({ roundTrips: 2, calls: 3 })
  }
})

describe('groups like many names', () => {
  const NAMES = Array.from({ length: 150 }, (_, n) => `Crew ${n % 3} of ${n}`)

  test('are found by one read where groups are few', async () => {
    const tenant = aTenant()
    const like = await aGroup(stores, tenant, 'CREW  1 of 1')
    await aGroup(stores, tenant, 'Crew')
    const counted = await meter.count(() => stores.teams.groupsLike(tenant, NAMES))
    expect(counted).toMatchObject({ calls: 1, roundTrips: 1 })
    expect([...counted.result]).toEqual([['Crew 1 of 1', [like]]])
    const one = await meter.count(() => stores.teams.groupsLike(tenant, ['Crew']))
    expect(one).toMatchObject({ calls: 1 })
    expect(one.result.size).toBe(1)
  })

  test('are looked up one by one where others are between them', async () => {
    const tenant = aTenant()
    const { partitionKey } = tenant
    const between = Array.from({ length: 1200 }, (_, n) => ({
      partitionKey,
      rowKey: `displayName:m${String(n).padStart(5, '0')}`,
      id: `m${n}`,
      value: `m${String(n).padStart(5, '0')}`,
    }))
    for (let at = 0; at < between.length; at += 100) {
      await tables.groups.submitTransaction(
        between.slice(at, at + 100).map((entity) => ['create', entity]),
      )
    }
    const ids = [await aGroup(stores, tenant, 'ZED'), await aGroup(stores, tenant, 'Abe  Abel')]
    const names = ['zed', 'Abe Abel', ...Array.from({ length: 8 }, (_, n) => `Y${n} and more`)]
    const { result, calls } = await meter.count(() => stores.teams.groupsLike(tenant, names))
    expect(new Map(result)).toEqual(
      new Map([
        ['zed', [ids[0]]],
        ['Abe Abel', [ids[1]]],
      ]),
    )
    expect(calls).toBeLessThanOrEqual(names.length + 1)
  })
})
