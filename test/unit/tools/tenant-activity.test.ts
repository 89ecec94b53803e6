import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { ActivityEntry } from '../../../lib/storage/activity-port.ts'
import { aChange, scopeOf } from '../../support/changes.ts'
import {
  aChangeAt,
  aRefusalAt,
  keptActivity,
  type KeptActivity,
} from '../../support/kept-activity.ts'
import { aDesk, type Desk } from './tenant-terminal.ts'

// Two hours ahead of UTC in summer, one in winter.
vi.stubEnv('TZ', 'Europe/Berlin')

const LISTED = z.object({ items: z.array(z.looseObject({ id: z.string() })), hasMore: z.boolean() })

let desk: Desk
let acme: KeptActivity
let author: { readonly actor: string; readonly client: string }

beforeEach(async () => {
  desk = aDesk()
  desk.at = new Date('2026-11-27T13:15:00.000Z')
  await desk.run('create', 'acme', '--label', 'Entra ID')
  const [credential] = await desk.store.credentials('acme')
  author = { actor: `credential:${credential?.id ?? ''}`, client: 'entra' }
  const { partitionKey = '' } = (await desk.store.get('acme')) ?? {}
  // That it was created is nothing that these tests are about.
  desk.state.eraseTenant(partitionKey)
  acme = keptActivity(desk.state, partitionKey)
})

function put(...entries: readonly ActivityEntry[]): void {
  acme.put(...entries)
}

async function lines(...options: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await desk.run('activity', 'acme', ...options)
  expect([code, err]).toEqual([0, ''])
  return out.split('\n')
}

const MEMBERS = { table: 'groups', type: 'Group', operation: 'members', subject: 'g1' } as const

describe('activity', () => {
  test('can be read aloud, in local time, the newest first', async () => {
    const { partitionKey = '' } = (await desk.store.get('acme')) ?? {}
    for (const [type, id, attributes, lastModified] of [
      [
        USER,
        'u1',
        { userName: 'ada@acme.example', displayName: 'Ada Lovelace' },
        '2026-11-25T10:00:00.000Z',
      ],
      [GROUP, 'g1', { displayName: 'Engineering' }, '2026-11-25T11:00:00.000Z'],
    ] as const) {
      const resource = { id, created: lastModified, attributes }
      const change = aChange('create', { version: 'v', lastModified })
      const note = { type: type.name, subject: id, name: attributes.displayName }
      await desk.resources.create(scopeOf(partitionKey), type, resource, { ...change, note })
    }
    put(
      aRefusalAt('2026-11-27T13:12:03.000Z', {
        author,
        detail: 'userName is taken by user 1fa8\u2026 (inactive)',
      }),
      aChangeAt('2026-11-27T13:11:58.000Z', { author, ...MEMBERS, added: ['u1'] }),
      aChangeAt('2026-11-26T23:30:00.000Z', {
        author,
        name: 'ada@acme.example',
        changed: ['title', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department'],
        cleared: ['nickName'],
        ignored: ['departmnt (department?)'],
      }),
      aChangeAt('2026-11-26T22:30:00.000Z', {
        author: { actor: 'manage', onBehalfOf: 'ana' },
        table: 'tenants',
        type: 'Tenant',
        subject: 'acme',
        changed: ['status'],
      }),
    )
    expect(await lines()).toEqual([
      'Friday, 27 November 2026',
      '14:12:03 refused: create user jane@acme.example \u2013 userName is taken by user 1fa8\u2026 (inactive)',
      '14:11:58 "Entra ID" (entra) added Ada Lovelace to Engineering',
      '00:30:00 "Entra ID" (entra) changed user ada@acme.example: title, department; cleared nickName (ignored: departmnt (department?))',
      'Thursday, 26 November 2026',
      '23:30:00 manage for ana changed tenant acme: status',
      'Wednesday, 25 November 2026',
      '12:00:00 system created group Engineering',
      '11:00:00 system created user Ada Lovelace',
    ])
  })

  test.each([
    [{ operation: 'create', name: 'ada', changed: ['userName'] }, 'created user ada'],
    [{ operation: 'delete', name: 'ada' }, 'deleted user ada'],
    [{ name: 'ada', flip: 'deactivated', changed: ['active'] }, 'deactivated user ada: active'],
    [{ ...MEMBERS, name: 'Sales', removed: ['u1'] }, 'removed u1 from Sales'],
    [
      { ...MEMBERS, added: ['u1', 'u2', 'u3', 'u4', 'u5'], removed: ['u6', 'u7'] },
      'added u1, u2, u3 and 2 more to group g1 and removed u6 and u7 from group g1',
    ],
    [
      { ...MEMBERS, name: 'Sales', removed: ['u1'], cause: 'u1' },
      'removed u1 from Sales (it follows from u1)',
    ],
    [
      { table: 'tenants', type: 'Credential', operation: 'revoke', subject: 'c9c9c9c9c9c9' },
      'revoked credential c9c9c9c9c9c9',
    ],
    [
      {
        table: 'tenants',
        type: 'Credential',
        operation: 'issue',
        changed: ['label'],
        subject: 'c9',
      },
      'issued credential c9',
    ],
  ] as const)('%j is told as %s', async (facts, told) => {
    put(aChangeAt('2026-11-27T13:11:58.000Z', { author: { actor: 'system' }, ...facts }))
    expect((await lines())[1]).toBe(`14:11:58 system ${told}`)
  })

  test('tells equal refusals once, with how many there were since when', async () => {
    const at = '2026-11-27T13:12:03.000Z'
    put(aRefusalAt(at, { count: 1200, first: '2026-11-27T13:02:11.000Z', detail: 'taken' }))
    expect((await lines())[1]).toBe(
      '14:12:03 refused: create user jane@acme.example \u2013 taken (1,200 times since 14:02:11)',
    )
  })

  test('shows what could rewrite a terminal as what it is', async () => {
    put(aRefusalAt('2026-11-27T13:12:03.000Z', { subject: 'jane\u001b[2K\u202e' }))
    expect((await lines())[1]).toContain('jane\ufffd[2K\ufffd')
  })

  test('is filtered by subject, outcome, and time', async () => {
    put(
      aChangeAt('2026-11-27T13:00:00.000Z', { author, subject: 'u1', name: 'ada' }),
      aRefusalAt('2026-11-27T12:00:00.000Z', { author }),
      aChangeAt('2026-11-26T12:00:00.000Z', { author, subject: 'u2', name: 'bob' }),
    )
    const count = async (...options: readonly string[]): Promise<number> =>
      (await lines(...options)).filter((line) => /^\d/.test(line)).length
    expect(await count()).toBe(3)
    expect(await count('--subject', 'Ada')).toBe(1)
    expect(await count('--subject', 'u2')).toBe(1)
    expect(await count('--refused')).toBe(1)
    expect(await count('--since', '30m')).toBe(1)
    expect(await count('--since', '2026-11-27')).toBe(2)
    expect(await count('--until', '2026-11-26')).toBe(1)
    expect(await count('--since', '2026-11-26T13:00', '--until', '2026-11-27T12:00:00Z')).toBe(2)
    expect(await count('--count', '2')).toBe(2)
    expect(await lines('--subject', 'nobody')).toEqual([
      'nothing that fits has happened at tenant acme',
    ])
  })

  test('has as many as are wanted, over pages', async () => {
    put(
      ...Array.from({ length: 500 }, (_, n) =>
        aChangeAt(new Date(desk.at.getTime() - n * 1000).toISOString()),
      ),
    )
    const { out } = await desk.run('activity', 'acme', '--count', '450', '--json')
    const { items, hasMore } = LISTED.parse(JSON.parse(out))
    expect(new Set(items.map(({ id }) => id)).size).toBe(450)
    expect(hasMore).toBe(true)
  })

  test.each([
    [['--since', 'yesterday'], '--since must be so long ago (30m, 24h, 7d) or a time like'],
    [['--since', '2026-02-30T25:00'], '--since must be so long ago'],
    [['--since', '2026-02-30'], '--since must be so long ago'],
    [['--until', '2025-02-29T10:00:00Z'], '--until must be so long ago'],
    [['--since', '1h', '--until', '2h'], '--until is before --since'],
    [['--follow', '--until', '1h'], '--follow goes on: leave --until out'],
    [['--count', '0'], '--count must be a whole number from 1'],
    [['--subject', ' '], '--subject is empty'],
  ])('%j is refused', async (options, message) => {
    const { code, err } = await desk.run('activity', 'acme', ...options)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  test('of a tenant that there is not names those that there are', async () => {
    const { code, err } = await desk.run('activity', 'contoso')
    expect([code, err]).toEqual([1, expect.stringContaining('acme')])
  })
})

/** What is told while one looks again and again, and something happens before each look. */
async function followed(
  options: readonly string[],
  ...steps: readonly (() => void)[]
): Promise<readonly string[]> {
  let looks = 0
  const [out]: [string[]] = [[]]
  const watching = aDesk({
    out: (text) => out.push(text),
    async settle(seconds) {
      expect(seconds).toBe(2)
      const step = steps[looks]
      looks += 1
      if (step === undefined) throw new Error('interrupted')
      desk.at = new Date(desk.at.getTime() + 2000)
      step()
    },
    now: () => desk.at,
    open: async () => desk.backing(),
  })
  expect((await watching.run('activity', 'acme', '--follow', ...options)).code).toBe(1)
  return out
}

describe('--follow', () => {
  test('tells what is new behind what was, the newest last, once', async () => {
    put(
      aChangeAt('2026-11-27T13:14:57.000Z', { author, name: 'eve', operation: 'create' }),
      aChangeAt('2026-11-27T13:14:58.000Z', { author, name: 'ada', operation: 'create' }),
      aChangeAt('2026-11-27T13:14:59.000Z', { author, name: 'bob', operation: 'create' }),
    )
    const told = await followed(
      ['--count', '2'],
      () => {},
      () => put(aChangeAt('2026-11-27T13:15:03.000Z', { author, name: 'ada', flip: 'activated' })),
      () => put(aRefusalAt('2026-11-27T13:15:05.000Z', { author, detail: 'taken' })),
      () => {},
    )
    expect(told).toEqual([
      'Friday, 27 November 2026',
      '14:14:58 "Entra ID" (entra) created user ada',
      '14:14:59 "Entra ID" (entra) created user bob',
      '14:15:03 "Entra ID" (entra) activated user ada',
      '14:15:05 refused: create user jane@acme.example \u2013 taken',
    ])
  })

  test('with --json is one document a line', async () => {
    const told = await followed(['--json', '--refused'], () =>
      put(aRefusalAt('2026-11-27T13:15:01.000Z'), aChangeAt('2026-11-27T13:15:01.000Z')),
    )
    expect(told.map((line): unknown => JSON.parse(line))).toMatchObject([{ outcome: 'refused' }])
  })
})

describe('what the activity comes to', () => {
  beforeEach(() => {
    const [first, last] = ['2026-11-27T08:00:00.000Z', '2026-11-27T13:10:00.000Z']
    const credentialId = author.actor.replace('credential:', '')
    acme.putDays({
      day: '2026-11-27',
      connections: [
        {
          credentialId,
          client: 'entra',
          first,
          last,
          lastSuccess: last,
          lastRefusal: first,
          lastReason: 'uniqueness',
          lastProbe: first,
        },
      ],
      attributes: [
        { type: 'User', path: 'userName', known: true, first, last, count: 20 },
        {
          type: 'User',
          path: 'departmnt',
          like: 'department',
          known: false,
          first,
          last,
          count: 3,
        },
      ],
      more: 0,
    })
    acme.putHours({
      hour: '2026-11-27T13',
      requests: 1322,
      served: 1299,
      refused: 20,
      failed: 3,
      lookups: 1272,
      writes: 50,
      writesRefused: 20,
      writesFailed: 3,
    })
  })

  test('is in show', async () => {
    const { out } = await desk.run('show', 'acme')
    expect(out).toContain('Health        failing: 46 % of the writes of 24 hours')
    expect(out).toContain('Quarantine risk, an estimate: high.\n')
    expect(out).toContain(
      'Last request  2026-11-27T13:10Z, last success 2026-11-27T13:10Z, last refusal of a credential never\n',
    )
    expect(out).toContain(
      '24 hours      1,322 requests, 50 writes, of which 23 were refused or failed\n',
    )
    expect(out).toContain('Attributes    2 have come in 30 days\n')
    expect(out).toContain('  externalId never came, in 20 requests')
    expect(out).toMatch(/ {2}departmnt came 3 times and .* Was department meant\?/)
    expect(out).toMatch(
      /Entra ID +entra +2026-11-27T13:10Z +2026-11-27T13:10Z +2026-11-27T08:00Z uniqueness +2026-11-27T08:00Z\n/,
    )
    await desk.run('change', 'acme', '--settings', '{"activityDays": 7}')
    expect((await desk.run('show', 'acme')).out).toContain(' have come in 7 days\n')
    const { out: json } = await desk.run('show', 'acme', '--json')
    expect(JSON.parse(json)).toMatchObject({
      health: { state: 'failing', client: 'entra', last24Hours: { requests: 1322 } },
      connections: [{ client: 'entra' }],
      attributes: { warnings: [{ path: 'externalId' }, { kind: 'unknownAttribute' }] },
    })
  })

  test('is a state in list, of many by what the list alone has', async () => {
    expect((await desk.run('list')).out).toMatch(/acme +acme +enabled +\S+ +failing/)
    for (let n = 0; n < 200; n += 1) await desk.run('create', `tenant-${n}`)
    const { out, err } = await desk.run('list')
    expect(out).toMatch(/acme +acme +enabled +\S+ +waiting/)
    expect(err).toContain('STATE does not tell who is failing')
  })
})
