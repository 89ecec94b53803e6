import { describe, expect, test } from 'vitest'
import { partPosition } from '../../../lib/storage/journal-position.ts'
import { changeInParts, leavingGroup, membersParts } from '../../../lib/storage/member-parts.ts'
import type { MembersOutcome } from '../../../lib/storage/port.ts'
import type { Member } from '../../../lib/scim/resource.ts'
import { aChange, deletion } from '../../support/changes.ts'

const users = (count: number, length = 1): Member[] =>
  Array.from({ length: count }, (_, n) => ({
    value: String(n).padStart(length, 'x'),
    type: 'User',
  }))

const sizes = (add: readonly Member[], remove: readonly string[] = []): number[] =>
  membersParts({ add, remove }, aChange('members')).map(({ members }) => members.length)

describe('membersParts', () => {
  test.each([
    [0, [0]],
    [1, [1]],
    [47, [47]],
    [48, [47, 1]],
    [100, [47, 47, 6]],
  ])('of %i members: %j', (count, expected) => {
    expect(sizes(users(count))).toEqual(expected)
  })

  test('of very long ids are smaller', () => {
    expect(sizes(users(40, 8192))).toEqual([30, 10])
    expect(sizes(users(2, 300_000))).toEqual([1, 1])
  })

  test('name everybody once, those who come first', () => {
    const [part] = membersParts(
      { add: [...users(2), ...users(1)], remove: ['1', 'gone', 'gone'] },
      aChange('members'),
    )
    const named = part?.members.map(({ member, to }) => `${member.value} ${to}`)
    expect(named).toEqual(['0 present', '1 present', 'gone absent'])
  })

  test('have positions of their own, the same each time', () => {
    const change = aChange('members')
    const positions = (): string[] =>
      membersParts({ add: users(100), remove: [] }, change).map((part) => part.change.position)
    expect(positions()).toEqual([
      change.position,
      partPosition(change.position, '1'),
      partPosition(change.position, '2'),
    ])
    expect(new Set(positions()).size).toBe(3)
    expect(positions()).toEqual(positions())
  })
})

const outcomeOf = async (
  outcomes: readonly MembersOutcome[],
  revision?: string,
): Promise<{ outcome: MembersOutcome; revisions: (string | undefined)[] }> => {
  const revisions: (string | undefined)[] = []
  const members = { add: users(47 * outcomes.length), remove: [] }
  const outcome = await changeInParts(
    members,
    aChange('members'),
    revision,
    async (part, current) => {
      revisions.push(current)
      return outcomes[Math.floor(Number(part.members[0]?.member.value) / 47)] ?? 'unchanged'
    },
  )
  return { outcome, revisions }
}

describe('changeInParts', () => {
  test.each<[MembersOutcome[], MembersOutcome]>([
    [['unchanged', 'changed', 'unchanged'], 'changed'],
    [['unchanged', 'unchanged'], 'unchanged'],
    [['changed', 'noGroup'], 'noGroup'],
  ])('%j: %s', async (outcomes, expected) => {
    expect((await outcomeOf(outcomes)).outcome).toBe(expected)
  })

  test('guards the first part that writes', async () => {
    const revisions = ['r', 'r', undefined, undefined]
    expect(await outcomeOf(['unchanged', 'changed', 'changed', 'unchanged'], 'r')).toEqual({
      outcome: 'changed',
      revisions,
    })
    expect(await outcomeOf(['unchanged', 'conflict', 'changed'], 'r')).toEqual({
      outcome: 'conflict',
      revisions: ['r', 'r'],
    })
  })
})

test('leavingGroup has all of the deletion but what it is about, and a position for each group', () => {
  const change = deletion()
  const part = leavingGroup('Group', 'g', 'm', change)
  const { subject: cause } = change.note
  expect(part).toEqual({
    members: [{ member: { value: 'm', type: 'User' }, to: 'absent' }],
    change: {
      ...change,
      operation: 'members',
      position: partPosition(change.position, 'g'),
      note: { type: 'Group', subject: 'g', cause },
    },
  })
  expect(leavingGroup('Group', 'h', 'm', change).change.position).not.toBe(part.change.position)
})
