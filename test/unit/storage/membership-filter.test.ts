import { describe, expect, test } from 'vitest'
import { GROUP, USER } from '../../../lib/scim/default-resource-types.ts'
import { lookUpMemberships } from '../../../lib/storage/membership-filter.ts'
import type { MembershipLookup } from '../../../lib/storage/port.ts'
import { scopeOf } from '../../support/changes.ts'

/** Who is in which group; every question is noted. */
function lookup(groups: Readonly<Record<string, readonly string[]>>): {
  asked: string[]
  memberships: MembershipLookup
} {
  const asked: string[] = []
  return {
    asked,
    memberships: {
      async groupsOf(_scope, memberIds) {
        asked.push(`groups of ${memberIds.join()}`)
        const found = memberIds.map((id): [string, string[]] => {
          return [id, Object.keys(groups).filter((group) => groups[group]?.includes(id) === true)]
        })
        return new Map(found.filter(([, ids]) => ids.length > 0))
      },
      async *memberIdsOf(_scope, groupId) {
        asked.push(`members of ${groupId}`)
        for (const id of groups[groupId] ?? []) yield [id]
      },
      async isMember(_scope, groupId, memberId) {
        asked.push(`${memberId} in ${groupId}`)
        return groups[groupId]?.includes(memberId) === true
      },
    },
  }
}

const groups = { one: ['a', 'b'], two: ['b'] }
const acme = scopeOf('acme')

describe('lookUpMemberships', () => {
  test('asks for the set of all that qualify when it is not known who will be matched', async () => {
    const { asked, memberships } = lookup(groups)
    const view = await lookUpMemberships(memberships, acme, GROUP, ['a', 'b', 'c'])
    expect(view('one')).toEqual({ members: [{ value: 'a' }, { value: 'b' }] })
    expect(view('two')).toEqual({ members: [{ value: 'b' }] })
    expect(view('three')).toEqual({})
    expect(asked).toEqual(['groups of a', 'groups of b', 'groups of c'])
    const ofUsers = await lookUpMemberships(memberships, acme, USER, ['one'])
    expect(ofUsers('b')).toEqual({ groups: [{ value: 'one' }] })
  })

  test('asks for each resource when they are few', async () => {
    const { asked, memberships } = lookup(groups)
    const view = await lookUpMemberships(memberships, acme, GROUP, ['a'], { ids: ['one', 'two'] })
    expect(asked).toEqual(['a in one', 'a in two'])
    expect([view('one'), view('two')]).toEqual([{ members: [{ value: 'a' }] }, {}])
    await lookUpMemberships(memberships, acme, USER, ['two'], { ids: ['a'] })
    expect(asked.at(-1)).toBe('a in two')
  })

  test('asks for the set when they are many', async () => {
    const { asked, memberships } = lookup(groups)
    const ids = Array.from({ length: 17 }, (_, n) => `id-${n}`)
    await lookUpMemberships(memberships, acme, GROUP, ['a', 'b'], { ids })
    expect(asked).toEqual(['groups of a', 'groups of b'])
  })

  test('asks nothing about what is known, nor without a question', async () => {
    const { asked, memberships } = lookup(groups)
    const known = { ids: ['one'], foundBy: 'a' }
    const view = await lookUpMemberships(memberships, acme, GROUP, ['a'], known)
    expect(view('one')).toEqual({ members: [{ value: 'a' }] })
    expect(view('two')).toEqual({})
    await lookUpMemberships(memberships, acme, GROUP, [])
    expect(asked).toEqual([])
  })
})
