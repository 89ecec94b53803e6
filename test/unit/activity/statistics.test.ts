import { beforeEach, describe, expect, test } from 'vitest'
import {
  connectionsOf,
  isConnectionPosition,
  recentDays,
} from '../../../lib/activity/connection.ts'
import { mergedConnections } from '../../../lib/activity/facts.ts'
import { NO_COUNTS } from '../../../lib/storage/activity-port.ts'
import { seenAttributes } from '../../../lib/activity/seen.ts'
import { lastDay, statisticsOf } from '../../../lib/activity/statistics.ts'
import { tenantHealth } from '../../../lib/activity/tenant-health.ts'
import type {
  ActivityStore,
  ConnectionFacts,
  DayFacts,
  SeenAttribute,
} from '../../../lib/storage/activity-port.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import {
  aChangeAt,
  aRefusalAt,
  keptActivity,
  type KeptActivity,
} from '../../support/kept-activity.ts'

const TENANT = { id: 'acme', partitionKey: 'acme_1' }
const NOW = new Date('2026-11-27T14:30:00.000Z')

/** As a member of what is expected. */
function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}

let store: ActivityStore
let acme: KeptActivity

beforeEach(() => {
  const { activity, state } = memoryStores()
  store = activity
  acme = keptActivity(state, TENANT.partitionKey)
})

function day(name: string, change: Partial<DayFacts> = {}): DayFacts {
  return { day: name, connections: [], attributes: [], more: 0, ...change }
}

function facts(change: Partial<ConnectionFacts>): ConnectionFacts {
  return {
    credentialId: 'c1',
    first: '2026-11-26T10:00:00.000Z',
    last: '2026-11-26T11:00:00.000Z',
    ...change,
  }
}

function seen(path: string, change: Partial<SeenAttribute> = {}): SeenAttribute {
  return {
    type: 'User',
    path,
    known: true,
    first: '2026-11-26T10:00:00.000Z',
    last: '2026-11-26T11:00:00.000Z',
    count: 1,
    ...change,
  }
}

describe('statistics', () => {
  beforeEach(async () => {
    acme.putHours(
      { ...NO_COUNTS, hour: '2026-11-26T13', requests: 1 },
      { ...NO_COUNTS, hour: '2026-11-26T15', requests: 10, served: 9, refused: 1, writes: 5 },
      { ...NO_COUNTS, hour: '2026-11-27T00', requests: 100, lookups: 80, writesRefused: 1 },
      { ...NO_COUNTS, hour: '2026-11-27T14', requests: 1000, failed: 2, writesFailed: 2 },
    )
    await store.notePeople(TENANT, { day: '2026-11-26', users: 9, groups: 1 })
    await store.notePeople(TENANT, { day: '2026-11-27', users: 10, groups: 2 })
  })

  test('are by hour, without those in which nothing came', async () => {
    const [from, to] = [Date.parse('2026-11-26T15:10:00Z'), NOW.getTime()]
    const { items, people, ...range } = await statisticsOf(store, TENANT, {
      step: 'hour',
      from,
      to,
    })
    expect(range).toEqual({
      step: 'hour',
      from: '2026-11-26T15:00:00.000Z',
      to: '2026-11-27T14:00:00.000Z',
    })
    expect(items.map(({ start, requests }) => [start, requests])).toEqual([
      ['2026-11-26T15:00:00.000Z', 10],
      ['2026-11-27T00:00:00.000Z', 100],
      ['2026-11-27T14:00:00.000Z', 1000],
    ])
    expect(people.map(({ users }) => users)).toEqual([9, 10])
  })

  test('are by day, of whole days', async () => {
    const [from, to] = [Date.parse('2026-11-26T23:00:00Z'), Date.parse('2026-11-27T01:00:00Z')]
    const { items } = await statisticsOf(store, TENANT, { step: 'day', from, to })
    expect(items).toEqual([
      {
        ...NO_COUNTS,
        start: '2026-11-26T00:00:00.000Z',
        requests: 11,
        served: 9,
        refused: 1,
        writes: 5,
      },
      {
        ...NO_COUNTS,
        start: '2026-11-27T00:00:00.000Z',
        requests: 1100,
        failed: 2,
        lookups: 80,
        writesRefused: 1,
        writesFailed: 2,
      },
    ])
  })

  test('of the last day are those of this hour and the 23 before it', async () => {
    expect(await lastDay(store, TENANT, NOW)).toMatchObject({ requests: 1110, writesFailed: 2 })
  })
})

describe('connections', () => {
  test('are those of all days and instances, each credential once, the latest first', () => {
    const days = [
      day('2026-11-26', {
        connections: [
          facts({ client: 'other', lastSuccess: '2026-11-26T11:00:00.000Z' }),
          facts({ credentialId: 'c2' }),
        ],
      }),
      day('2026-11-27', {
        connections: [
          facts({
            client: 'entra',
            first: '2026-11-27T08:00:00.000Z',
            last: '2026-11-27T09:00:00.000Z',
            lastRefusal: '2026-11-27T09:00:00.000Z',
            lastReason: 'uniqueness',
            lastProbe: '2026-11-27T08:00:00.000Z',
          }),
        ],
      }),
      day('2026-11-27', {
        connections: [
          facts({
            first: '2026-11-27T08:30:00.000Z',
            last: '2026-11-27T08:59:00.000Z',
            lastRefusal: '2026-11-27T08:59:00.000Z',
            lastReason: 'invalidValue',
          }),
        ],
      }),
    ]
    expect(connectionsOf(mergedConnections(days)).items).toEqual([
      {
        credentialId: 'c1',
        client: 'entra',
        first: '2026-11-26T10:00:00.000Z',
        last: '2026-11-27T09:00:00.000Z',
        lastSuccess: '2026-11-26T11:00:00.000Z',
        lastRefusal: '2026-11-27T09:00:00.000Z',
        lastReason: 'uniqueness',
        lastProbe: '2026-11-27T08:00:00.000Z',
      },
      facts({ credentialId: 'c2' }),
    ])
  })

  test('that are as they were are not told again', () => {
    const before = [day('2026-11-26', { connections: [facts({}), facts({ credentialId: 'c2' })] })]
    const { position } = connectionsOf(mergedConnections(before))
    expect(isConnectionPosition(position)).toBe(true)
    expect(connectionsOf(mergedConnections(before), position).items).toEqual([])
    // It came earlier than what was told, and is known only now.
    const late = facts({ lastProbe: '2026-11-26T10:30:00.000Z' })
    const after = [day('2026-11-26', { connections: [late, facts({ credentialId: 'c2' })] })]
    expect(connectionsOf(mergedConnections(after), position).items).toEqual([late])
    expect(connectionsOf([]).position).toBe('.')
    for (const text of ['', 'x', '.abc', '.abcde!']) expect(isConnectionPosition(text)).toBe(false)
  })

  test('that were refused are known at once, and not for what was refused of one user', async () => {
    const author = { actor: 'credential:c1', client: 'entra' }
    const at = '2026-11-27T14:29:00.000Z'
    const last = '2026-11-27T14:00:00.000Z'
    acme.putDays(day('2026-11-27', { connections: [facts({ last, lastSuccess: last })] }))
    acme.put(
      aRefusalAt(at, { author, status: 401, reason: 'credentialExpired' }),
      aRefusalAt(at, { author: { actor: 'credential:c2' } }),
      aChangeAt(at, { author }),
    )
    const { connections } = await recentDays(store, TENANT, NOW)
    expect(connections).toEqual([
      facts({
        client: 'entra',
        last: at,
        lastSuccess: last,
        lastRefusal: at,
        lastReason: 'credentialExpired',
      }),
    ])
    const about = { tenant: { ...TENANT, status: 'enabled' }, summary: undefined } as const
    expect(await tenantHealth(store, about, NOW)).toMatchObject({
      state: 'refused',
      lastRequest: at,
      lastSuccess: last,
      lastRefusal: at,
    })
  })

  test('are looked back upon for thirty days', async () => {
    acme.putDays(day('2026-10-28'), day('2026-10-29'), day('2026-11-27'))
    const { since, days } = await recentDays(store, TENANT, NOW)
    expect(since).toBe('2026-10-29T00:00:00.000Z')
    expect(days.map((each) => each.day)).toEqual(['2026-10-29', '2026-11-27'])
  })
})

describe('attributes', () => {
  test('are added up, the most frequent first', () => {
    const days = [
      day('2026-11-26', { attributes: [seen('title', { count: 2 }), seen('active')] }),
      day('2026-11-27', {
        attributes: [
          seen('title', { first: '2026-11-27T10:00:00.000Z', last: '2026-11-27T10:00:00.000Z' }),
        ],
        more: 3,
      }),
    ]
    expect(seenAttributes(days)).toEqual({
      items: [seen('title', { count: 3, last: '2026-11-27T10:00:00.000Z' }), seen('active')],
      more: 3,
      warnings: [],
    })
  })

  test('are 200 at most', () => {
    const attributes = Array.from({ length: 150 }, (_, n) => seen(`a${n}`))
    const others = Array.from({ length: 150 }, (_, n) => seen(`b${n}`, { count: 2 }))
    const { items, more } = seenAttributes([
      day('2026-11-26', { attributes }),
      day('2026-11-27', { attributes: others }),
    ])
    expect(items).toHaveLength(200)
    expect(items[0]?.path).toBe('b0')
    expect(more).toBe(100)
  })

  test('that are none do not take the places of those that are', () => {
    const unknown = Array.from({ length: 150 }, (_, n) => seen(`x${n}`, { known: false, count: 9 }))
    const known = Array.from({ length: 120 }, (_, n) => seen(`a${n}`))
    const { items, more } = seenAttributes([
      day('2026-11-26', { attributes: unknown }),
      day('2026-11-27', { attributes: known }),
    ])
    expect(items.filter((each) => each.known)).toHaveLength(120)
    expect(items).toHaveLength(200)
    expect(more).toBe(70)
  })

  test('that never came are missed after 20 users', () => {
    const users = (count: number, ...others: readonly SeenAttribute[]): readonly DayFacts[] => [
      day('2026-11-27', { attributes: [seen('userName', { count }), ...others] }),
    ]
    expect(seenAttributes(users(19)).warnings).toEqual([])
    expect(seenAttributes(users(20)).warnings).toMatchObject([
      { kind: 'neverCame', path: 'externalId', detail: matching(/in 20 requests/) },
    ])
    expect(seenAttributes(users(20, seen('externalId'))).warnings).toEqual([])
    const ofGroup = seen('externalId', { type: 'Group' })
    expect(seenAttributes(users(20, ofGroup)).warnings).toHaveLength(1)
  })

  test('that there are not are warned of', () => {
    const attributes = [seen('departmnt', { known: false, like: 'department', count: 212 })]
    expect(seenAttributes([day('2026-11-27', { attributes })]).warnings).toMatchObject([
      {
        kind: 'unknownAttribute',
        type: 'User',
        path: 'departmnt',
        detail: matching(/came 212 times and is no attribute of a User .* Was department meant\?/),
      },
    ])
  })
})
