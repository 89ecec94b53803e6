import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { NO_COUNTS } from '../../../lib/storage/activity-port.ts'
import { ACTIVITY, CONNECTIONS } from '../../../lib/manage/activity-answers.ts'
import { PROBLEM } from '../../../lib/manage/answers.ts'
import { ACTIVITY_OPERATIONS } from '../../../lib/manage/activity-operations.ts'
import type { ManageDomain } from '../../../lib/manage/domain.ts'
import { memoryStores, type MemoryStores } from '../../../lib/storage/memory/stores.ts'
import {
  aChangeAt,
  aRefusalAt,
  keptActivity,
  type KeptActivity,
} from '../../support/kept-activity.ts'
import {
  manageClient,
  NOW,
  type ManageAnswer,
  type ManageClient,
} from '../../support/manage-client.ts'
import { manageDomain } from '../../support/manage-domain.ts'

const MINUTE = 60_000

/** As a member of what is expected. */
function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}

let stores: MemoryStores
let domain: ManageDomain
let client: ManageClient
let acme: KeptActivity
let partitionKey: string
let credentialId: string

beforeEach(async () => {
  stores = memoryStores()
  domain = manageDomain()
  const directory = { named: async () => [], known: async () => [{ id: 'g1', name: 'Sales' }] }
  client = manageClient({ domain, activity: { store: stores.activity, directory, sign } })
  await client.send('POST', 'tenants', { body: { id: 'acme' } })
  await client.send('POST', 'tenants', { body: { id: 'contoso' } })
  const { json } = await client.send('POST', 'tenants/acme/credentials', {
    body: { kind: 'token', label: 'Entra ID' },
  })
  credentialId = z.string().parse(json['id'])
  partitionKey = (await domain.get('acme'))?.partitionKey ?? ''
  acme = keptActivity(stores.state, partitionKey)
})

function sign(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

function ago(minutes: number): string {
  return new Date(NOW.getTime() - minutes * MINUTE).toISOString()
}

function get(path: string): Promise<ManageAnswer> {
  return client.send('GET', `tenants/acme/${path}`)
}

async function page(query = ''): Promise<z.output<typeof ACTIVITY>> {
  const answer = await get(`activity${query}`)
  expect(answer.status).toBe(200)
  return ACTIVITY.parse(answer.json)
}

async function actions(query: string): Promise<readonly string[]> {
  return (await page(query)).items.map(({ action }) => action)
}

describe('activity', () => {
  beforeEach(() => {
    const author = { actor: `credential:${credentialId}`, client: 'entra' }
    acme.put(
      aChangeAt(ago(30), { author, subject: 'u1', name: 'ada', operation: 'create' }),
      aChangeAt(ago(20), {
        author,
        table: 'groups',
        type: 'Group',
        operation: 'members',
        subject: 'g1',
        added: ['u1'],
      }),
      aRefusalAt(ago(10), { author, detail: 'userName is taken' }),
    )
  })

  test('tells what happened, by whom, the newest first', async () => {
    const { items, hasMore, nextCursor } = await page()
    expect(items).toMatchObject([
      { outcome: 'refused', action: 'create user', detail: 'userName is taken' },
      { action: 'add members', resource: { name: 'Sales' }, added: [{ id: 'u1', name: 'ada' }] },
      { action: 'create user', resource: { id: 'u1', name: 'ada' } },
    ])
    expect(items.map(({ by }) => by)).toEqual(
      Array.from({ length: 3 }, () => {
        return { actor: 'credential', credential: credentialId, label: 'Entra ID' }
      }),
    )
    expect([hasMore, nextCursor]).toEqual([false, undefined])
  })

  test('is filtered by time, outcome and subject', async () => {
    expect(await actions('?outcome=refused')).toEqual(['create user'])
    expect(await actions('?outcome=changed&subject=u1')).toEqual(['add members', 'create user'])
    expect(await actions('?subject=jane@acme.example')).toEqual(['create user'])
    expect(await actions(`?since=${ago(20)}`)).toEqual(['create user', 'add members'])
    expect(await actions(`?until=${ago(20)}&since=2026-12-01T11:40:00%2B00:00`)).toEqual([
      'add members',
    ])
  })

  test('comes by pages, and by what is new', async () => {
    const { nextCursor = '', hasMore } = await page('?count=2')
    expect(hasMore).toBe(true)
    const second = await page(`?count=2&cursor=${nextCursor}`)
    expect(second.items.map(({ action }) => action)).toEqual(['create user'])
    expect((await page(`?after=${second.position}`)).items).toEqual([])
    acme.put(aChangeAt(ago(0), { subject: 'u9' }))
    const polled = await page(`?after=${second.position}`)
    expect(polled.items.map(({ resource }) => resource?.id)).toEqual(['u9'])
  })

  test('has no names where the tenant does not want them', async () => {
    const settings = { namesInActivity: false }
    await client.send('PATCH', 'tenants/acme', { body: { settings } })
    expect(JSON.stringify(await page())).not.toContain('Sales')
  })

  test('of one tenant is never in the answer of another, nor is its cursor good there', async () => {
    const { nextCursor = '' } = await page('?count=1')
    const other = await client.send('GET', 'tenants/contoso/activity')
    expect(other.json).toMatchObject({ items: [], hasMore: false })
    const foreign = await client.send(
      'GET',
      `tenants/contoso/activity?count=1&cursor=${nextCursor}`,
    )
    expect(foreign.status).toBe(400)
  })
})

describe('wrong parameters are named, with what came and what is right', () => {
  const TIME = 'must be a time with its zone, such as 2026-11-27T14:00:00Z'
  test.each([
    ['activity?since=yesterday', 'since', `${TIME}, not "yesterday"`],
    ['activity?until=2026-11-27', 'until', `${TIME}, not "2026-11-27"`],
    [
      'activity?since=2026-11-27T14:00:00Z&until=2026-11-27T13:00:00Z',
      'until',
      'must not be before since, "2026-11-27T14:00:00Z"',
    ],
    ['activity?outcome=failed', 'outcome', 'must be changed or refused, not "failed"'],
    ['activity?count=201', 'count', 'must be a whole number from 1 to 200, not "201"'],
    ['activity?subject=%20', 'subject', 'must have 1 to 200 characters, not " "'],
    [
      'activity?cursor=x',
      'cursor',
      'must be the nextCursor of an answer to the same parameters, not "x"',
    ],
    ['activity?after=x', 'after', 'must be the position of an answer, not "x"'],
    [
      'activity?after=1.&since=2026-11-27T14:00:00Z',
      'after',
      'says where it begins: leave cursor, since and until out',
    ],
    ['activity?q=x', 'q', matching(/^is not known here; known are since, until/)],
    ['health?step=day', 'step', 'is not known here; there are none'],
    ['stats?step=week', 'step', 'must be hour or day, not "week"'],
    ['stats?from=1', 'from', `${TIME}, not "1"`],
    [
      'stats?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z',
      'from',
      'must not be behind to, nor 744 hours or more before it',
    ],
    [
      'stats?step=day&from=2026-03-01T00:00:00Z&to=2026-02-01T00:00:00Z',
      'from',
      'must not be behind to, nor 100 days or more before it',
    ],
    [
      'stats?to=0000-01-01T00:00:00Z',
      'to',
      'must be in the years 1970 to 9999 (UTC), not "0000-01-01T00:00:00Z"',
    ],
    [
      'stats?to=9999-12-31T23:59:59-01:00',
      'to',
      'must be in the years 1970 to 9999 (UTC), not "9999-12-31T23:59:59-01:00"',
    ],
    [
      'stats?from=1969-12-31T23:59:59Z&to=1970-01-01T00:00:00Z',
      'from',
      'must be in the years 1970 to 9999 (UTC), not "1969-12-31T23:59:59Z"',
    ],
    ['connection?after=1.', 'after', 'must be the position of an answer, not "1."'],
  ] as const)('%s', async (path, parameter, detail: unknown) => {
    const { status, json } = await get(path)
    expect(status).toBe(400)
    expect(PROBLEM.parse(json).errors).toEqual([{ parameter, detail }])
  })
})

test('health tells a state and its reason, and what it was told from', async () => {
  const waiting = await get('health')
  expect(waiting.json).toMatchObject({ state: 'waiting', asOf: NOW.toISOString() })
  const last = ago(5)
  acme.putDays({
    day: '2026-12-01',
    connections: [{ credentialId, client: 'entra', first: ago(500), last, lastSuccess: last }],
    attributes: [],
    more: 0,
  })
  acme.putHours({ ...NO_COUNTS, hour: '2026-12-01T11', writes: 50, writesRefused: 23 })
  expect((await get('health')).json).toEqual({
    state: 'failing',
    reason: matching(/^46 % of the writes/),
    quarantineRisk: 'high',
    asOf: NOW.toISOString(),
    lastRequest: last,
    lastSuccess: last,
    client: 'entra',
    last24Hours: { ...NO_COUNTS, writes: 50, writesRefused: 23 },
  })
  await client.send('PATCH', 'tenants/acme', { body: { status: 'disabled' } })
  expect((await get('health')).json).toMatchObject({ state: 'disabled' })
})

test.each(['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
  'stats until %s are none',
  async (to) => {
    const { status, json } = await get(`stats?to=${to}`)
    expect(status).toBe(200)
    expect(json).toMatchObject({ items: [], to: `${to.slice(0, 13)}:00:00.000Z` })
  },
)

test('stats are by hour of the last day, or by day of the last thirty', async () => {
  acme.putHours({ ...NO_COUNTS, hour: '2026-12-01T11', requests: 3 })
  acme.putHours({ ...NO_COUNTS, hour: '2026-11-02T11', requests: 4 })
  const tenant = { id: 'acme', partitionKey }
  await stores.activity.notePeople(tenant, { day: '2026-12-01', users: 3, groups: 1 })
  expect((await get('stats')).json).toEqual({
    step: 'hour',
    from: '2026-11-30T13:00:00.000Z',
    to: '2026-12-01T12:00:00.000Z',
    items: [{ ...NO_COUNTS, start: '2026-12-01T11:00:00.000Z', requests: 3 }],
    people: [{ day: '2026-12-01', users: 3, groups: 1 }],
  })
  expect((await get('stats?step=day')).json).toMatchObject({
    from: '2026-11-02T00:00:00.000Z',
    items: [
      { start: '2026-11-02T00:00:00.000Z', requests: 4 },
      { start: '2026-12-01T00:00:00.000Z', requests: 3 },
    ],
  })
})

test('connection tells how each credential was used, and only what is new', async () => {
  const [first, last] = [ago(500), ago(5)]
  acme.putDays({
    day: '2026-12-01',
    connections: [{ credentialId, client: 'entra', first, last, lastProbe: first }],
    attributes: [],
    more: 0,
  })
  const { items, position, since } = CONNECTIONS.parse((await get('connection')).json)
  expect(since).toBe('2026-11-02T00:00:00.000Z')
  const entra = { credential: credentialId, label: 'Entra ID', client: 'entra' }
  expect(items).toEqual([{ ...entra, first, last, lastTestConnection: first }])
  expect((await get(`connection?after=${position}`)).json).toMatchObject({ items: [] })
})

test('attributes seen are told with what is wrong with them', async () => {
  const [first, last] = [ago(500), ago(5)]
  const seen = { type: 'User', known: true, first, last, count: 20 }
  const attributes = [{ ...seen, path: 'userName' }]
  acme.putDays({ day: '2026-12-01', connections: [], attributes, more: 0 })
  expect((await get('attributes/seen')).json).toMatchObject({
    items: [{ path: 'userName', count: 20 }],
    more: 0,
    warnings: [{ kind: 'neverCame', path: 'externalId' }],
  })
})

test.each(ACTIVITY_OPERATIONS.map(({ path }) => path.replace('tenants/{id}/', '')))(
  '%s of a tenant that there is not is not found',
  async (path) => {
    const { status, json } = await client.send('GET', `tenants/fabrikam/${path}`)
    expect([status, json['detail']]).toEqual([404, 'There is no tenant "fabrikam".'])
    expect((await get(path)).status).toBe(200)
  },
)
