import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  positionNow,
  readChanges,
  type ChangesPage,
  type ChangesParts,
  type ChangingList,
} from '../../../lib/people/changes.ts'
import type { ActivityQuery } from '../../../lib/storage/activity-port.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import { aChangeAt, keptActivity, type KeptActivity } from '../../support/kept-activity.ts'
import { refusalOf } from '../../support/refusal.ts'

const NOW = Date.parse('2026-11-27T14:00:00.000Z')

const ANN = '00000000-0000-4000-8000-000000000001'
const BOB = '00000000-0000-4000-8000-000000000002'
const SALES = '00000000-0000-8000-8000-000000000001'
const NESTED = '00000000-0000-8000-8000-000000000002'

let kept: KeptActivity
let parts: ChangesParts
let reads: ActivityQuery[]

beforeEach(() => {
  const { activity, state } = memoryStores()
  kept = keptActivity(state, 'acme_1')
  reads = []
  parts = {
    store: {
      async read(tenant, query) {
        reads.push(query)
        return activity.read(tenant, query)
      },
    },
    tenant: { id: 'acme', partitionKey: 'acme_1' },
    sign: signerOf('acme_1'),
    now: new Date(NOW),
    activityDays: 90,
  }
})

function signerOf(key: string): ChangesParts['sign'] {
  return (text) => createHmac('sha256', key).update(text).digest('base64url')
}

function at(seconds: number): string {
  return new Date(NOW + seconds * 1000).toISOString()
}

function later(seconds: number): ChangesParts {
  return { ...parts, now: new Date(NOW + seconds * 1000) }
}

/** All pages, and the position behind them. */
async function all(
  list: ChangingList,
  changedSince: string,
  { from = parts, count = 100 } = {},
): Promise<readonly ChangesPage[]> {
  const pages: ChangesPage[] = []
  let cursor: string | undefined
  do {
    const page = await readChanges(from, list, { changedSince, cursor }, count)
    pages.push(page)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return pages
}

async function idsSince(changedSince: string, from: ChangesParts): Promise<readonly string[]> {
  return (await all('people', changedSince, { from })).flatMap(({ ids }) => ids)
}

async function since(
  changedSince: string,
  from: ChangesParts,
  list: ChangingList = 'people',
): Promise<unknown> {
  return readChanges(from, list, { changedSince }, 1)
}

describe('people', () => {
  test('change with their own rows and with the rows of members, which name who moved', async () => {
    const position = positionNow(parts, 'people')
    kept.put(
      aChangeAt(at(1), { subject: ANN }),
      aChangeAt(at(2), {
        table: 'groups',
        type: 'Group',
        operation: 'members',
        subject: SALES,
        added: [BOB, NESTED],
        removed: ['somebody'],
      }),
      aChangeAt(at(3), { table: 'groups', type: 'Group', subject: SALES }),
      aChangeAt(at(4), { table: 'tenants', type: 'Tenant', subject: 'acme' }),
    )
    const pages = await all('people', position, { from: later(10) })
    expect(pages.map(({ ids, own }) => ({ ids, own: [...own] }))).toEqual([
      { ids: [BOB, 'somebody', ANN], own: [ANN] },
    ])
    expect(reads.map(({ tables }) => tables)).toEqual([['users', 'groups']])
  })

  test('who changed twice is on a page once', async () => {
    const position = positionNow(parts, 'people')
    kept.put(aChangeAt(at(1), { subject: ANN }), aChangeAt(at(2), { subject: ANN }))
    expect(await idsSince(position, later(10))).toEqual([ANN])
  })
})

describe('teams', () => {
  test('change with the rows of groups, but not with what their deletion leaves of members', async () => {
    const position = positionNow(parts, 'teams')
    const group = { table: 'groups', type: 'Group', subject: SALES } as const
    kept.put(
      aChangeAt(at(1), { subject: ANN }),
      aChangeAt(at(2), { ...group, subject: NESTED }),
      aChangeAt(at(3), { ...group, operation: 'members', cause: SALES, removed: [ANN] }),
    )
    const [page, ...others] = await all('teams', position, { from: later(10) })
    expect(others).toEqual([])
    expect(page?.ids).toEqual([NESTED])
    expect(reads.map(({ tables }) => tables)).toEqual([['groups']])
  })
})

describe('nothing is missed', () => {
  test('that is committed up to 150 seconds late', async () => {
    const position = positionNow(parts, 'people')
    kept.put(aChangeAt(at(-149), { subject: ANN }))
    expect(await idsSince(position, later(1))).toEqual([ANN])
  })

  test('that is committed behind a page while others are read', async () => {
    const first = positionNow(parts, 'people')
    kept.put(...[1, 2, 3].map((second) => aChangeAt(at(second), { subject: `u${second}` })))
    const now = later(10)
    const page = await readChanges(now, 'people', { changedSince: first }, 1)
    expect(page.ids).toEqual(['u3'])
    kept.put(aChangeAt(at(9), { subject: ANN }))
    const { nextCursor: cursor } = page
    const next = await readChanges(later(200), 'people', { changedSince: first, cursor }, 1)
    expect(next.ids).toEqual(['u2'])
    expect(await idsSince(next.position, later(300))).toContain(ANN)
  })

  test('of a clock that is ahead', async () => {
    const position = positionNow(parts, 'people')
    kept.put(aChangeAt(at(30), { subject: ANN }))
    expect(await idsSince(position, parts)).toEqual([ANN])
  })

  test('and what is older than 150 seconds does not come again', async () => {
    kept.put(aChangeAt(at(1), { subject: ANN }), aChangeAt(at(100), { subject: BOB }))
    const position = positionNow(later(152), 'people')
    expect(await idsSince(position, later(153))).toEqual([BOB])
  })
})

describe('a page', () => {
  test('has as many ids as asked for, the latest first, and the position is that of the first', async () => {
    const position = positionNow(parts, 'people')
    const seconds = [1, 2, 3, 4, 5]
    kept.put(...seconds.map((second) => aChangeAt(at(second), { subject: `u${second}` })))
    const pages = await all('people', position, { from: later(10), count: 2 })
    expect(pages.map(({ ids }) => ids)).toEqual([['u5', 'u4'], ['u3', 'u2'], ['u1']])
    expect(new Set(pages.map((page) => page.position)).size).toBe(1)
  })

  test('has all of a change that names more', async () => {
    const position = positionNow(parts, 'people')
    const moved = { table: 'groups', operation: 'members', subject: SALES } as const
    kept.put(
      aChangeAt(at(1), { ...moved, added: ['a', 'b', 'c'] }),
      aChangeAt(at(2), { ...moved, removed: ['d'] }),
    )
    const pages = await all('people', position, { from: later(10), count: 2 })
    expect(pages.map(({ ids }) => ids)).toEqual([['d'], ['a', 'b', 'c']])
  })

  test('is read by a cursor of this list and position only', async () => {
    const position = positionNow(parts, 'people')
    kept.put(aChangeAt(at(1)), aChangeAt(at(2)))
    const { nextCursor: cursor } = await readChanges(parts, 'people', { changedSince: position }, 1)
    const other = positionNow(later(1), 'people')
    const refusals = [
      readChanges(parts, 'people', { changedSince: other, cursor }, 1),
      readChanges(parts, 'people', { changedSince: position, cursor: 'x' }, 1),
      readChanges(
        { ...parts, sign: signerOf('x') },
        'people',
        { changedSince: position, cursor },
        1,
      ),
    ]
    for (const refusal of refusals)
      expect(await refusalOf(async () => refusal)).toMatchObject({ kind: 'invalidCursor' })
  })
})

describe('a position', () => {
  test('of another tenant, an earlier one of the same id, or another list is none', async () => {
    const position = positionNow(parts, 'people')
    const others = [
      since(position, { ...parts, sign: signerOf('acme_2') }),
      since(position, parts, 'teams'),
      since('x.y', parts),
      since('', parts),
    ]
    for (const other of others)
      expect(await refusalOf(async () => other)).toMatchObject({ kind: 'invalidCursor' })
    expect(reads).toEqual([])
  })

  test('is good as long as the journal has all since then', async () => {
    const position = positionNow(parts, 'people')
    await since(position, later(89.9 * 24 * 3600))
    expect(await refusalOf(async () => since(position, later(90 * 24 * 3600)))).toMatchObject({
      kind: 'expiredCursor',
    })
  })

  test('is not good any more when the journal is kept for fewer days, or was when it was made', async () => {
    const position = positionNow(parts, 'people')
    const now = later(8 * 24 * 3600)
    expect(await refusalOf(async () => since(position, { ...now, activityDays: 7 }))).toMatchObject(
      {
        kind: 'expiredCursor',
      },
    )
    const short = positionNow({ ...parts, activityDays: 7 }, 'people')
    expect(await refusalOf(async () => since(short, now))).toMatchObject({ kind: 'expiredCursor' })
  })
})
