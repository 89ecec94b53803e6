import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import type { ChangeStamp, Member, StoredResource } from '../../lib/scim/resource.ts'
import { compareIds } from '../../lib/storage/keys.ts'
import { compareInMemberOf } from '../../lib/storage/membership-keys.ts'
import type { Change, Memberships, ResourceStore, Scope } from '../../lib/storage/port.ts'
import { aChange, aStamp, creation, deletion, scopeOf } from '../support/changes.ts'

/** The stores under test, which share their rows. */
export interface MembershipFixture {
  readonly resources: ResourceStore
  readonly memberships: Memberships
}

const CREATED = '2026-11-22T08:00:00.000Z'

/** A tenant nobody else has, so that tests can share a store. */
export const aTenant = (): Scope => scopeOf(`t-${randomUUID()}`)

export const user = (value: string = randomUUID()): Member => ({ value, type: 'User' })

export const users = (count: number): Member[] => Array.from({ length: count }, () => user())

/** A change of members that no other call has made. */
export const aMembersChange = (stamp?: ChangeStamp): Change => aChange('members', stamp)

/** Creates a resource; groups get a name of their own. */
export async function aResource(
  { resources }: MembershipFixture,
  tenant: Scope,
  resourceType: ResourceType = GROUP,
): Promise<StoredResource> {
  const id = randomUUID()
  const name = resourceType === GROUP ? 'displayName' : 'userName'
  const created = { version: 'v0', created: CREATED, lastModified: CREATED }
  await resources.create(
    tenant,
    resourceType,
    ...creation({ id, ...created, attributes: { [name]: id } }),
  )
  const stored = await resources.get(tenant, resourceType, id)
  if (stored === undefined) throw new Error('the resource was not created')
  return stored
}

/** The ids of a group's members, as they are listed. */
export async function listed(
  { memberships }: MembershipFixture,
  tenant: Scope,
  groupId: string,
): Promise<string[]> {
  const members = await collect(memberships.members(tenant, groupId))
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
  tenant: Scope,
  groupId: string,
  expected: readonly string[],
  absent: readonly string[] = [],
): Promise<void> {
  expect(await listed(fixture, tenant, groupId)).toEqual([...expected].toSorted(compareIds))
  const groups = await fixture.memberships.groupsOf(tenant, [...expected, ...absent])
  const backward = [...groups].filter(([, ids]) => ids.includes(groupId)).map(([id]) => id)
  expect(backward.toSorted(compareIds)).toEqual([...expected].toSorted(compareIds))
}

async function stampOf(
  { resources }: MembershipFixture,
  tenant: Scope,
  groupId: string,
): Promise<ChangeStamp | undefined> {
  const group = await resources.get(tenant, GROUP, groupId)
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
    deletions(open)
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
    const [fixture, tenant] = [open(), aTenant()]
    const { memberships } = fixture
    const groups = [1, 2, 3].map(async () => aResource(fixture, tenant))
    const ids = (await Promise.all(groups)).map(({ id }) => id)
    const model = new Map(ids.map((id) => [id, new Set<string>()]))
    for (const { group, op, ids: named } of changes) {
      const groupId = ids[group] ?? ''
      const set = model.get(groupId) ?? new Set()
      const hits = named.filter((id) => set.has(id) === (op !== 'add'))
      if (op === 'removeAll') {
        const [id = 'a'] = named
        await memberships.removeAll(tenant, id, false, deletion())
        for (const each of model.values()) each.delete(id)
        continue
      }
      const outcome =
        op === 'add'
          ? await memberships.changeMembers(
              tenant,
              groupId,
              { add: named.map(user), remove: [] },
              aMembersChange(),
            )
          : await memberships.changeMembers(
              tenant,
              groupId,
              { add: [], remove: named },
              aMembersChange(),
            )
      expect(outcome).toBe(hits.length > 0 ? 'changed' : 'unchanged')
      for (const id of named) {
        if (op === 'add') set.add(id)
        else set.delete(id)
      }
    }
    for (const [groupId, set] of model) {
      await expectMembers(fixture, tenant, groupId, [...set], EVERYONE)
    }
  })
}

function setOfMembers(open: () => MembershipFixture): void {
  test('members are added and removed, and seen from both sides', async () => {
    const [fixture, tenant, members] = [open(), aTenant(), users(5)]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    expect(
      await memberships.changeMembers(tenant, id, { add: members, remove: [] }, aMembersChange()),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, idsOf(members))
    const [first, second, ...rest] = idsOf(members)
    const removed = [first ?? '', second ?? '']
    expect(
      await memberships.changeMembers(tenant, id, { add: [], remove: removed }, aMembersChange()),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, rest, removed)
    expect(await memberships.isMember(tenant, id, rest[0] ?? '')).toBe(true)
    expect(await memberships.isMember(tenant, id, removed[0] ?? '')).toBe(false)
  })

  test('the type of a member comes back', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const members: Member[] = [
      { value: 'a', type: 'User' },
      { value: 'b', type: 'Group' },
    ]
    await fixture.memberships.changeMembers(
      tenant,
      id,
      { add: members, remove: [] },
      aMembersChange(),
    )
    const found = await collect(fixture.memberships.members(tenant, id))
    expect(found).toEqual(members)
  })

  test('a member named twice is one, and its first type holds', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const twice: Member[] = [user('a'), { value: 'a', type: 'Group' }, user('b')]
    expect(
      await fixture.memberships.changeMembers(
        tenant,
        id,
        { add: twice, remove: [] },
        aMembersChange(),
      ),
    ).toBe('changed')
    const found = await collect(fixture.memberships.members(tenant, id))
    expect(found).toEqual([user('a'), user('b')])
    const removed = await fixture.memberships.changeMembers(
      tenant,
      id,
      { add: [], remove: ['a', 'a'] },
      aMembersChange(),
    )
    expect(removed).toBe('changed')
    await expectMembers(fixture, tenant, id, ['b'], ['a'])
  })

  test('of some the others are added', async () => {
    const [fixture, tenant, members] = [open(), aTenant(), users(60)]
    const { id } = await aResource(fixture, tenant)
    const some = members.filter((_member, index) => index % 7 === 3)
    await fixture.memberships.changeMembers(tenant, id, { add: some, remove: [] }, aMembersChange())
    expect(
      await fixture.memberships.changeMembers(
        tenant,
        id,
        { add: members, remove: [] },
        aMembersChange(),
      ),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, idsOf(members))
  })

  test('of some those who are there are removed', async () => {
    const [fixture, tenant, members] = [open(), aTenant(), users(60)]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    const some = members.filter((_member, index) => index % 7 === 3)
    await memberships.changeMembers(tenant, id, { add: some, remove: [] }, aMembersChange())
    const named = idsOf(members).filter((value) => value !== some[0]?.value)
    expect(
      await memberships.changeMembers(tenant, id, { add: [], remove: named }, aMembersChange()),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, idsOf(some.slice(0, 1)), named)
  })

  test('any text can be the id of a member', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const members = WEIRD_IDS.map(user)
    expect(
      await fixture.memberships.changeMembers(
        tenant,
        id,
        { add: members, remove: [] },
        aMembersChange(),
      ),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, WEIRD_IDS)
    for (const weird of WEIRD_IDS) {
      expect(await fixture.memberships.isMember(tenant, id, weird)).toBe(true)
      const removed = await fixture.memberships.changeMembers(
        tenant,
        id,
        { add: [], remove: [weird] },
        aMembersChange(),
      )
      expect(removed).toBe('changed')
    }
    await expectMembers(fixture, tenant, id, [], WEIRD_IDS)
  })

  test.each([...WEIRD_IDS.slice(0, 5), 'x'.repeat(600)])(
    'there is no group %j',
    async (groupId) => {
      const [{ memberships }, tenant] = [open(), aTenant()]
      expect(
        await memberships.changeMembers(
          tenant,
          groupId,
          { add: users(2), remove: [] },
          aMembersChange(),
        ),
      ).toBe('noGroup')
      expect(
        await memberships.changeMembers(
          tenant,
          groupId,
          { add: [], remove: ['a'] },
          aMembersChange(),
        ),
      ).toBe('noGroup')
      expect(
        await memberships.changeMembers(tenant, groupId, { add: [], remove: [] }, aMembersChange()),
      ).toBe('noGroup')
      expect(await memberships.isMember(tenant, groupId, 'a')).toBe(false)
      expect(await collect(memberships.members(tenant, groupId))).toEqual([])
    },
  )

  test('many very long ids at once are taken', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const ids = Array.from({ length: 49 }, (_, n) => `${'\u0001'.repeat(8190)}${String(n)}`)
    const added = fixture.memberships.changeMembers(
      tenant,
      id,
      { add: ids.map(user), remove: [] },
      aMembersChange(),
    )
    expect(await added).toBe('changed')
    await expectMembers(fixture, tenant, id, ids)
    expect(
      await fixture.memberships.changeMembers(
        tenant,
        id,
        { add: [], remove: ids },
        aMembersChange(),
      ),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, [], ids)
  })

  test('tenants do not see each other', async () => {
    const [fixture, tenant, other] = [open(), aTenant(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    await memberships.changeMembers(tenant, id, { add: [user('a')], remove: [] }, aMembersChange())
    expect(
      await memberships.changeMembers(
        other,
        id,
        { add: [user('b')], remove: [] },
        aMembersChange(),
      ),
    ).toBe('noGroup')
    expect(
      await memberships.changeMembers(other, id, { add: [], remove: ['a'] }, aMembersChange()),
    ).toBe('noGroup')
    expect(await memberships.isMember(other, id, 'a')).toBe(false)
    expect(await memberships.groupsOf(other, ['a'])).toEqual(new Map())
    expect(await memberships.groupNames(other, [id])).toEqual(new Map())
    expect(await listed(fixture, other, id)).toEqual([])
    await memberships.removeAll(other, id, true, deletion())
    await memberships.removeAll(other, 'a', false, deletion())
    await expectMembers(fixture, tenant, id, ['a'])
  })
}

function stampOfTheGroup(open: () => MembershipFixture): void {
  test('moves with each change, and only with a change', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    const [added, removed] = [aMembersChange(), aMembersChange()]
    await memberships.changeMembers(tenant, id, { add: [user('a'), user('b')], remove: [] }, added)
    expect(await stampOf(fixture, tenant, id)).toEqual(added.stamp)

    const again = [user('b'), user('a')]
    expect(
      await memberships.changeMembers(tenant, id, { add: again, remove: [] }, aMembersChange()),
    ).toBe('unchanged')
    expect(
      await memberships.changeMembers(
        tenant,
        id,
        { add: [], remove: ['c', 'd'] },
        aMembersChange(),
      ),
    ).toBe('unchanged')
    expect(
      await memberships.changeMembers(tenant, id, { add: [], remove: [] }, aMembersChange()),
    ).toBe('unchanged')
    expect(
      await memberships.changeMembers(tenant, id, { add: [], remove: [] }, aMembersChange()),
    ).toBe('unchanged')
    expect(await stampOf(fixture, tenant, id)).toEqual(added.stamp)

    await memberships.changeMembers(tenant, id, { add: [], remove: ['a', 'c'] }, removed)
    expect(await stampOf(fixture, tenant, id)).toEqual(removed.stamp)
  })

  test('may be the same for several changes', async () => {
    const [fixture, tenant, stamp] = [open(), aTenant(), aStamp()]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    await memberships.changeMembers(
      tenant,
      id,
      { add: [user('a')], remove: [] },
      aMembersChange(stamp),
    )
    await memberships.changeMembers(tenant, id, { add: [], remove: ['a'] }, aMembersChange(stamp))
    const both = [user('a'), user('b')]
    expect(
      await memberships.changeMembers(tenant, id, { add: both, remove: [] }, aMembersChange(stamp)),
    ).toBe('changed')
    expect(
      await memberships.changeMembers(
        tenant,
        id,
        { add: [...both, user('c')], remove: [] },
        aMembersChange(stamp),
      ),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, ['a', 'b', 'c'])
  })

  test('leaves the rest of the group as it is, and makes what was read before stale', async () => {
    const [fixture, tenant, change] = [open(), aTenant(), aMembersChange()]
    const before = await aResource(fixture, tenant)
    await fixture.memberships.changeMembers(
      tenant,
      before.id,
      { add: [user('a')], remove: [] },
      change,
    )
    const after = await fixture.resources.get(tenant, GROUP, before.id)
    expect(after).toEqual({ ...before, ...change.stamp, revision: after?.revision })
    expect(after?.revision).not.toBe(before.revision)
    expect(await fixture.resources.delete(tenant, GROUP, before, deletion())).toBe(false)
    await expectMembers(fixture, tenant, before.id, ['a'])
  })
}

function lookups(open: () => MembershipFixture): void {
  test('groupsOf tells the groups of each that is in one, in order', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { memberships } = fixture
    const groups = await Promise.all([1, 2, 3].map(async () => aResource(fixture, tenant)))
    const groupIds = groups.map(({ id }) => id).toSorted(compareIds)
    for (const id of groupIds)
      await memberships.changeMembers(
        tenant,
        id,
        { add: [user('a')], remove: [] },
        aMembersChange(),
      )
    await memberships.changeMembers(
      tenant,
      groupIds[0] ?? '',
      { add: [user('b')], remove: [] },
      aMembersChange(),
    )
    const found = await memberships.groupsOf(tenant, ['c', 'b', 'a', 'a'])
    expect(found).toEqual(
      new Map([
        ['a', groupIds],
        ['b', groupIds.slice(0, 1)],
      ]),
    )
    expect(await memberships.groupsOf(tenant, [])).toEqual(new Map())
  })

  test.each([
    ['side by side', (index: number) => index < 150],
    ['far apart', (index: number) => index % 60 === 0],
    ['at the end', (index: number) => index > 1150],
  ])('groupsOf is right for many members %s', async (_, isAsked) => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const members = idsOf(users(1200))
    const present = members.filter((_member, index) => index % 5 !== 0)
    await fixture.memberships.changeMembers(
      tenant,
      id,
      { add: present.map(user), remove: [] },
      aMembersChange(),
    )
    const asked = members.filter((_each, index) => isAsked(index))
    const found = await fixture.memberships.groupsOf(tenant, asked.toReversed())
    const expected = asked.filter((each) => present.includes(each))
    expect([...found.keys()].toSorted(compareIds)).toEqual(expected)
    expect([...found.values()].every((ids) => ids.length === 1 && ids[0] === id)).toBe(true)
  })

  test('groupsBehind tells the groups of those who follow a member, as far as it knows them', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { memberships } = fixture
    const { id } = await aResource(fixture, tenant)
    const members = idsOf(users(1100))
    const add = members.map(user)
    await memberships.changeMembers(tenant, id, { add, remove: [] }, aMembersChange())
    const all: string[] = []
    // An answer of the service may have nobody's groups as a whole.
    for (let answers = 0; answers < 20 && all.length < members.length; answers += 1) {
      const { groupsOf, isComplete } = await memberships.groupsBehind(tenant, all.at(-1))
      const known = [...groupsOf.keys()].filter(isComplete).toSorted(compareInMemberOf)
      for (const each of known) expect(groupsOf.get(each)).toEqual([id])
      all.push(...known)
    }
    expect(all).toEqual(members.toSorted(compareInMemberOf))
    const other = await memberships.groupsBehind(aTenant(), undefined)
    expect(other.groupsOf).toEqual(new Map())
    expect(other.isComplete('anybody')).toBe(true)
  })

  test('groupNames tells the names of the groups that exist', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const [one, other, gone] = [
      await aResource(fixture, tenant),
      await aResource(fixture, tenant),
      await aResource(fixture, tenant),
    ]
    await fixture.resources.delete(tenant, GROUP, gone, deletion())
    const asked = [one.id, other.id, gone.id, 'nobody', one.id]
    const names = await fixture.memberships.groupNames(tenant, asked)
    expect(names).toEqual(
      new Map([
        [one.id, one.attributes['displayName']],
        [other.id, other.attributes['displayName']],
      ]),
    )
  })

  test('memberIdsOf gives the ids in the order of members', async () => {
    const [fixture, tenant, members] = [open(), aTenant(), users(130)]
    const { id } = await aResource(fixture, tenant)
    await fixture.memberships.changeMembers(
      tenant,
      id,
      { add: members, remove: [] },
      aMembersChange(),
    )
    const found = await collect(fixture.memberships.memberIdsOf(tenant, id))
    expect(found).toEqual(idsOf(members))
  })

  test('members beyond a page all come, once, in order, whatever their ids', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const members = [
      ...users(1500),
      ...Array.from({ length: 300 }, (_, n) => user(`00000000-legacy-${String(n)}`)),
      ...Array.from({ length: 1300 }, (_, n) => user(`x${String(n)}@example.com`)),
      ...WEIRD_IDS.map(user),
    ]
    await fixture.memberships.changeMembers(
      tenant,
      id,
      { add: members, remove: [] },
      aMembersChange(),
    )
    expect(await listed(fixture, tenant, id)).toEqual(idsOf(members))
  })
}

function concurrency(open: () => MembershipFixture): void {
  test('200 single additions, mixed with removals, all take effect', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    const [added, removed] = [users(200), users(60)]
    await memberships.changeMembers(tenant, id, { add: removed, remove: [] }, aMembersChange())
    const outcomes = await Promise.all([
      ...added.map(async (each) =>
        memberships.changeMembers(tenant, id, { add: [each], remove: [] }, aMembersChange()),
      ),
      ...idsOf(removed).map(async (each) =>
        memberships.changeMembers(tenant, id, { add: [], remove: [each] }, aMembersChange()),
      ),
    ])
    expect(new Set(outcomes)).toEqual(new Set(['changed']))
    await expectMembers(fixture, tenant, id, idsOf(added), idsOf(removed))
  })

  test('five writers add 500 each, half of them the same', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const shared = users(250)
    const own = Array.from({ length: 5 }, () => users(250))
    const outcomes = await Promise.all(
      own.map(async (mine) =>
        fixture.memberships.changeMembers(
          tenant,
          id,
          { add: [...shared, ...mine], remove: [] },
          aMembersChange(),
        ),
      ),
    )
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'changed'))
    await expectMembers(fixture, tenant, id, idsOf([...shared, ...own.flat()]))
  })

  test('additions and removals of the same members end, and both sides agree', async () => {
    const [fixture, tenant, members] = [open(), aTenant(), users(8)]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, async (_, turn) =>
        turn % 2 === 0
          ? memberships.changeMembers(
              tenant,
              id,
              { add: members.slice(turn % 3), remove: [] },
              aMembersChange(),
            )
          : memberships.changeMembers(
              tenant,
              id,
              { add: [], remove: idsOf(members).slice(turn % 5) },
              aMembersChange(),
            ),
      ),
    )
    expect(outcomes).not.toContain('noGroup')
    await expectMembers(fixture, tenant, id, await listed(fixture, tenant, id), idsOf(members))
    await memberships.changeMembers(tenant, id, { add: members, remove: [] }, aMembersChange())
    await expectMembers(fixture, tenant, id, idsOf(members))
  })

  test('of many who add the same member one changes the group', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async () =>
        fixture.memberships.changeMembers(
          tenant,
          id,
          { add: [user('a')], remove: [] },
          aMembersChange(),
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'changed')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(11)
  })
}

function deletions(open: () => MembershipFixture): void {
  test('a deleted user leaves its groups, which are stamped', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { memberships, resources } = fixture
    const [gone, stays] = [await aResource(fixture, tenant, USER), user()]
    const groups = await Promise.all([1, 2, 3].map(async () => aResource(fixture, tenant)))
    for (const { id } of groups) {
      await memberships.changeMembers(
        tenant,
        id,
        { add: [user(gone.id), stays], remove: [] },
        aMembersChange(),
      )
    }
    const bystander = await aResource(fixture, tenant)
    await memberships.changeMembers(
      tenant,
      bystander.id,
      { add: [stays], remove: [] },
      aMembersChange(),
    )
    const stampBefore = await stampOf(fixture, tenant, bystander.id)

    const change = deletion()
    expect(await resources.delete(tenant, USER, gone, change)).toBe(true)
    for (const { id } of groups) {
      await expectMembers(fixture, tenant, id, [stays.value], [gone.id])
      expect(await stampOf(fixture, tenant, id)).toEqual(change.stamp)
    }
    expect(await stampOf(fixture, tenant, bystander.id)).toEqual(stampBefore)
    await memberships.removeAll(tenant, gone.id, false, deletion())
  })

  test('a deleted group is gone from both sides, its parents included', async () => {
    const [fixture, tenant, members] = [open(), aTenant(), users(120)]
    const { memberships, resources } = fixture
    const [parent, stays] = [await aResource(fixture, tenant), await aResource(fixture, tenant)]
    const { id } = await aResource(fixture, tenant)
    await memberships.changeMembers(
      tenant,
      parent.id,
      { add: [{ value: id, type: 'Group' }], remove: [] },
      aMembersChange(),
    )
    await memberships.changeMembers(tenant, id, { add: members, remove: [] }, aMembersChange())
    await memberships.changeMembers(
      tenant,
      stays.id,
      { add: members, remove: [] },
      aMembersChange(),
    )
    const group = await resources.get(tenant, GROUP, id)
    const change = deletion()
    expect(group !== undefined && (await resources.delete(tenant, GROUP, group, change))).toBe(true)

    expect(
      await memberships.changeMembers(tenant, id, { add: users(1), remove: [] }, aMembersChange()),
    ).toBe('noGroup')
    const named = idsOf(members).slice(0, 1)
    expect(
      await memberships.changeMembers(tenant, id, { add: [], remove: named }, aMembersChange()),
    ).toBe('noGroup')
    await expectMembers(fixture, tenant, id, [], idsOf(members))
    await expectMembers(fixture, tenant, parent.id, [], [id])
    expect(await stampOf(fixture, tenant, parent.id)).toEqual(change.stamp)
    await expectMembers(fixture, tenant, stays.id, idsOf(members))
    expect(await resources.get(tenant, GROUP, id)).toBeUndefined()
    await memberships.removeAll(tenant, id, true, deletion())
  })

  test('additions that race with the deletion of the group leave nothing behind', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships, resources } = fixture
    const tried: Member[] = []
    const addUntilRefused = async (): Promise<number> => {
      for (let turn = 0; turn < 500; turn += 1) {
        const batch = users(20)
        tried.push(...batch)
        if (
          (await memberships.changeMembers(
            tenant,
            id,
            { add: batch, remove: [] },
            aMembersChange(),
          )) === 'noGroup'
        )
          return turn
        await pause(Math.random() * 40)
      }
      throw new Error('the group was never deleted')
    }
    const deleteIt = async (): Promise<void> => {
      for (;;) {
        await pause(20)
        const group = await resources.get(tenant, GROUP, id)
        if (group === undefined || (await resources.delete(tenant, GROUP, group, deletion())))
          return
      }
    }
    const writers = [addUntilRefused(), addUntilRefused(), addUntilRefused()]
    const [turns] = await Promise.all([Promise.all(writers), deleteIt()])
    expect(Math.max(...turns)).toBeGreaterThan(0)
    await expectMembers(fixture, tenant, id, [], idsOf(tried))
    expect(await resources.get(tenant, GROUP, id)).toBeUndefined()
  })
}

function exchanges(open: () => MembershipFixture): void {
  test('adds and removes at once', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    const [before, after] = [users(20), users(20)]
    await memberships.changeMembers(tenant, id, { add: before, remove: [] }, aMembersChange())
    const exchange = { add: after, remove: before.map(({ value }) => value) }
    const change = aMembersChange()
    expect(await memberships.changeMembers(tenant, id, exchange, change)).toBe('changed')
    await expectMembers(fixture, tenant, id, idsOf(after), exchange.remove)
    expect(await stampOf(fixture, tenant, id)).toEqual(change.stamp)
    expect(await memberships.changeMembers(tenant, id, exchange, aMembersChange())).toBe(
      'unchanged',
    )
    expect(await stampOf(fixture, tenant, id)).toEqual(change.stamp)
  })

  test('does what is left of it', async () => {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships } = fixture
    await memberships.changeMembers(tenant, id, { add: [user('a')], remove: [] }, aMembersChange())
    const exchange = { add: [user('a'), user('b')], remove: ['nobody'] }
    expect(await memberships.changeMembers(tenant, id, exchange, aMembersChange())).toBe('changed')
    await expectMembers(fixture, tenant, id, ['a', 'b'], ['nobody'])
  })
}

function revisions(open: () => MembershipFixture): void {
  async function withRevision(): Promise<{
    readonly fixture: MembershipFixture
    readonly tenant: Scope
    readonly id: string
    readonly revision: string
  }> {
    const [fixture, tenant] = [open(), aTenant()]
    const { id } = await aResource(fixture, tenant)
    const { memberships, resources } = fixture
    await memberships.changeMembers(tenant, id, { add: [user('a')], remove: [] }, aMembersChange())
    const { revision = '' } = (await resources.get(tenant, GROUP, id)) ?? {}
    return { fixture, tenant, id, revision }
  }

  test.each([1, 47, 120])('that holds lets a change of %i members through', async (count) => {
    const { fixture, tenant, id, revision } = await withRevision()
    const add = users(count)
    const change = { add, remove: ['a'] }
    expect(
      await fixture.memberships.changeMembers(tenant, id, change, aMembersChange(), revision),
    ).toBe('changed')
    await expectMembers(fixture, tenant, id, idsOf(add), ['a'])
  })

  test.each([1, 120])('that is past stops a change of %i members', async (count) => {
    const { fixture, tenant, id, revision } = await withRevision()
    const { memberships } = fixture
    await memberships.changeMembers(tenant, id, { add: [user('b')], remove: [] }, aMembersChange())
    const change = { add: users(count), remove: ['a'] }
    expect(await memberships.changeMembers(tenant, id, change, aMembersChange(), revision)).toBe(
      'conflict',
    )
    await expectMembers(fixture, tenant, id, ['a', 'b'])
  })

  test('that is past is no conflict where nothing is to be changed', async () => {
    const { fixture, tenant, id, revision } = await withRevision()
    const { memberships } = fixture
    await memberships.changeMembers(tenant, id, { add: [user('b')], remove: [] }, aMembersChange())
    const change = { add: [user('a')], remove: ['nobody'] }
    expect(await memberships.changeMembers(tenant, id, change, aMembersChange(), revision)).toBe(
      'unchanged',
    )
  })

  test('lets one of ten changes through', async () => {
    const { fixture, tenant, id, revision } = await withRevision()
    const outcomes = await Promise.all(
      users(10).map((member) =>
        fixture.memberships.changeMembers(
          tenant,
          id,
          { add: [member], remove: [] },
          aMembersChange(),
          revision,
        ),
      ),
    )
    expect(outcomes.toSorted()).toEqual(
      ['changed', ...outcomes.slice(1).fill('conflict')].toSorted(),
    )
    expect(await listed(fixture, tenant, id)).toHaveLength(2)
  })
}
