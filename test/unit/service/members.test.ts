import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../lib/scim/json.ts'
import type { MembershipPatch } from '../../../lib/scim/patch/members.ts'
import { readPatchAtOnce } from '../../../lib/scim/patch/read.ts'
import type { Member, StoredResource } from '../../../lib/scim/resource.ts'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import type { ServiceContext } from '../../../lib/service/context.ts'
import { changeMembers, changeWithMembers, separateMembers } from '../../../lib/service/members.ts'
import { SYSTEM, type Change, type MembersOutcome } from '../../../lib/storage/port.ts'
import { outcomesOf, refusalOf } from '../../support/refusal.ts'
import { serviceRig, type Rig } from '../../support/service-rig.ts'

const CHANGE: Change = {
  position: '1893456000000-aaaaaaaa',
  stamp: { version: 'new', lastModified: '2030-01-01T00:00:00.000Z' },
  operation: 'members',
  requestId: 'request',
  author: SYSTEM,
  note: { type: 'Group', subject: 'a group' },
}
const INTRUDER: Change = {
  ...CHANGE,
  position: '1893456000000-bbbbbbbb',
  stamp: { ...CHANGE.stamp, version: 'intruder' },
}
const NOTHING: MembershipPatch = { replaceAll: false, add: [], remove: [], removeMatching: [] }
const user = (value: string): Member => ({ value, type: 'User' })
const group = (value: string): Member => ({ value, type: 'Group' })

/** What a PATCH of members comes to. */
function patchOf(...operations: readonly JsonObject[]): MembershipPatch {
  const { members } = readPatchAtOnce(GROUP, { Operations: operations })
  if (members === undefined) throw new Error('It says nothing about members.')
  return members
}

/** What was asked of the store of the memberships. */
type Asked = readonly [string, readonly string[]]

/** A group with the members `a`, `b` and the group `g`. */
async function withGroup(): Promise<
  Rig & { readonly id: string; readonly writes: readonly Asked[] }
> {
  const writes: Asked[] = []
  const rig = serviceRig({
    memberships: (real) => ({
      changeMembers: (scope, groupId, members, ...change) => {
        const added = members.add.map(({ value }) => value)
        if (members.remove.length > 0) writes.push(['remove', members.remove])
        if (added.length > 0) writes.push(['add', added])
        return real.changeMembers(scope, groupId, members, ...change)
      },
    }),
  })
  const members = [{ value: 'a' }, { value: 'b' }, { value: 'g', type: 'Group' }]
  const id = await rig.add(GROUP, { displayName: 'G', members })
  writes.length = 0
  rig.calls.clear()
  return { ...rig, id, writes }
}

async function membersOf({ context, id }: Rig & { readonly id: string }): Promise<string> {
  const ids: string[] = []
  for await (const batch of context.memberships.members(context.scope, id)) {
    ids.push(...batch.map(({ value }) => value))
  }
  return ids.toSorted().join(' ')
}

async function stored({ context, id }: Rig & { readonly id: string }): Promise<StoredResource> {
  const found = await context.store.get(context.scope, GROUP, id)
  if (found === undefined) throw new Error('The group is gone.')
  return found
}

describe('separateMembers', () => {
  test.each<[string, JsonObject, JsonObject, readonly Member[] | undefined]>([
    ['some', { displayName: 'G', members: [{ value: 'a' }] }, { displayName: 'G' }, [user('a')]],
    ['none', { displayName: 'G' }, { displayName: 'G' }, undefined],
  ])('takes the members of a group apart: %s', (_, body, attributes, members) => {
    expect(separateMembers(GROUP, body)).toEqual({
      attributes,
      ...(members === undefined ? {} : { members }),
    })
  })

  test('leaves a user alone', () => {
    expect(separateMembers(USER, { members: 'x' })).toEqual({ attributes: { members: 'x' } })
  })
})

const same = ({ attributes }: StoredResource): JsonObject => attributes
const renamed = ({ attributes }: StoredResource): JsonObject => ({
  ...attributes,
  displayName: 'H',
})

const CHANGES: readonly [string, MembershipPatch, string, MembersOutcome, readonly Asked[]][] = [
  ['add one', { ...NOTHING, add: [user('c')] }, 'a b c g', 'changed', [['add', ['c']]]],
  ['add who is there', { ...NOTHING, add: [user('a')] }, 'a b g', 'unchanged', [['add', ['a']]]],
  ['remove one', { ...NOTHING, remove: ['a'] }, 'b g', 'changed', [['remove', ['a']]]],
  [
    'remove who is not there',
    { ...NOTHING, remove: ['c'] },
    'a b g',
    'unchanged',
    [['remove', ['c']]],
  ],
  [
    'remove and add',
    { ...NOTHING, add: [user('c')], remove: ['a'] },
    'b c g',
    'changed',
    [
      ['remove', ['a']],
      ['add', ['c']],
    ],
  ],
  [
    'remove who is not there, add who is',
    { ...NOTHING, add: [user('a')], remove: ['c'] },
    'a b g',
    'unchanged',
    [
      ['remove', ['c']],
      ['add', ['a']],
    ],
  ],
  [
    'replace: only differences are written',
    { ...NOTHING, replaceAll: true, add: [user('b'), user('c')] },
    'b c',
    'changed',
    [
      ['remove', ['a', 'g']],
      ['add', ['c']],
    ],
  ],
  [
    'replace by the same',
    { ...NOTHING, replaceAll: true, add: [group('g'), user('b'), user('a')] },
    'a b g',
    'unchanged',
    [],
  ],
  [
    'replace by nobody',
    { ...NOTHING, replaceAll: true },
    '',
    'changed',
    [['remove', ['a', 'b', 'g']]],
  ],
  ['nothing', NOTHING, 'a b g', 'unchanged', []],
  [
    'remove by type',
    patchOf({ op: 'remove', path: 'members[type eq "Group"]' }),
    'a b',
    'changed',
    [['remove', ['g']]],
  ],
  [
    'remove by a filter that matches nobody',
    patchOf({ op: 'remove', path: 'members[value sw "x"]' }),
    'a b g',
    'unchanged',
    [],
  ],
  [
    'remove all but one, and add',
    patchOf(
      { op: 'remove', path: 'members[value ne "a"]' },
      { op: 'add', path: 'members', value: [{ value: 'b' }, { value: 'c' }] },
    ),
    'a b c',
    'changed',
    [
      ['remove', ['g']],
      ['add', ['b', 'c']],
    ],
  ],
]

describe('changeMembers', () => {
  test.each(CHANGES)('%s', async (_, patch, members, outcome, writes) => {
    const rig = await withGroup()
    const before = await stored(rig)
    await expect(changeMembers(rig.context, rig.id, patch, CHANGE)).resolves.toBe(outcome)
    await expect(membersOf(rig)).resolves.toBe(members)
    expect(rig.writes).toEqual(writes)
    const { version, lastModified } = await stored(rig)
    expect({ version, lastModified }).toEqual(
      outcome === 'changed'
        ? CHANGE.stamp
        : { version: before.version, lastModified: before.lastModified },
    )
  })

  test.each(CHANGES)('%s: the second time it changes nothing', async (_, patch, members) => {
    const rig = await withGroup()
    await changeMembers(rig.context, rig.id, patch, CHANGE)
    const again = { ...INTRUDER, stamp: { ...CHANGE.stamp, version: 'again' } }
    await expect(changeMembers(rig.context, rig.id, patch, again)).resolves.toBe('unchanged')
    await expect(membersOf(rig)).resolves.toBe(members)
  })

  test.each(CHANGES)('%s: there is no such group', async (_, patch) => {
    const rig = await withGroup()
    await expect(changeMembers(rig.context, 'nope', patch, CHANGE)).resolves.toBe('noGroup')
  })

  test.each(CHANGES.slice(0, 6))('%s reads neither the group nor its members', async (_, patch) => {
    const rig = await withGroup()
    await changeMembers(rig.context, rig.id, patch, CHANGE)
    expect([...rig.calls]).toEqual([['memberships.changeMembers', 1]])
  })

  test('replacing 3000 members by 3000 others with 2999 in common writes two', async () => {
    const rig = await withGroup()
    const ids = Array.from({ length: 3000 }, (_, index) => `m${index}`)
    await changeMembers(
      rig.context,
      rig.id,
      { ...NOTHING, replaceAll: true, add: ids.map(user) },
      CHANGE,
    )
    const others = [...ids.slice(1), 'other'].map(user)
    await changeMembers(
      rig.context,
      rig.id,
      { ...NOTHING, replaceAll: true, add: others },
      INTRUDER,
    )
    expect(rig.writes.slice(-2)).toEqual([
      ['remove', ['m0']],
      ['add', ['other']],
    ])
  })
})

/** Adds a member to a group that is deleted after `make`. */
async function changeOfDeleted(make: typeof same): Promise<StoredResource> {
  const rig = await withGroup()
  const memberships = {
    ...rig.context.memberships,
    changeMembers: async () => 'noGroup' as const,
  }
  const patch = { ...NOTHING, add: [user('c')] }
  return changeWithMembers({ ...rig.context, memberships }, GROUP, rig, 'patch', make, patch)
}

describe('changeWithMembers', () => {
  test('without If-Match writes the group only when it changes', async () => {
    const rig = await withGroup()
    const after = await changeWithMembers(rig.context, GROUP, rig, 'patch', same, {
      ...NOTHING,
      add: [user('c')],
    })
    expect(rig.calls.get('store.replace')).toBeUndefined()
    await expect(stored(rig)).resolves.toMatchObject({ version: after.version })
  })

  test('changes both', async () => {
    const rig = await withGroup()
    await changeWithMembers(rig.context, GROUP, rig, 'patch', renamed, {
      ...NOTHING,
      remove: ['a'],
    })
    await expect(membersOf(rig)).resolves.toBe('b g')
    expect((await stored(rig)).attributes).toEqual({ displayName: 'H' })
  })

  test('says nothing of members when the request does not', async () => {
    const rig = await withGroup()
    await changeWithMembers(rig.context, GROUP, rig, 'patch', renamed, undefined)
    expect(rig.writes).toEqual([])
  })

  test('leaves the members alone when the group cannot be changed', async () => {
    const rig = await withGroup()
    await rig.add(GROUP, { displayName: 'H' })
    const refused = await refusalOf(() =>
      changeWithMembers(rig.context, GROUP, rig, 'patch', renamed, {
        ...NOTHING,
        replaceAll: true,
      }),
    )
    expect(refused.kind).toBe('uniqueness')
    await expect(membersOf(rig)).resolves.toBe('a b g')
  })

  test.each(CHANGES)(
    'with If-Match, %s: claims the version if it changes anything',
    async (_, patch, members, outcome) => {
      const rig = await withGroup()
      const before = await stored(rig)
      const target = { id: rig.id, ifMatch: `W/"${before.version}"` }
      const after = await changeWithMembers(rig.context, GROUP, target, 'patch', same, patch)
      await expect(membersOf(rig)).resolves.toBe(members)
      expect(rig.calls.get('store.replace')).toBeUndefined()
      expect(after.version === before.version).toBe(outcome === 'unchanged')
      await expect(stored(rig)).resolves.toMatchObject({ version: after.version })
    },
  )

  test('of ten writers with one If-Match one wins', async () => {
    const rig = await withGroup()
    const { version } = await stored(rig)
    const target = { id: rig.id, ifMatch: `W/"${version}"` }
    const outcomes = await outcomesOf(
      Array.from({ length: 10 }, (_, index) =>
        changeWithMembers(rig.context, GROUP, target, 'patch', same, {
          ...NOTHING,
          add: [user(`m${index}`)],
        }),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'preconditionFailed')).toHaveLength(9)
    await expect(membersOf(rig)).resolves.toMatch(/^a b g m\d$/)
  })

  /** A context in which another instance writes `w` right before the next change of members, behind our turn. */
  function withIntruder({ context, id }: Rig & { readonly id: string }): ServiceContext {
    const { memberships } = context
    let isDone = false
    return {
      ...context,
      memberships: {
        ...memberships,
        changeMembers: async (...change) => {
          if (!isDone) {
            isDone = true
            const intruder = { add: [user('w')], remove: [] }
            await memberships.changeMembers(context.scope, id, intruder, INTRUDER)
          }
          return memberships.changeMembers(...change)
        },
      },
    }
  }

  test.each<[string, MembershipPatch]>([
    ['added', { ...NOTHING, add: [user('c')] }],
    ['removed', { ...NOTHING, remove: ['a'] }],
    ['replaced', { ...NOTHING, replaceAll: true, add: [user('c')] }],
    ['removed by a filter', patchOf({ op: 'remove', path: 'members[type eq "User"]' })],
  ])('with If-Match loses to another instance that was first: %s', async (_, patch) => {
    const rig = await withGroup()
    const { version } = await stored(rig)
    const target = { id: rig.id, ifMatch: `W/"${version}"` }
    const refused = await refusalOf(() =>
      changeWithMembers(withIntruder(rig), GROUP, target, 'patch', same, patch),
    )
    expect(refused.kind).toBe('preconditionFailed')
    await expect(membersOf(rig)).resolves.toBe('a b g w')
    await expect(stored(rig)).resolves.toMatchObject({ version: 'intruder' })
  })

  test('without If-Match replaces what another instance has written meanwhile', async () => {
    const rig = await withGroup()
    const patch = { ...NOTHING, replaceAll: true, add: [user('a'), user('c')] }
    await changeWithMembers(withIntruder(rig), GROUP, rig, 'patch', same, patch)
    await expect(membersOf(rig)).resolves.toBe('a c')
    expect(rig.pauses).toHaveLength(1)
  })

  test('without If-Match adds to what another instance has written meanwhile, at once', async () => {
    const rig = await withGroup()
    const patch = { ...NOTHING, add: [user('c')] }
    await changeWithMembers(withIntruder(rig), GROUP, rig, 'patch', same, patch)
    await expect(membersOf(rig)).resolves.toBe('a b c g w')
    expect(rig.pauses).toEqual([])
  })

  describe('of a group that is deleted before its members are changed', () => {
    test('is refused when nothing was written', async () => {
      expect((await refusalOf(() => changeOfDeleted(same))).kind).toBe('notFound')
    })

    test('stands when its attributes were written, which others may have read', async () => {
      const { attributes } = await changeOfDeleted(renamed)
      expect(attributes['displayName']).toBe('H')
    })
  })
})
