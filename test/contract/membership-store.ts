import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type { ChangeStamp, Member, StoredResource } from '../../lib/scim/resource.ts'
import { compareIds } from '../../lib/storage/membership-keys.ts'
import type { Memberships } from '../../lib/storage/memberships.ts'
import type { ResourceStore } from '../../lib/storage/port.ts'

/** The stores under test, which share their rows. */
export interface MembershipFixture {
  readonly resources: ResourceStore
  readonly memberships: Memberships
}

const CREATED = '2026-11-22T08:00:00.000Z'

/** A tenant nobody else has, so that tests can share a store. */
export const aTenantId = (): string => `t-${randomUUID()}`

export const user = (value: string = randomUUID()): Member => ({ value, type: 'User' })

export const users = (count: number): Member[] => Array.from({ length: count }, () => user())

let stamps = 0

/** A stamp that no other change has. */
export function aStamp(): ChangeStamp {
  stamps += 1
  const lastModified = new Date(Date.UTC(2026, 10, 23) + stamps * 1000).toISOString()
  return { version: `v${String(stamps)}`, lastModified }
}

/** Creates a resource; groups get a name of their own. */
export async function aResource(
  { resources }: MembershipFixture,
  tenantId: string,
  resourceType: ResourceType = GROUP,
): Promise<StoredResource> {
  const id = randomUUID()
  const name = resourceType === GROUP ? 'displayName' : 'userName'
  const created = { version: 'v0', created: CREATED, lastModified: CREATED }
  await resources.create(tenantId, resourceType, { id, ...created, attributes: { [name]: id } })
  const stored = await resources.get(tenantId, resourceType, id)
  if (stored === undefined) throw new Error('the resource was not created')
  return stored
}

/** The ids of a group's members, as they are listed. */
export async function listed(
  { memberships }: MembershipFixture,
  tenantId: string,
  groupId: string,
): Promise<string[]> {
  const members = await collect(memberships.members(tenantId, groupId))
  return members.map(({ value }) => value)
}

/** What comes in batches as one list. */
export async function collect<Item>(batches: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const batch of batches) items.push(...batch)
  return items
}

export const idsOf = (members: readonly Member[]): string[] =>
  members.map(({ value }) => value).toSorted(compareIds)

/** Fails unless the members are these, seen from the group and from each of them. */
export async function expectMembers(
  fixture: MembershipFixture,
  tenantId: string,
  groupId: string,
  expected: readonly string[],
  absent: readonly string[] = [],
): Promise<void> {
  expect(await listed(fixture, tenantId, groupId)).toEqual([...expected].toSorted(compareIds))
  const groups = await fixture.memberships.groupsOf(tenantId, [...expected, ...absent])
  const backward = [...groups].filter(([, ids]) => ids.includes(groupId)).map(([id]) => id)
  expect(backward.toSorted(compareIds)).toEqual([...expected].toSorted(compareIds))
}

async function stampOf(
  { resources }: MembershipFixture,
  tenantId: string,
  groupId: string,
): Promise<ChangeStamp | undefined> {
  const group = await resources.get(tenantId, GROUP, groupId)
  return group && { version: group.version, lastModified: group.lastModified }
}

/** Ids as clients may send them for members that do not exist. */
export const WEIRD_IDS: readonly string[] = [
  'a/b\\c#d?e%f',
  "O'Neill' or 'a' eq 'a",
  'member:x:y',
  ':',
  '~',
  '  ',
  '\u0000\u0007\u007F\n\t',
  'Zoë-straße-日本',
  '👩‍👩‍👧‍👦',
  '__proto__',
  'constructor',
  'UPPER',
  'upper',
  `${'x'.repeat(599)}1`,
  `${'x'.repeat(599)}2`,
  '😀'.repeat(600),
  'half a pair: \uD83D',
  'half a pair: \uD83E',
]

/** What every MembershipStore does. */
export function membershipStoreContract(open: () => MembershipFixture): void {
  describe('a set of members', () => {
    setOfMembers(open)
  })
  describe('the stamp', () => {
    stampOfTheGroup(open)
  })
  describe('an exchange', () => {
    exchanges(open)
  })
  describe('a revision', () => {
    revisions(open)
  })
  describe('lookups', () => {
    lookups(open)
  })
  describe('many at once', () => {
    concurrency(open)
  })
  describe('deletion', () => {
    deletion(open)
  })
  test('changes in any order come to what they come to with sets', async () => {
    const law = await fc.check(changesEqualSets(open), { numRuns: 25 })
    expect(law).toMatchObject({ failed: false, counterexample: null })
  })
}

const EVERYONE = ['a', 'b', 'c:d', '👩‍👩‍👧‍👦', 'x'.repeat(600)]

/** Groups and members few enough for changes to meet. */
const CHANGE = fc.record({
  group: fc.integer({ min: 0, max: 2 }),
  op: fc.constantFrom('add', 'remove', 'removeAll' as const),
  ids: fc.uniqueArray(fc.constantFrom(...EVERYONE), { maxLength: 4 }),
})

/** Random changes, one after the other: outcomes, members and groups are those of a model made of sets. */
export function changesEqualSets(open: () => MembershipFixture): fc.IAsyncProperty<unknown> {
  return fc.asyncProperty(fc.array(CHANGE, { maxLength: 12 }), async (changes) => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { memberships } = fixture
    const groups = [1, 2, 3].map(async () => aResource(fixture, tenantId))
    const ids = (await Promise.all(groups)).map(({ id }) => id)
    const model = new Map(ids.map((id) => [id, new Set<string>()]))
    for (const { group, op, ids: named } of changes) {
      const groupId = ids[group] ?? ''
      const set = model.get(groupId) ?? new Set()
      const hits = named.filter((id) => set.has(id) === (op !== 'add'))
      if (op === 'removeAll') {
        const [id = 'a'] = named
        await memberships.removeAll(tenantId, USER, id)
        for (const each of model.values()) each.delete(id)
        continue
      }
      const outcome =
        op === 'add'
          ? await memberships.changeMembers(
              tenantId,
              groupId,
              { add: named.map(user), remove: [] },
              aStamp(),
            )
          : await memberships.changeMembers(tenantId, groupId, { add: [], remove: named }, aStamp())
      expect(outcome).toBe(hits.length > 0 ? 'changed' : 'unchanged')
      for (const id of named) {
        if (op === 'add') set.add(id)
        else set.delete(id)
      }
    }
    for (const [groupId, set] of model) {
      await expectMembers(fixture, tenantId, groupId, [...set], EVERYONE)
    }
  })
}

function setOfMembers(open: () => MembershipFixture): void {
  test('members are added and removed, and seen from both sides', async () => {
    const [fixture, tenantId, members] = [open(), aTenantId(), users(5)]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    expect(
      await memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp()),
    ).toBe('changed')
    await expectMembers(fixture, tenantId, id, idsOf(members))
    const [first, second, ...rest] = idsOf(members)
    const removed = [first ?? '', second ?? '']
    expect(
      await memberships.changeMembers(tenantId, id, { add: [], remove: removed }, aStamp()),
    ).toBe('changed')
    await expectMembers(fixture, tenantId, id, rest, removed)
    expect(await memberships.isMember(tenantId, id, rest[0] ?? '')).toBe(true)
    expect(await memberships.isMember(tenantId, id, removed[0] ?? '')).toBe(false)
  })

  test('the type of a member comes back', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const members: Member[] = [
      { value: 'a', type: 'User' },
      { value: 'b', type: 'Group' },
    ]
    await fixture.memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp())
    const found = await collect(fixture.memberships.members(tenantId, id))
    expect(found).toEqual(members)
  })

  test('a member named twice is one, and its first type holds', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const twice: Member[] = [user('a'), { value: 'a', type: 'Group' }, user('b')]
    expect(
      await fixture.memberships.changeMembers(tenantId, id, { add: twice, remove: [] }, aStamp()),
    ).toBe('changed')
    const found = await collect(fixture.memberships.members(tenantId, id))
    expect(found).toEqual([user('a'), user('b')])
    const removed = await fixture.memberships.changeMembers(
      tenantId,
      id,
      { add: [], remove: ['a', 'a'] },
      aStamp(),
    )
    expect(removed).toBe('changed')
    await expectMembers(fixture, tenantId, id, ['b'], ['a'])
  })

  test('of some the others are added', async () => {
    const [fixture, tenantId, members] = [open(), aTenantId(), users(60)]
    const { id } = await aResource(fixture, tenantId)
    const some = members.filter((_member, index) => index % 7 === 3)
    await fixture.memberships.changeMembers(tenantId, id, { add: some, remove: [] }, aStamp())
    expect(
      await fixture.memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp()),
    ).toBe('changed')
    await expectMembers(fixture, tenantId, id, idsOf(members))
  })

  test('of some those who are there are removed', async () => {
    const [fixture, tenantId, members] = [open(), aTenantId(), users(60)]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    const some = members.filter((_member, index) => index % 7 === 3)
    await memberships.changeMembers(tenantId, id, { add: some, remove: [] }, aStamp())
    const named = idsOf(members).filter((value) => value !== some[0]?.value)
    expect(
      await memberships.changeMembers(tenantId, id, { add: [], remove: named }, aStamp()),
    ).toBe('changed')
    await expectMembers(fixture, tenantId, id, idsOf(some.slice(0, 1)), named)
  })

  test('any text can be the id of a member', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const members = WEIRD_IDS.map(user)
    expect(
      await fixture.memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp()),
    ).toBe('changed')
    await expectMembers(fixture, tenantId, id, WEIRD_IDS)
    for (const weird of WEIRD_IDS) {
      expect(await fixture.memberships.isMember(tenantId, id, weird)).toBe(true)
      const removed = await fixture.memberships.changeMembers(
        tenantId,
        id,
        { add: [], remove: [weird] },
        aStamp(),
      )
      expect(removed).toBe('changed')
    }
    await expectMembers(fixture, tenantId, id, [], WEIRD_IDS)
  })

  test.each([...WEIRD_IDS.slice(0, 5), 'x'.repeat(600)])(
    'there is no group %j',
    async (groupId) => {
      const [{ memberships }, tenantId] = [open(), aTenantId()]
      expect(
        await memberships.changeMembers(tenantId, groupId, { add: users(2), remove: [] }, aStamp()),
      ).toBe('noGroup')
      expect(
        await memberships.changeMembers(tenantId, groupId, { add: [], remove: ['a'] }, aStamp()),
      ).toBe('noGroup')
      expect(
        await memberships.changeMembers(tenantId, groupId, { add: [], remove: [] }, aStamp()),
      ).toBe('noGroup')
      expect(await memberships.isMember(tenantId, groupId, 'a')).toBe(false)
      expect(await collect(memberships.members(tenantId, groupId))).toEqual([])
    },
  )

  test('many very long ids at once are taken', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const ids = Array.from({ length: 49 }, (_, n) => `${'\u0001'.repeat(8190)}${String(n)}`)
    const added = fixture.memberships.changeMembers(
      tenantId,
      id,
      { add: ids.map(user), remove: [] },
      aStamp(),
    )
    expect(await added).toBe('changed')
    await expectMembers(fixture, tenantId, id, ids)
    expect(
      await fixture.memberships.changeMembers(tenantId, id, { add: [], remove: ids }, aStamp()),
    ).toBe('changed')
    await expectMembers(fixture, tenantId, id, [], ids)
  })

  test('tenants do not see each other', async () => {
    const [fixture, tenantId, other] = [open(), aTenantId(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    await memberships.changeMembers(tenantId, id, { add: [user('a')], remove: [] }, aStamp())
    expect(
      await memberships.changeMembers(other, id, { add: [user('b')], remove: [] }, aStamp()),
    ).toBe('noGroup')
    expect(await memberships.changeMembers(other, id, { add: [], remove: ['a'] }, aStamp())).toBe(
      'noGroup',
    )
    expect(await memberships.isMember(other, id, 'a')).toBe(false)
    expect(await memberships.groupsOf(other, ['a'])).toEqual(new Map())
    expect(await memberships.groupNames(other, [id])).toEqual(new Map())
    expect(await listed(fixture, other, id)).toEqual([])
    await memberships.removeAll(other, GROUP, id)
    await memberships.removeAll(other, USER, 'a')
    await expectMembers(fixture, tenantId, id, ['a'])
  })
}

function stampOfTheGroup(open: () => MembershipFixture): void {
  test('moves with each change, and only with a change', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    const [added, removed] = [aStamp(), aStamp()]
    await memberships.changeMembers(
      tenantId,
      id,
      { add: [user('a'), user('b')], remove: [] },
      added,
    )
    expect(await stampOf(fixture, tenantId, id)).toEqual(added)

    const again = [user('b'), user('a')]
    expect(
      await memberships.changeMembers(tenantId, id, { add: again, remove: [] }, aStamp()),
    ).toBe('unchanged')
    expect(
      await memberships.changeMembers(tenantId, id, { add: [], remove: ['c', 'd'] }, aStamp()),
    ).toBe('unchanged')
    expect(await memberships.changeMembers(tenantId, id, { add: [], remove: [] }, aStamp())).toBe(
      'unchanged',
    )
    expect(await memberships.changeMembers(tenantId, id, { add: [], remove: [] }, aStamp())).toBe(
      'unchanged',
    )
    expect(await stampOf(fixture, tenantId, id)).toEqual(added)

    await memberships.changeMembers(tenantId, id, { add: [], remove: ['a', 'c'] }, removed)
    expect(await stampOf(fixture, tenantId, id)).toEqual(removed)
  })

  test('may be the same for several changes', async () => {
    const [fixture, tenantId, stamp] = [open(), aTenantId(), aStamp()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    await memberships.changeMembers(tenantId, id, { add: [user('a')], remove: [] }, stamp)
    await memberships.changeMembers(tenantId, id, { add: [], remove: ['a'] }, stamp)
    const both = [user('a'), user('b')]
    expect(await memberships.changeMembers(tenantId, id, { add: both, remove: [] }, stamp)).toBe(
      'changed',
    )
    expect(
      await memberships.changeMembers(
        tenantId,
        id,
        { add: [...both, user('c')], remove: [] },
        stamp,
      ),
    ).toBe('changed')
    await expectMembers(fixture, tenantId, id, ['a', 'b', 'c'])
  })

  test('leaves the rest of the group as it is, and makes what was read before stale', async () => {
    const [fixture, tenantId, stamp] = [open(), aTenantId(), aStamp()]
    const before = await aResource(fixture, tenantId)
    await fixture.memberships.changeMembers(
      tenantId,
      before.id,
      { add: [user('a')], remove: [] },
      stamp,
    )
    const after = await fixture.resources.get(tenantId, GROUP, before.id)
    expect(after).toEqual({ ...before, ...stamp, revision: after?.revision })
    expect(after?.revision).not.toBe(before.revision)
    expect(await fixture.resources.delete(tenantId, GROUP, before)).toBe(false)
    await expectMembers(fixture, tenantId, before.id, ['a'])
  })
}

function lookups(open: () => MembershipFixture): void {
  test('groupsOf tells the groups of each that is in one, in order', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { memberships } = fixture
    const groups = await Promise.all([1, 2, 3].map(async () => aResource(fixture, tenantId)))
    const groupIds = groups.map(({ id }) => id).toSorted(compareIds)
    for (const id of groupIds)
      await memberships.changeMembers(tenantId, id, { add: [user('a')], remove: [] }, aStamp())
    await memberships.changeMembers(
      tenantId,
      groupIds[0] ?? '',
      { add: [user('b')], remove: [] },
      aStamp(),
    )
    const found = await memberships.groupsOf(tenantId, ['c', 'b', 'a', 'a'])
    expect(found).toEqual(
      new Map([
        ['a', groupIds],
        ['b', groupIds.slice(0, 1)],
      ]),
    )
    expect(await memberships.groupsOf(tenantId, [])).toEqual(new Map())
  })

  test.each([
    ['side by side', (index: number) => index < 150],
    ['far apart', (index: number) => index % 60 === 0],
    ['at the end', (index: number) => index > 1150],
  ])('groupsOf is right for many members %s', async (_, isAsked) => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const members = idsOf(users(1200))
    const present = members.filter((_member, index) => index % 5 !== 0)
    await fixture.memberships.changeMembers(
      tenantId,
      id,
      { add: present.map(user), remove: [] },
      aStamp(),
    )
    const asked = members.filter((_each, index) => isAsked(index))
    const found = await fixture.memberships.groupsOf(tenantId, asked.toReversed())
    const expected = asked.filter((each) => present.includes(each))
    expect([...found.keys()].toSorted(compareIds)).toEqual(expected)
    expect([...found.values()].every((ids) => ids.length === 1 && ids[0] === id)).toBe(true)
  })

  test('groupNames tells the names of the groups that exist', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const [one, other, gone] = [
      await aResource(fixture, tenantId),
      await aResource(fixture, tenantId),
      await aResource(fixture, tenantId),
    ]
    await fixture.resources.delete(tenantId, GROUP, gone)
    const asked = [one.id, other.id, gone.id, 'nobody', one.id]
    const names = await fixture.memberships.groupNames(tenantId, asked)
    expect(names).toEqual(
      new Map([
        [one.id, one.attributes['displayName']],
        [other.id, other.attributes['displayName']],
      ]),
    )
  })

  test('memberIdsOf gives the ids in the order of members', async () => {
    const [fixture, tenantId, members] = [open(), aTenantId(), users(130)]
    const { id } = await aResource(fixture, tenantId)
    await fixture.memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp())
    const found = await collect(fixture.memberships.memberIdsOf(tenantId, id))
    expect(found).toEqual(idsOf(members))
  })

  test('members beyond a page all come, once, in order, whatever their ids', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const members = [
      ...users(1500),
      ...Array.from({ length: 300 }, (_, n) => user(`00000000-legacy-${String(n)}`)),
      ...Array.from({ length: 1300 }, (_, n) => user(`x${String(n)}@example.com`)),
      ...WEIRD_IDS.map(user),
    ]
    await fixture.memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp())
    expect(await listed(fixture, tenantId, id)).toEqual(idsOf(members))
  })
}

function concurrency(open: () => MembershipFixture): void {
  test('200 single additions, mixed with removals, all take effect', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    const [added, removed] = [users(200), users(60)]
    await memberships.changeMembers(tenantId, id, { add: removed, remove: [] }, aStamp())
    const outcomes = await Promise.all([
      ...added.map(async (each) =>
        memberships.changeMembers(tenantId, id, { add: [each], remove: [] }, aStamp()),
      ),
      ...idsOf(removed).map(async (each) =>
        memberships.changeMembers(tenantId, id, { add: [], remove: [each] }, aStamp()),
      ),
    ])
    expect(new Set(outcomes)).toEqual(new Set(['changed']))
    await expectMembers(fixture, tenantId, id, idsOf(added), idsOf(removed))
  })

  test('five writers add 500 each, half of them the same', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const shared = users(250)
    const own = Array.from({ length: 5 }, () => users(250))
    const outcomes = await Promise.all(
      own.map(async (mine) =>
        fixture.memberships.changeMembers(
          tenantId,
          id,
          { add: [...shared, ...mine], remove: [] },
          aStamp(),
        ),
      ),
    )
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'changed'))
    await expectMembers(fixture, tenantId, id, idsOf([...shared, ...own.flat()]))
  })

  test('additions and removals of the same members end, and both sides agree', async () => {
    const [fixture, tenantId, members] = [open(), aTenantId(), users(8)]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, async (_, turn) =>
        turn % 2 === 0
          ? memberships.changeMembers(
              tenantId,
              id,
              { add: members.slice(turn % 3), remove: [] },
              aStamp(),
            )
          : memberships.changeMembers(
              tenantId,
              id,
              { add: [], remove: idsOf(members).slice(turn % 5) },
              aStamp(),
            ),
      ),
    )
    expect(outcomes).not.toContain('noGroup')
    await expectMembers(fixture, tenantId, id, await listed(fixture, tenantId, id), idsOf(members))
    await memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp())
    await expectMembers(fixture, tenantId, id, idsOf(members))
  })

  test('of many who add the same member one changes the group', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async () =>
        fixture.memberships.changeMembers(tenantId, id, { add: [user('a')], remove: [] }, aStamp()),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(11)
  })
}

function deletion(open: () => MembershipFixture): void {
  test('a deleted user leaves its groups, which are stamped', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { memberships, resources } = fixture
    const [gone, stays] = [await aResource(fixture, tenantId, USER), user()]
    const groups = await Promise.all([1, 2, 3].map(async () => aResource(fixture, tenantId)))
    for (const { id } of groups) {
      await memberships.changeMembers(
        tenantId,
        id,
        { add: [user(gone.id), stays], remove: [] },
        aStamp(),
      )
    }
    const bystander = await aResource(fixture, tenantId)
    await memberships.changeMembers(tenantId, bystander.id, { add: [stays], remove: [] }, aStamp())
    const stampBefore = await stampOf(fixture, tenantId, bystander.id)

    expect(await resources.delete(tenantId, USER, gone)).toBe(true)
    for (const { id } of groups) {
      await expectMembers(fixture, tenantId, id, [stays.value], [gone.id])
      const stamp = await stampOf(fixture, tenantId, id)
      expect(stamp?.version).not.toMatch(/^v\d+$/)
      expect(Date.parse(stamp?.lastModified ?? '')).not.toBeNaN()
    }
    expect(await stampOf(fixture, tenantId, bystander.id)).toEqual(stampBefore)
    await memberships.removeAll(tenantId, USER, gone.id)
  })

  test('a deleted group is gone from both sides, its parents included', async () => {
    const [fixture, tenantId, members] = [open(), aTenantId(), users(120)]
    const { memberships, resources } = fixture
    const [parent, stays] = [await aResource(fixture, tenantId), await aResource(fixture, tenantId)]
    const { id } = await aResource(fixture, tenantId)
    await memberships.changeMembers(
      tenantId,
      parent.id,
      { add: [{ value: id, type: 'Group' }], remove: [] },
      aStamp(),
    )
    await memberships.changeMembers(tenantId, id, { add: members, remove: [] }, aStamp())
    await memberships.changeMembers(tenantId, stays.id, { add: members, remove: [] }, aStamp())
    const group = await resources.get(tenantId, GROUP, id)
    expect(group !== undefined && (await resources.delete(tenantId, GROUP, group))).toBe(true)

    expect(
      await memberships.changeMembers(tenantId, id, { add: users(1), remove: [] }, aStamp()),
    ).toBe('noGroup')
    const named = idsOf(members).slice(0, 1)
    expect(
      await memberships.changeMembers(tenantId, id, { add: [], remove: named }, aStamp()),
    ).toBe('noGroup')
    await expectMembers(fixture, tenantId, id, [], idsOf(members))
    await expectMembers(fixture, tenantId, parent.id, [], [id])
    expect((await stampOf(fixture, tenantId, parent.id))?.version).not.toMatch(/^v\d+$/)
    await expectMembers(fixture, tenantId, stays.id, idsOf(members))
    expect(await resources.get(tenantId, GROUP, id)).toBeUndefined()
    await memberships.removeAll(tenantId, GROUP, id)
  })

  test('additions that race with the deletion of the group leave nothing behind', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships, resources } = fixture
    const tried: Member[] = []
    const addUntilRefused = async (): Promise<number> => {
      for (let turn = 0; turn < 500; turn += 1) {
        const batch = users(20)
        tried.push(...batch)
        if (
          (await memberships.changeMembers(tenantId, id, { add: batch, remove: [] }, aStamp())) ===
          'noGroup'
        )
          return turn
        await pause(Math.random() * 40)
      }
      throw new Error('the group was never deleted')
    }
    const deleteIt = async (): Promise<void> => {
      for (;;) {
        await pause(20)
        const group = await resources.get(tenantId, GROUP, id)
        if (group === undefined || (await resources.delete(tenantId, GROUP, group))) return
      }
    }
    const writers = [addUntilRefused(), addUntilRefused(), addUntilRefused()]
    const [turns] = await Promise.all([Promise.all(writers), deleteIt()])
    expect(Math.max(...turns)).toBeGreaterThan(0)
    await expectMembers(fixture, tenantId, id, [], idsOf(tried))
    expect(await resources.get(tenantId, GROUP, id)).toBeUndefined()
  })
}

function exchanges(open: () => MembershipFixture): void {
  test('adds and removes at once', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    const [before, after] = [users(20), users(20)]
    await memberships.changeMembers(tenantId, id, { add: before, remove: [] }, aStamp())
    const exchange = { add: after, remove: before.map(({ value }) => value) }
    const stamp = aStamp()
    expect(await memberships.changeMembers(tenantId, id, exchange, stamp)).toBe('changed')
    await expectMembers(fixture, tenantId, id, idsOf(after), exchange.remove)
    expect(await stampOf(fixture, tenantId, id)).toEqual(stamp)
    expect(await memberships.changeMembers(tenantId, id, exchange, aStamp())).toBe('unchanged')
    expect(await stampOf(fixture, tenantId, id)).toEqual(stamp)
  })

  test('does what is left of it', async () => {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships } = fixture
    await memberships.changeMembers(tenantId, id, { add: [user('a')], remove: [] }, aStamp())
    const exchange = { add: [user('a'), user('b')], remove: ['nobody'] }
    expect(await memberships.changeMembers(tenantId, id, exchange, aStamp())).toBe('changed')
    await expectMembers(fixture, tenantId, id, ['a', 'b'], ['nobody'])
  })
}

function revisions(open: () => MembershipFixture): void {
  async function withRevision(): Promise<{
    readonly fixture: MembershipFixture
    readonly tenantId: string
    readonly id: string
    readonly revision: string
  }> {
    const [fixture, tenantId] = [open(), aTenantId()]
    const { id } = await aResource(fixture, tenantId)
    const { memberships, resources } = fixture
    await memberships.changeMembers(tenantId, id, { add: [user('a')], remove: [] }, aStamp())
    const { revision = '' } = (await resources.get(tenantId, GROUP, id)) ?? {}
    return { fixture, tenantId, id, revision }
  }

  test.each([1, 49, 120])('that holds lets a change of %i members through', async (count) => {
    const { fixture, tenantId, id, revision } = await withRevision()
    const add = users(count)
    const change = { add, remove: ['a'] }
    expect(await fixture.memberships.changeMembers(tenantId, id, change, aStamp(), revision)).toBe(
      'changed',
    )
    await expectMembers(fixture, tenantId, id, idsOf(add), ['a'])
  })

  test.each([1, 120])('that is past stops a change of %i members', async (count) => {
    const { fixture, tenantId, id, revision } = await withRevision()
    const { memberships } = fixture
    await memberships.changeMembers(tenantId, id, { add: [user('b')], remove: [] }, aStamp())
    const change = { add: users(count), remove: ['a'] }
    expect(await memberships.changeMembers(tenantId, id, change, aStamp(), revision)).toBe(
      'conflict',
    )
    await expectMembers(fixture, tenantId, id, ['a', 'b'])
  })

  test('that is past is no conflict where nothing is to be changed', async () => {
    const { fixture, tenantId, id, revision } = await withRevision()
    const { memberships } = fixture
    await memberships.changeMembers(tenantId, id, { add: [user('b')], remove: [] }, aStamp())
    const change = { add: [user('a')], remove: ['nobody'] }
    expect(await memberships.changeMembers(tenantId, id, change, aStamp(), revision)).toBe(
      'unchanged',
    )
  })

  test('lets one of ten changes through', async () => {
    const { fixture, tenantId, id, revision } = await withRevision()
    const outcomes = await Promise.all(
      users(10).map((member) =>
        fixture.memberships.changeMembers(
          tenantId,
          id,
          { add: [member], remove: [] },
          aStamp(),
          revision,
        ),
      ),
    )
    expect(outcomes.toSorted()).toEqual(
      ['changed', ...outcomes.slice(1).fill('conflict')].toSorted(),
    )
    expect(await listed(fixture, tenantId, id)).toHaveLength(2)
  })
}
