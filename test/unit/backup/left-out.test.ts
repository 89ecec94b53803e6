import { beforeEach, describe, expect, test } from 'vitest'
import { FORMAT, type BackupRecord, type EndRecord } from '../../../lib/backup/format.ts'
import { sealedLines, type Ending } from '../../../lib/backup/sealed.ts'
import type { ImportOptions, Imported } from '../../../lib/backup/import.ts'
import type { Stores } from '../../../lib/runtime.ts'
import { GROUP } from '../../../lib/scim/default-resource-types.ts'
import { idOf } from '../../../lib/scim/resource-id.ts'
import { memoryStores } from '../../../lib/storage/memory/stores.ts'
import type { Change } from '../../../lib/storage/port.ts'
import { createTenant } from '../../../lib/tenants/tenants.ts'
import {
  contentsOf,
  importOf,
  partsOn,
  placeOf,
  storesOn,
  type Contents,
} from '../../support/backup.ts'
import { aChange } from '../../support/changes.ts'

type FileRecord = Exclude<BackupRecord, EndRecord>

const NOW = new Date()
const TIME = NOW.toISOString()
const STAMP = { version: 'v', created: TIME, lastModified: TIME }

const userId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const groupId = (n: number): string => idOf(GROUP, userId(n))

/** In the order of ids that the file has. */
const user = (n: number, content: object = {}, more: object = {}): FileRecord => ({
  kind: 'user',
  id: userId(n),
  ...STAMP,
  content: { userName: `user${n}@acme.example`, ...content },
  ...more,
})

const group = (n: number, displayName = `group ${n}`): FileRecord => ({
  kind: 'group',
  id: groupId(n),
  group: { ...STAMP, content: { displayName } },
})

const team = (n: number, name = `team ${n}`, adopted = false): FileRecord => ({
  kind: 'group',
  id: groupId(n),
  team: { name, ...STAMP, adopted },
})

const members = (n: number, more: object): FileRecord => ({
  kind: 'members',
  of: groupId(n),
  ...more,
})

const TENANT = {
  kind: 'tenant',
  format: FORMAT,
  exported: TIME,
  id: 'acme',
  name: 'Acme',
  settings: {},
} as const

/** A tenant with an attribute of its own, of which a value is somebody's alone. */
function withBadge(more: { readonly unfilled?: true } = {}): FileRecord {
  const badge = { id: 'badge', label: 'Badge', type: 'string' as const, multiValued: false }
  const kept = { allowedValues: [], unique: true, indexed: false, created: TIME, ...more }
  return { ...TENANT, definitions: [{ ...badge, ...kept }] }
}

async function fileOf(
  lines: readonly FileRecord[],
  { passes = 0, tenant }: { readonly passes?: number; readonly tenant?: FileRecord } = {},
): Promise<Buffer> {
  async function* records(): AsyncGenerator<FileRecord, Ending> {
    yield* [tenant ?? { ...TENANT, definitions: [] }, ...lines]
    return { passes, whole: passes === 0 }
  }
  const text: string[] = []
  for await (const line of sealedLines(records())) text.push(line)
  return Buffer.from(text.join(''))
}

let to: Stores

beforeEach(async () => {
  to = memoryStores()
  await createTenant(to.tenants, { id: 'copy', now: NOW })
})

/** Rehearses, imports, and expects both to tell the same. */
async function imported(
  lines: readonly FileRecord[],
  options: Partial<ImportOptions> & { readonly passes?: number; readonly tenant?: FileRecord } = {},
): Promise<Imported> {
  const file = await fileOf(lines, options)
  const { passes: _, tenant: __, ...rest } = options
  const before = await contentsOf(to, 'copy')
  const rehearsed = await importOf(partsOn(to), 'copy', file, { ...rest, dryRun: true })
  expect(await contentsOf(to, 'copy')).toEqual(before)
  const done = await importOf(partsOn(to), 'copy', file, rest)
  expect(inOrder(rehearsed)).toEqual(inOrder(done))
  return inOrder(done)
}

/** What is left out is told as it comes, which is several at a time. */
function inOrder(done: Imported): Imported {
  return { ...done, left: { ...done.left, first: done.left.first.toSorted() } }
}

const contents = async (): Promise<Contents> => contentsOf(to, 'copy')

describe('of two with one unique value the first in the file has it', () => {
  test.each([
    [
      'userName, whatever its case',
      { userName: 'ada@acme.example' },
      { userName: 'ADA@acme.example' },
    ],
    [
      'an attribute that the tenant has declared',
      { people: { badge: '7' } },
      { people: { badge: '7' } },
    ],
  ])('%s', async (_, one, other) => {
    const lines = [user(1), user(2, one), user(3, other), user(4)]
    const { left, brought } = await imported(lines, { tenant: withBadge() })
    expect([brought.users, left.count]).toEqual([3, 1])
    expect(left.first[0]).toMatch(
      new RegExp(`^user ${userId(3)}: Another User has this \\S+: id ${userId(2)}`),
    )
  })

  test('however long each takes to be written', async () => {
    const count = 40
    const lines = Array.from({ length: count }, (_, n) =>
      user(n, { userName: `shared${n % 20}@acme.example` }),
    )
    const bring: Stores['resources']['bring'] = async (scope, type, resource, change) => {
      const late = Number(resource.id.slice(-2)) < 20 ? 5 : 0
      await new Promise((resolve) => {
        setTimeout(resolve, late)
      })
      return to.resources.bring(scope, type, resource, change)
    }
    const parts = partsOn({ ...to, resources: { ...to.resources, bring } })
    const { left, brought } = await importOf(parts, 'copy', await fileOf(lines))
    expect([brought.users, left.count]).toEqual([20, 20])
    const ids = (await contents()).users.map((each) => JSON.stringify(each))
    for (let n = 0; n < count; n += 1) {
      expect(ids.some((each) => each.includes(userId(n)))).toBe(n < 20)
    }
  })

  test('who is left out holds no value against a third', async () => {
    const lines = [
      user(1, { people: { badge: 'a' } }),
      user(2, { userName: 'x', people: { badge: 'a' } }),
      user(3, { userName: 'X' }),
    ]
    const { left, brought } = await imported(lines, {
      tenant: withBadge(),
    })
    expect([brought.users, left.count]).toEqual([2, 1])
  })

  test('but for an attribute whose index is being filled, which may have it twice', async () => {
    const lines = [user(1, { people: { badge: 'a' } }), user(2, { people: { badge: 'a' } })]
    const { brought } = await imported(lines, { tenant: withBadge({ unfilled: true }) })
    expect(brought.users).toBe(2)
  })

  test('groups and teams as well, a team by its own name', async () => {
    const lines = [group(1, 'Sales'), group(2, 'SALES'), team(3, 'Crew'), team(4, 'crew')]
    const { left, brought } = await imported(lines)
    expect([brought.groups, brought.teams]).toEqual([1, 1])
    expect(left.first).toEqual([
      `group ${groupId(2)}: Another Group has this displayName: id ${groupId(1)}.`,
      `team ${groupId(4)}: Another team has this name: id ${groupId(3)}.`,
    ])
  })

  test('a later line about the first one does not make it its own rival', async () => {
    const lines: FileRecord[] = [
      user(1, { userName: 'old' }),
      user(2),
      { kind: 'pass', pass: 1 },
      user(1, { userName: 'old', title: 'new' }),
    ]
    const { left, brought } = await imported(lines, { passes: 1 })
    expect([brought.users, left.count]).toEqual([2, 0])
  })
})

test('what has more indexed values than can be written at once is left out, and told before', async () => {
  const emails = Array.from({ length: 120 }, (_, n) => ({ value: `${n}@acme.example` }))
  const { left, brought } = await imported([user(1), user(2, { emails })])
  expect([brought.users, left.count]).toEqual([1, 1])
  expect(left.first[0]).toMatch(/^user \S+2: .*emails/)
})

describe('the memberships of what is left out are left out', () => {
  test('of users and groups, wherever they stand; of ids that nobody has not', async () => {
    const lines: FileRecord[] = [
      user(1, { userName: 'one' }),
      user(2, { userName: 'two' }),
      group(1),
      members(1, { users: [userId(1), userId(2), 'nobody'], groups: [groupId(3)] }),
      group(2, 'Sales'),
      group(3, 'Sales'),
      members(3, { users: [userId(1)], byHand: [userId(1)] }),
      { kind: 'pass', pass: 1 },
      user(2, { userName: 'one' }),
    ]
    const { left, brought, leftMemberships } = await imported(lines, { passes: 1 })
    expect(left.count).toBe(2)
    expect(leftMemberships).toEqual({ ofLeftOut: 4, ofNobody: 0, takenOut: 0 })
    expect(brought).toMatchObject({ users: 1, groups: 2, members: 2, membersByHand: 0 })
    const { members: all, byHand } = await contents()
    const values = all[groupId(1)]?.map(({ value }) => value)
    expect([values, byHand]).toEqual([[userId(1), 'nobody'], {}])
  })

  test('a team goes with the group that it has become', async () => {
    const adopted: FileRecord = {
      kind: 'group',
      id: groupId(2),
      group: { ...STAMP, content: { displayName: 'Sales' } },
      team: { name: 'Sellers', ...STAMP, adopted: true },
    }
    const lines = [user(1), group(1, 'Sales'), adopted, members(2, { byHand: [userId(1)] })]
    const { left, leftMemberships } = await imported(lines)
    expect(left.first).toEqual([
      expect.stringContaining(`group ${groupId(2)}: Another Group`),
      `team ${groupId(2)}: the group that it has become is left out`,
    ])
    expect(leftMemberships.ofLeftOut).toBe(1)
    expect((await contents()).teams).toEqual([])
  })

  test('so are those of a team made by hand', async () => {
    const lines = [user(1), team(1, 'Crew'), team(2, 'Crew'), members(2, { byHand: [userId(1)] })]
    const { leftMemberships } = await imported(lines)
    expect(leftMemberships).toEqual({ ofLeftOut: 1, ofNobody: 0, takenOut: 0 })
  })

  test('those of who was deleted while it was exported are no memberships any more', async () => {
    const lines: FileRecord[] = [
      user(1),
      user(2),
      group(1),
      members(1, { users: [userId(1), userId(2)] }),
      members(1, { byHand: [userId(2)] }),
      { kind: 'pass', pass: 1 },
      { kind: 'removed', of: 'user', id: userId(2) },
    ]
    const { brought, left, leftMemberships } = await imported(lines, { passes: 1 })
    expect(brought).toMatchObject({ users: 1, members: 1, membersByHand: 0 })
    expect([left.count, leftMemberships]).toEqual([0, { ofLeftOut: 0, ofNobody: 0, takenOut: 0 }])
  })
})

describe('who was put into a team by hand', () => {
  test('and is nobody, or out of sight, is left out, and told', async () => {
    const lines = [
      user(1),
      user(2, { active: false }, { hidden: true }),
      team(1),
      members(1, { byHand: [userId(1), userId(2), userId(3), userId(4)] }),
    ]
    const { brought, leftMemberships } = await imported(lines)
    expect([brought.membersByHand, leftMemberships]).toEqual([
      1,
      { ofLeftOut: 0, ofNobody: 3, takenOut: 0 },
    ])
    expect((await contents()).byHand).toEqual({ [userId(1)]: [groupId(1)] })
  })

  test('may be somebody whom the tenant had before an import that goes on', async () => {
    const { scope, users } = await placeOf(to, 'copy')
    const resource = { id: userId(9), ...STAMP, attributes: { userName: 'there' } }
    await to.resources.bring(scope, users, resource, aChange('create'))
    const lines = [team(1), members(1, { byHand: [userId(9)] })]
    const { brought } = await imported(lines, { resume: true })
    expect(brought.membersByHand).toBe(1)
  })
})

describe('counts are of what was brought', () => {
  const lines = [
    user(1),
    user(2),
    group(1),
    members(1, { users: [userId(1), userId(1), userId(2)] }),
    members(1, { users: [userId(2)], byHand: [userId(1), userId(1)] }),
    members(1, { byHand: [userId(1)] }),
  ]

  test('an id that is repeated, in a line or in several, counts once', async () => {
    const { brought } = await imported(lines)
    expect(brought).toMatchObject({ members: 2, membersByHand: 1 })
  })

  test('an import that goes on counts what was missing', async () => {
    await importOf(partsOn(to), 'copy', await fileOf(lines.slice(0, 3)))
    const { brought, there } = await imported(lines, { resume: true })
    expect(brought).toMatchObject({ users: 0, groups: 0, members: 2, membersByHand: 1 })
    expect(there).toBe(3)
    const again = await imported(lines, { resume: true })
    expect(again.brought).toMatchObject({ members: 0, membersByHand: 0 })
  })
})

function of(type: string, subject: string, operation: 'delete' | 'members'): Change {
  return { ...aChange(operation), note: { type, subject } }
}

describe('what somebody has taken away since is not brought again, and told', () => {
  const lines = [
    user(1),
    user(2),
    group(1),
    members(1, { users: [userId(1), userId(2)] }),
    group(2),
    team(3),
    members(3, { byHand: [userId(1), userId(2)] }),
    team(4),
  ]

  test.each([
    ['memory', async () => memoryStores()],
    ['tables', storesOn],
  ] as const)('in %s', async (_, open) => {
    to = await open()
    await createTenant(to.tenants, { id: 'copy', now: NOW })
    await imported(lines)
    const { scope, users, groups } = await placeOf(to, 'copy')
    const { resources, teams } = to
    const [one, second] = [
      await resources.get(scope, users, userId(1)),
      await resources.get(scope, groups, groupId(2)),
    ]
    const fourth = await teams.get(scope, groupId(4))
    if (!one || !second || !fourth) throw new Error('not all were brought')
    await resources.delete(scope, users, one, of('User', one.id, 'delete'))
    await resources.delete(scope, groups, second, of('Group', second.id, 'delete'))
    await teams.delete(scope, fourth, of('Team', fourth.id, 'delete'))
    const out = { personId: userId(2), to: 'absent' } as const
    await teams.changeMember(scope, groupId(3), out, of('Team', groupId(3), 'members'))
    const before = await contents()
    const { left, leftMemberships, brought } = await imported(lines, { resume: true })
    expect(left).toEqual({
      count: 4,
      first: [
        `group ${groupId(1)}: it is there in another version`,
        `group ${groupId(2)}: it was there, and was deleted since`,
        `team ${groupId(4)}: it was there, and was deleted since`,
        `user ${userId(1)}: it was there, and was deleted since`,
      ],
    })
    expect(leftMemberships).toEqual({ ofLeftOut: 1, ofNobody: 0, takenOut: 1 })
    expect(brought).toMatchObject({ users: 0, groups: 0, teams: 0, members: 0, membersByHand: 0 })
    expect(await contents()).toEqual(before)
  })

  test('nor do the teams of who has gone out of sight have the person again', async () => {
    await imported([user(1)])
    const { scope, users } = await placeOf(to, 'copy')
    const there = await to.resources.get(scope, users, userId(1))
    if (!there) throw new Error('nobody was brought')
    await to.resources.hide(scope, users, there, of('User', there.id, 'delete'))
    const whole = [
      user(1),
      group(1),
      members(1, { users: [userId(1)] }),
      team(2),
      members(2, { byHand: [userId(1)] }),
    ]
    const { brought, leftMemberships } = await imported(whole, { resume: true })
    expect(brought).toMatchObject({ groups: 1, teams: 1, members: 0, membersByHand: 0 })
    expect(leftMemberships).toEqual({ ofLeftOut: 2, ofNobody: 0, takenOut: 0 })
    const { members: all, byHand } = await contents()
    expect([Object.values(all).flat(), byHand]).toEqual([[], {}])
  })

  test('nor is an account that has gone out of sight, or come back', async () => {
    const accounts = [user(1), user(2, { active: false }, { hidden: true })]
    await imported(accounts)
    const { scope, users } = await placeOf(to, 'copy')
    const [there, hidden] = [
      await to.resources.get(scope, users, userId(1)),
      await to.resources.getHidden(scope, users, userId(2)),
    ]
    if (!there || !hidden) throw new Error('not all were brought')
    const kept = of('User', there.id, 'delete')
    await to.resources.hide(scope, users, there, kept)
    const attributes = { ...hidden.attributes, active: true }
    await to.resources.restore(scope, users, hidden, attributes, aChange('restore'))
    const before = await contents()
    const { left } = await imported(accounts, { resume: true })
    expect(left.first).toEqual([
      `user ${userId(1)}: it is there in another version`,
      `user ${userId(2)}: it is there in another version`,
    ])
    expect(await contents()).toEqual(before)
  })
})

test('a rehearsal with --resume knows what the tenant has', async () => {
  const { scope, users } = await placeOf(to, 'copy')
  for (const [n, userName] of [
    [1, 'user1@acme.example'],
    [9, 'USER2@acme.example'],
  ] as const) {
    const resource = { id: userId(n), ...STAMP, attributes: { userName } }
    await to.resources.bring(scope, users, resource, aChange('create'))
  }
  const made = { id: groupId(7), name: 'Crew', ...STAMP, adopted: false }
  await to.teams.bring(scope, made, aChange('create'))
  const lines = [
    user(1),
    user(2),
    user(3),
    user(4, { active: false }, { hidden: true }),
    team(5, 'CREW'),
    team(7, 'Crew'),
  ]
  const { brought, there, left } = await imported(lines, { resume: true })
  expect(brought).toMatchObject({ users: 1, hidden: 1, teams: 0 })
  expect([there, left.count]).toEqual([2, 2])
})

test('in tables it is the same', async () => {
  to = await storesOn()
  await createTenant(to.tenants, { id: 'copy', now: NOW })
  const lines = [
    user(1, { userName: 'one' }),
    user(2, { userName: 'ONE' }),
    group(1),
    members(1, { users: [userId(1), userId(2), userId(1)], byHand: [userId(2), userId(1)] }),
  ]
  const { brought, left, leftMemberships } = await imported(lines)
  expect(brought).toMatchObject({ users: 1, members: 1, membersByHand: 1 })
  expect([left.count, leftMemberships]).toEqual([1, { ofLeftOut: 2, ofNobody: 0, takenOut: 0 }])
  await imported(lines, { resume: true })
})
