import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { KnownResource } from '../../../lib/activity/directory.ts'
import { readLog, readNew, type LogParts, type LogPage } from '../../../lib/activity/log.ts'
import { readPosition } from '../../../lib/activity/position.ts'
import type {
  ActivityEntry,
  ActivityQuery,
  ActivityStore,
} from '../../../lib/storage/activity-port.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import {
  aChangeAt,
  aRefusalAt,
  keptActivity,
  type KeptActivity,
} from '../../support/kept-activity.ts'

const NOW = Date.parse('2026-11-27T14:00:00.000Z')
const MANAGER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value'

/** As a member of what is expected. */
function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}

let store: ActivityStore
let acme: KeptActivity
/** What was read of the store. */
let reads: ActivityQuery[]
let people: KnownResource[]
/** Batches of look-ups. */
let batches: (readonly string[])[]
let now: number

beforeEach(() => {
  const { activity, state } = memoryStores()
  reads = []
  store = {
    ...activity,
    async read(tenant, query) {
      reads.push(query)
      return activity.read(tenant, query)
    },
  }
  acme = keptActivity(state, 'acme_1')
  people = []
  batches = []
  now = NOW
})

function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString()
}

function put(...entries: readonly ActivityEntry[]): void {
  acme.put(...entries)
}

function signerOf(tenant: string): LogParts['sign'] {
  return (text) => createHmac('sha256', tenant).update(text).digest('base64url')
}

function partsOf(change: Partial<LogParts> = {}): LogParts {
  return {
    store,
    directory: {
      named: async (_partition, name) => people.filter((each) => each.name === name),
      known: async (_partition, ids) => {
        batches.push(ids)
        return people.filter(({ id }) => ids.includes(id))
      },
    },
    tenant: { id: 'acme', partitionKey: 'acme_1' },
    sign: signerOf('acme'),
    labels: new Map([['c1c1c1c1c1c1', 'Entra ID']]),
    withNames: true,
    now: new Date(now),
    ...change,
  }
}

function read(query: Partial<Parameters<typeof readLog>[1]> = {}, cursor?: string) {
  return readLog(partsOf(), { count: 50, ...query }, cursor)
}

async function poll(position: string, query: Partial<Parameters<typeof readNew>[1]> = {}) {
  const known = readPosition(position)
  if (known === undefined) throw new Error(`${position} is no position`)
  return readNew(partsOf(), { count: 50, ...query }, known)
}

function idsOf({ items }: LogPage): readonly string[] {
  return items.map(({ id }) => id.slice(1))
}

describe('an entry', () => {
  test('tells who did what to whom', async () => {
    const at = ago(60)
    put(
      aChangeAt(at, {
        subject: 'u1',
        name: 'ada@acme.example',
        externalId: 'oid-1',
        changed: ['title'],
        cleared: ['nickName'],
        flip: 'deactivated',
        ignored: ['departmnt (department?)'],
        requestId: 'r1',
      }),
    )
    expect((await read()).items).toEqual([
      {
        id: matching(/^u\d{13}-[a-z0-9]{8}$/),
        at,
        outcome: 'changed',
        reason: 'attributesIgnored',
        action: 'change user',
        by: { actor: 'credential', credential: 'c1c1c1c1c1c1', label: 'Entra ID' },
        client: 'entra',
        requestId: 'r1',
        resource: { type: 'User', id: 'u1', name: 'ada@acme.example', externalId: 'oid-1' },
        changed: ['title'],
        cleared: ['nickName'],
        ignored: ['departmnt (department?)'],
        flip: 'deactivated',
        version: 'v1',
      },
    ])
    expect(batches).toEqual([])
  })

  test('of what was refused has the reason, how often, and whom it was about', async () => {
    put(aRefusalAt(ago(10), { count: 12, first: ago(40) }))
    const [entry] = (await read()).items
    expect(entry).toMatchObject({
      id: matching(/^r\d{13}-r[\da-f]{8}$/),
      outcome: 'refused',
      reason: 'uniqueness',
      action: 'create user',
      resource: { type: 'User', name: 'jane@acme.example' },
      count: 12,
      first: ago(40),
      detail: 'userName is taken',
      status: 409,
      scimType: 'uniqueness',
    })
  })

  test.each([
    [{ operation: 'create' }, 'create user'],
    [{ operation: 'put' }, 'replace user'],
    [{ operation: 'members', type: 'Group', added: ['u1'] }, 'add members'],
    [{ operation: 'members', type: 'Group', removed: ['u1'] }, 'remove members'],
    [{ operation: 'members', type: 'Group', added: ['u1'], removed: ['u2'] }, 'change members'],
    [{ operation: 'delete', type: 'Group' }, 'delete group'],
    [{ table: 'tenants', operation: 'delete', type: 'Tenant' }, 'delete tenant'],
    [{ table: 'tenants', operation: 'revoke', type: 'Credential' }, 'revoke credential'],
    [{ table: 'tenants', operation: 'rotate', type: 'Credential' }, 'rotate credential'],
    [{ table: 'tenants', operation: 'issue', type: 'Credential' }, 'issue credential'],
  ] as const)('%j is called %s', async (facts, action) => {
    put(aChangeAt(ago(60), facts))
    expect((await read()).items[0]?.action).toBe(action)
  })

  test.each([
    [{ verb: 'POST' }, 'create user'],
    [{ verb: 'GET' }, 'read user'],
    [{ verb: 'HEAD' }, 'read user'],
    [{ verb: 'SEARCH' }, 'search user'],
  ] as const)('of what was refused with %j is called %s', async (facts, action) => {
    put(aRefusalAt(ago(60), facts))
    expect((await read()).items[0]?.action).toBe(action)
  })

  test('of a bulk that was refused as a whole is called bulk', async () => {
    const { type: _, subject: __, ...refusal } = aRefusalAt(ago(60), { verb: 'BULK' })
    put(refusal)
    expect((await read()).items[0]?.action).toBe('bulk')
  })

  test.each([
    [
      { actor: 'manage', onBehalfOf: 'ana' },
      { actor: 'manage', onBehalfOf: 'ana' },
    ],
    [{ actor: 'cli' }, { actor: 'cli' }],
    [{ actor: 'system' }, { actor: 'system' }],
    [{ actor: 'credential:gone' }, { actor: 'credential', credential: 'gone' }],
  ])('is by %j', async (author, by) => {
    put(aChangeAt(ago(60), { author }))
    expect((await read()).items[0]?.by).toEqual(by)
  })

  test('has the names of groups and members, by one batch', async () => {
    people.push({ id: 'g1', name: 'Engineering' }, { id: 'u1', name: 'Ada Lovelace' })
    const members = { table: 'groups', operation: 'members', type: 'Group', subject: 'g1' } as const
    put(aChangeAt(ago(60), { ...members, added: ['u1', 'u2'] }))
    put(aChangeAt(ago(50), { ...members, removed: ['u1'] }))
    put(aChangeAt(ago(40), { operation: 'delete', subject: 'u2', name: 'bob@acme.example' }))
    const { items } = await read()
    expect(items.map(({ resource }) => resource?.name)).toEqual([
      'bob@acme.example',
      'Engineering',
      'Engineering',
    ])
    const [ada, bob] = [
      { id: 'u1', name: 'Ada Lovelace' },
      { id: 'u2', name: 'bob@acme.example' },
    ]
    expect(items.map(({ added }) => added)).toEqual([undefined, undefined, [ada, bob]])
    expect(items.map(({ removed }) => removed)).toEqual([undefined, [ada], undefined])
    expect(batches).toHaveLength(1)
    expect(reads).toHaveLength(1)
  })

  test('has the last name of who is not there any more', async () => {
    const members = { table: 'groups', operation: 'members', type: 'Group', subject: 'g1' } as const
    put(
      aChangeAt(ago(60), { subject: 'u1', name: 'eve' }),
      aChangeAt(ago(50), { subject: 'u1', name: 'eva' }),
      aChangeAt(ago(40), { ...members, removed: ['u1'] }),
    )
    expect((await read()).items[0]?.removed).toEqual([{ id: 'u1', name: 'eva' }])
  })

  test('has no names where they are switched off', async () => {
    people.push({ id: 'g1', name: 'Engineering' }, { id: 'u1', name: 'Ada Lovelace' })
    put(aChangeAt(ago(60), { operation: 'members', subject: 'g1', added: ['u1'] }))
    const { items } = await readLog(partsOf({ withNames: false }), { count: 50 })
    expect(JSON.stringify(items)).not.toMatch(/Engineering|Ada/)
    expect(batches).toEqual([])
  })
})

describe('a manager who names nobody', () => {
  beforeEach(() => {
    people.push({ id: 'u1', name: 'Ada', manager: 'u9' })
    put(aChangeAt(ago(60), { subject: 'u1', name: 'ada', changed: [MANAGER] }))
    put(aChangeAt(ago(50), { subject: 'u2', name: 'bob', changed: ['title'] }))
  })

  test('is told until there is somebody', async () => {
    const [, before] = (await read()).items
    expect(before).toMatchObject({ reason: 'managerUnresolved', unresolvedManager: true })
    expect(batches).toEqual([['u1'], ['u9']])
    people.push({ id: 'u9', name: 'Charles' })
    const [bob, after] = (await read()).items
    expect(after).toMatchObject({ reason: 'done' })
    expect(after).not.toHaveProperty('unresolvedManager')
    expect(bob).toMatchObject({ reason: 'done' })
  })

  test('is nothing to tell of once there is no user, or another manager', async () => {
    people.splice(0, 1, { id: 'u1', name: 'Ada', manager: 'u8' }, { id: 'u8', name: 'Grace' })
    expect((await read()).items[1]).toMatchObject({ reason: 'done' })
    people.splice(0, 2)
    expect((await read()).items[1]).toMatchObject({ reason: 'done' })
  })
})

describe('pages', () => {
  test('are newest first, neither repeat nor skip, and cost one read each', async () => {
    const all = Array.from({ length: 120 }, (_, n) => aChangeAt(ago(1000 - n)))
    put(...all)
    const first = await read()
    put(aChangeAt(ago(0)))
    const second = await read({}, first.nextCursor)
    const third = await read({}, second.nextCursor)
    const wanted = all.map(({ position }) => position).toReversed()
    expect([first, second, third].flatMap(idsOf)).toEqual(wanted)
    expect([first, second, third].map(({ hasMore }) => hasMore)).toEqual([true, true, false])
    expect(third.nextCursor).toBeUndefined()
    expect(reads).toHaveLength(3)
  })

  test('are sorted by when it happened, wherever refusals stand', async () => {
    const [change, refusal] = [aChangeAt(ago(30)), aRefusalAt(ago(60))]
    put(change, refusal)
    expect(idsOf(await read())).toEqual([change.position, refusal.position])
  })

  test('tell a creation first that came after 60 refusals', async () => {
    put(...Array.from({ length: 60 }, (_, n) => aRefusalAt(ago(200 - n))))
    const creation = aChangeAt(ago(1), { operation: 'create' })
    put(creation)
    const first = await read()
    expect(first.items).toHaveLength(50)
    expect(first.items[0]).toMatchObject({ action: 'create user', at: ago(1) })
    const second = await read({}, first.nextCursor)
    const times = [...first.items, ...second.items].map(({ at }) => at)
    expect(times).toEqual(times.toSorted().toReversed())
    expect(times).toHaveLength(61)
  })

  test('have members of a new group behind its creation, in time', async () => {
    const at = ago(60)
    const group = { table: 'groups', type: 'Group', subject: 'g1' } as const
    const stamped = new Date(Date.parse(at) + 3).toISOString()
    const created = aChangeAt(at, { ...group, operation: 'create' })
    const [before, after] = ['00000000', 'zzzzzzzz'].map((random) => {
      const position = `${Date.parse(at)}-${random}`
      const added = ['u1']
      return aChangeAt(stamped, { ...group, operation: 'members', added, position })
    })
    if (before === undefined || after === undefined) throw new Error('two')
    put(created, before, after)
    for (const count of [1, 2, 50]) {
      const first = await read({ count })
      const rest = first.nextCursor === undefined ? [] : (await read({}, first.nextCursor)).items
      const told = [...first.items, ...rest]
      expect(told.map(({ action }) => action)).toEqual([
        'add members',
        'add members',
        'create group',
      ])
      expect(told.map((each) => each.at)).toEqual([at, at, at])
    }
  })

  test('have a cursor for this tenant and query alone', async () => {
    put(aChangeAt(ago(60)), aChangeAt(ago(50)), aChangeAt(ago(40)))
    const { nextCursor = '' } = await read({ count: 1, since: NOW - 90_000 })
    const again = { count: 2, since: NOW - 90_000 }
    expect((await read(again, nextCursor)).items).toHaveLength(2)
    const wrong: readonly Promise<LogPage>[] = [
      read({ count: 1 }, nextCursor),
      read({ ...again, outcome: 'changed' }, nextCursor),
      read({ ...again, subject: 'u1' }, nextCursor),
      read({ ...again, until: NOW }, nextCursor),
      read(again, `${nextCursor}x`),
      read(again, 'x'),
      readLog(partsOf({ sign: signerOf('another') }), again, nextCursor),
    ]
    for (const each of wrong) await expect(each).rejects.toMatchObject({ kind: 'invalidCursor' })
  })
})

describe('a subject', () => {
  const group = { table: 'groups', operation: 'members', type: 'Group', subject: 'g1' } as const

  test('is an id, whose memberships are in its history', async () => {
    put(
      aChangeAt(ago(90), { subject: 'u1', operation: 'create' }),
      aChangeAt(ago(80), { ...group, added: ['u1'] }),
      aChangeAt(ago(70), { ...group, added: ['u2'] }),
      aChangeAt(ago(60), { ...group, removed: ['u2', 'u1'] }),
    )
    const { items } = await read({ subject: 'u1' })
    expect(items.map(({ action }) => action)).toEqual([
      'remove members',
      'add members',
      'create user',
    ])
  })

  test('is a name, of who is there and of who was, and of who was refused', async () => {
    people.push({ id: 'u2', name: 'Bob' })
    put(
      aChangeAt(ago(90), { subject: 'u1', name: 'bob', operation: 'create' }),
      aChangeAt(ago(85), { ...group, added: ['u1'] }),
      aChangeAt(ago(80), { subject: 'u1', operation: 'delete' }),
      aChangeAt(ago(70), { subject: 'u2', name: 'robert', operation: 'create' }),
      aRefusalAt(ago(60), { subject: 'BOB' }),
      aRefusalAt(ago(50), { subject: 'jane' }),
    )
    const { items } = await read({ subject: 'Bob' })
    expect(items.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'create user refused',
      'create user changed',
      'delete user changed',
      'add members changed',
      'create user changed',
    ])
  })

  test('goes on over pages by the ids that it stood for', async () => {
    people.push({ id: 'u2', name: 'Bob' })
    put(
      aChangeAt(ago(90), { subject: 'u2', name: 'bob' }),
      aChangeAt(ago(80), { ...group, added: ['u2'] }),
      aChangeAt(ago(70), { ...group, removed: ['u2'] }),
    )
    const first = await read({ subject: 'Bob', count: 2 })
    people.length = 0
    const second = await read({ subject: 'Bob', count: 2 }, first.nextCursor)
    expect([...first.items, ...second.items].map(({ action }) => action)).toEqual([
      'remove members',
      'add members',
      'change user',
    ])
  })
})

describe('what is new', () => {
  test('is only that: nothing twice, nothing missed that comes late', async () => {
    put(aChangeAt(ago(200)), aChangeAt(ago(60)))
    const { position } = await read()
    expect(await poll(position)).toMatchObject({ items: [], hasMore: false })
    const late = aChangeAt(ago(140))
    const recent = aChangeAt(ago(-1))
    put(late, recent)
    now += 2000
    const second = await poll(position)
    expect(idsOf(second)).toEqual([recent.position, late.position])
    now += 2000
    expect((await poll(second.position)).items).toEqual([])
  })

  test.each([1, 50, 200])(
    'is none of what was there already, behind a page of %i, and all of what came late',
    async (count) => {
      put(...Array.from({ length: 300 }, (_, n) => aChangeAt(ago(149 - n * 0.4))))
      const { items, position, nextCursor } = await read({ count })
      expect(items).toHaveLength(count)
      expect(reads).toHaveLength(1)
      expect(await poll(position)).toMatchObject({ items: [], hasMore: false })
      const [late, recent] = [aChangeAt(ago(140)), aChangeAt(ago(-1))]
      put(late, recent)
      now += 2000
      expect(idsOf(await poll(position))).toEqual([recent.position, late.position])
      const second = await read({ count }, nextCursor)
      const polled = idsOf(await poll(second.position))
      expect(polled).toContain(recent.position)
      expect(polled.filter((each) => each !== late.position)).toHaveLength(1)
    },
  )

  test('is none of 450 that were there already, either', async () => {
    put(...Array.from({ length: 450 }, (_, n) => aChangeAt(ago(149 - n * 0.3))))
    const { position, nextCursor } = await read({ count: 1 })
    expect(await poll(position)).toMatchObject({ items: [], hasMore: false })
    const recent = aChangeAt(ago(-1))
    put(recent)
    now += 2000
    expect(idsOf(await poll(position))).toEqual([recent.position])
    const second = await read({ count: 200 }, nextCursor)
    expect(second.items).toHaveLength(200)
    expect(idsOf(await poll(second.position))).toEqual([recent.position])
  })

  test('does not have what a later page has told', async () => {
    put(...Array.from({ length: 7 }, (_, n) => aChangeAt(ago(70 - n))))
    const { nextCursor } = await read({ count: 3 })
    const { position } = await read({ count: 4 }, nextCursor)
    expect((await poll(position)).items).toEqual([])
  })

  test('has a refusal again when it came again', async () => {
    const refusal = aRefusalAt(ago(100))
    put(refusal)
    const { position } = await read()
    expect((await poll(position)).items).toEqual([])
    put({ ...refusal, count: 2, at: ago(-1) })
    now += 2000
    const again = await poll(position)
    expect(again.items).toMatchObject([{ outcome: 'refused', count: 2 }])
    expect((await poll(again.position)).items).toEqual([])
  })

  test('comes the oldest first where there is more than fits, and all of it', async () => {
    const { position } = await read()
    const all = Array.from({ length: 23 }, (_, n) => aChangeAt(ago(-n)))
    put(...all)
    now += 30_000
    const seen: string[] = []
    let at = position
    for (const hasMore of [true, true, false]) {
      const page = await poll(at, { count: 10 })
      expect(page.hasMore).toBe(hasMore)
      seen.push(...idsOf(page).toReversed())
      at = page.position
    }
    expect(seen).toEqual(all.map(({ position: each }) => each))
  })

  test('is found after days, thousands of entries later, in a few reads', async () => {
    const { position } = await read()
    const all = Array.from({ length: 5000 }, (_, n) => aChangeAt(ago(-n * 60)))
    put(...all)
    now += 5000 * 60_000
    reads.length = 0
    const seen: string[] = []
    let at = position
    for (;;) {
      const page = await poll(at, { count: 200 })
      seen.push(...idsOf(page).toReversed())
      at = page.position
      if (!page.hasMore) break
    }
    expect(seen).toEqual(all.map(({ position: each }) => each))
    expect(reads.length).toBeLessThan(300)
  })

  test('is told by positions that stay short, however much happens', async () => {
    const all = Array.from({ length: 1000 }, (_, n) => aChangeAt(ago(-n / 20)))
    let { position } = await read()
    const seen: string[] = []
    for (let n = 0; n < all.length; n += 50) {
      put(...all.slice(n, n + 50))
      now += 2500
      const page = await poll(position)
      position = page.position
      seen.push(...idsOf(page).toReversed())
      expect(position.length).toBeLessThan(2000)
    }
    expect(seen).toEqual(all.map(({ position: each }) => each))
  })

  test('of a subject or an outcome is that alone', async () => {
    const { position } = await read({ outcome: 'refused' })
    put(aChangeAt(ago(-1), { subject: 'u1' }), aRefusalAt(ago(-1)))
    now += 2000
    expect(await poll(position, { outcome: 'refused' })).toMatchObject({
      items: [{ outcome: 'refused' }],
    })
    expect(await poll(position, { subject: 'u1' })).toMatchObject({
      items: [{ outcome: 'changed', resource: { id: 'u1' } }],
    })
  })
})

test('a position is nothing else', () => {
  for (const text of ['', '1', '.', '1.abc', '1.abcdef!', 'x.abcdef', '-1.', '1.abcdef.']) {
    expect(readPosition(text)).toBeUndefined()
  }
  expect(readPosition('1795788000000.abcdef')).toEqual({
    floor: NOW,
    marks: new Set(['abcdef']),
  })
})
