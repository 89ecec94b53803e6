import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Refusals } from '../../lib/activity/refusals.ts'
import { Uses } from '../../lib/activity/uses.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../lib/scim/urn.ts'
import type { ActivityStore } from '../../lib/storage/activity-port.ts'
import type { Tables } from '../../lib/storage/table/tables.ts'
import { inLockstep } from '../support/lockstep.ts'
import {
  startTableApp,
  textOf,
  type Client,
  type TableAnswer,
  type TableApp,
} from '../support/table-app.ts'

/** What is noted of requests is counted apart from the table in docs/architecture.md: two calls a minute, beside a request. */
const MINUTE = 60_000

let app: TableApp
let client: Client
/** The clock of what is noted; that of credentials goes on by itself. */
let at = Date.UTC(2026, 10, 27, 10)
let tables: Tables | undefined

beforeAll(async () => {
  const options = { now: () => new Date(at), newInstance: () => 'aaaaaaaa' }
  app = await startTableApp({
    transport: inLockstep(),
    adjust: (runtime) => ({
      ...runtime,
      activity: { uses: new Uses(store, options), refusals: new Refusals(store, options) },
    }),
  })
  tables = app.tables
  client = await app.client('small')
  await client.send('GET', '/Users?count=0')
})

afterAll(() => app.stop())

/** The calls of a store that keeps this in tables. */
const store: Pick<ActivityStore, 'noteRefusals' | 'noteUse'> = {
  async noteRefusals({ partitionKey }) {
    const row = { partitionKey, rowKey: 'journal:refused', count: 1 }
    await tables?.users.submitTransaction([['upsert', row, 'Merge']])
  },
  async noteUse({ id, partitionKey }, { activity }) {
    const row = { partitionKey, rowKey: 'stats:now', count: 1 }
    await Promise.all([
      tables?.users.submitTransaction([['upsert', row, 'Replace']]),
      tables?.tenants.updateEntity({ partitionKey: '_tenants', rowKey: id, ...activity }, 'Merge'),
    ])
  },
}

const person = (): JsonObject => ({ schemas: [URN.user], userName: `${randomUUID()}@example.com` })

async function created(path: '/Users' | '/Groups', body: JsonObject): Promise<string> {
  return textOf((await client.send('POST', path, body)).body, 'id')
}

const aGroup = (): Promise<string> =>
  created('/Groups', { schemas: [URN.group], displayName: randomUUID() })

function patch(path: string, operation: JsonObject): Promise<TableAnswer> {
  return client.send('PATCH', path, { schemas: [MESSAGE.patchOp], Operations: [operation] })
}

/** What is there for a request before it is sent; the budget of each, without what is noted: round trips and calls. */
const REQUESTS: Readonly<
  Record<string, readonly [string, () => Promise<() => Promise<TableAnswer>>]>
> = {
  'GET user': [
    '1 2',
    async () => {
      const id = await created('/Users', person())
      return () => client.send('GET', `/Users/${id}`)
    },
  ],
  'Test Connection': [
    '1 1',
    async () => () => client.send('GET', `/Users?filter=userName+eq+%22${randomUUID()}%22`),
  ],
  'POST user': ['2 2', async () => () => client.send('POST', '/Users', person())],
  'PATCH user': [
    '2 3',
    async () => {
      const id = await created('/Users', person())
      return () => patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Countess' })
    },
  ],
  'PATCH group: add 1 member': [
    '1 1',
    async () => {
      const id = await aGroup()
      const value = [{ value: randomUUID() }]
      return () => patch(`/Groups/${id}`, { op: 'add', path: 'members', value })
    },
  ],
  'DELETE user': [
    '6 7',
    async () => {
      const id = await created('/Users', person())
      return () => client.send('DELETE', `/Users/${id}`)
    },
  ],
}

describe('what is noted of requests', () => {
  beforeEach(async () => {
    at += MINUTE
    await client.send('GET', '/Users?count=0')
  })

  test.each(Object.entries(REQUESTS))('%s', async (_, [budget, prepared]) => {
    const [first, second] = [await prepared(), await prepared()]
    const plain = await first()
    expect(`${plain.roundTrips} ${plain.calls}`).toBe(budget)
    at += MINUTE
    const noting = await second()
    expect(noting.roundTrips).toBe(plain.roundTrips)
    expect(noting.calls).toBe(plain.calls + 2)
  })

  test('is two calls in a minute, whatever number of requests there is', async () => {
    at += MINUTE
    const calls: number[] = []
    for (let n = 0; n < 12; n += 1) {
      calls.push((await client.send('GET', '/Users?count=0')).calls)
      at += MINUTE / 12 - 1
    }
    expect(calls).toEqual([3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
  })

  test('is nothing for discovery', async () => {
    at += MINUTE
    for (const path of ['/Schemas', '/ServiceProviderConfig', '/ResourceTypes']) {
      expect(await client.send('GET', path)).toMatchObject({ calls: 0 })
    }
  })

  test('of a path that there is not is three calls at once: such as a Tenant URL that is mistyped', async () => {
    at += MINUTE
    expect(await client.send('GET', '/nothing')).toMatchObject({
      status: 404,
      roundTrips: 1,
      calls: 3,
    })
    expect(await client.send('GET', '/nothing')).toMatchObject({ status: 404, calls: 0 })
  })

  test('of a refused request is one call behind it, which equal ones share', async () => {
    const body = person()
    await client.send('POST', '/Users', body)
    const refused = await client.send('POST', '/Users', body)
    expect(refused).toMatchObject({ status: 409, roundTrips: 4, calls: 5 })
    const again = await client.send('POST', '/Users', body)
    expect(again).toMatchObject({ status: 409, roundTrips: 3, calls: 4 })
  })
})
