import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Scope } from '../../lib/storage/port.ts'
import { tableStores, type TableStores } from '../../lib/storage/table/stores.ts'
import { createTables, type Tables } from '../../lib/storage/table/tables.ts'
import { teamOfKey } from '../../lib/storage/team-keys.ts'
import { startAzurite } from '../support/azurite.ts'
import { requestMeter, tablesThrough } from '../support/tables.ts'
import { aTenant, idsOf, users } from './membership-store.ts'
import { aTeam, moved } from './team-store.ts'

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

/** Writes one direction of memberships, a hundred at a time: for tests that need many. */
async function putMany(
  { partitionKey }: Scope,
  teamId: string,
  people: readonly string[],
): Promise<void> {
  const rows = people.map((personId) => {
    return { partitionKey, rowKey: teamOfKey(personId, teamId), personId, teamId }
  })
  for (let start = 0; start < rows.length; start += 100) {
    const batch = rows.slice(start, start + 100)
    await tables.groups.submitTransaction(batch.map((row) => ['create', row]))
  }
}

describe('the teams that people were put into by hand', () => {
  test('of a page of a hundred, few of whom are in any, are one read', async () => {
    const tenant = aTenant()
    const [sales, choir] = [
      await aTeam(stores, tenant, 'Sales'),
      await aTeam(stores, tenant, 'Choir'),
    ]
    const page = idsOf(users(100))
    const [first = '', , third = '', ...rest] = page
    const last = rest.at(-1) ?? ''
    for (const id of [first, third, last]) await moved(stores, tenant, sales.id, id)
    await moved(stores, tenant, choir.id, third)
    const counted = await meter.count(async () => stores.teams.teamsOf(tenant, page))
    expect(counted).toMatchObject({ calls: 1, roundTrips: 1 })
    const both = [sales.id, choir.id].toSorted()
    expect(counted.result).toEqual(
      new Map([
        [first, [sales.id]],
        [third, both],
        [last, [sales.id]],
      ]),
    )
    const shuffled = await stores.teams.teamsOf(tenant, [...page.toReversed(), first])
    expect(shuffled).toEqual(counted.result)
  })

  test('of nobody are no read, and of up to three people one each, all at once', async () => {
    const tenant = aTenant()
    const { id } = await aTeam(stores, tenant, 'Sales')
    const [one = '', two = '', three = ''] = idsOf(users(3))
    await moved(stores, tenant, id, two)
    const none = await meter.count(async () => stores.teams.teamsOf(tenant, []))
    expect(none).toMatchObject({ calls: 0, result: new Map() })
    const few = await meter.count(async () => stores.teams.teamsOf(tenant, [one, two, three]))
    expect(few).toMatchObject({ calls: 3, roundTrips: 1, result: new Map([[two, [id]]]) })
  })

  test('of people far apart among many are asked for one by one behind the first page', async () => {
    const tenant = aTenant()
    const people = idsOf(users(3000))
    await putMany(tenant, 'team', people)
    const sparse = people.filter((_, index) => index % 300 === 0)
    const counted = await meter.count(async () => stores.teams.teamsOf(tenant, sparse))
    expect(counted.result).toEqual(new Map(sparse.map((id) => [id, ['team']])))
    // The page has settled four of the ten: those in the first thousand.
    expect(counted).toMatchObject({ calls: 7, roundTrips: 2 })
  })

  test('of a dense page of a thousand go on from answer to answer', async () => {
    const tenant = aTenant()
    const people = idsOf(users(1500))
    await putMany(tenant, 'team', people)
    const counted = await meter.count(async () => stores.teams.teamsOf(tenant, people))
    expect(counted.result).toEqual(new Map(people.map((id) => [id, ['team']])))
    expect(counted).toMatchObject({ calls: 2, roundTrips: 2 })
  })
})
