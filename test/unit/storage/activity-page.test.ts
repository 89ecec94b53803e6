import { describe, expect, test } from 'vitest'
import { pageOf, partOf, type Placed } from '../../../lib/storage/activity-page.ts'
import type { ChangeEntry } from '../../../lib/storage/activity-port.ts'
import { factsOf } from '../../../lib/storage/journal-entry.ts'
import { placeBehind } from '../../../lib/storage/journal-position.ts'
import { journalKey } from '../../../lib/storage/keys.ts'
import { aChange } from '../../support/changes.ts'
import { aRefusalAt } from '../../support/kept-activity.ts'

function placed(
  table: ChangeEntry['table'],
  milliseconds: number,
  operation: 'put' | 'members' = 'put',
  random = 'aaaaaaaa',
): Placed {
  const position = `${String(milliseconds).padStart(13, '0')}-${random}`
  const entry = { kind: 'change', table, ...factsOf({ ...aChange(operation), position }) } as const
  return { key: journalKey(position), entry }
}

const shown = (placedOnes: readonly Placed[], ends: readonly number[], count = 10): unknown => {
  const { entries, next } = pageOf(placedOnes, ends, { count })
  return [entries.map(({ position }) => Number(position.slice(0, 13))), next !== undefined]
}

describe('a page', () => {
  test('has what is newer than where the first of the journals ends that goes on', () => {
    const [users, groups] = [[9, 5, 3].map((n) => placed('users', n)), [placed('groups', 6)]]
    expect(shown([...users, ...groups], [])).toEqual([[9, 6, 5, 3], false])
    expect(shown([...users, ...groups], [3])).toEqual([[9, 6, 5], true])
    expect(shown([...users, ...groups], [6, 3])).toEqual([[9], true])
  })

  test('goes on when there is one entry more than was asked for, and not when there is none', () => {
    const users = [9, 5, 3].map((n) => placed('users', n))
    expect(shown(users, [], 2)).toEqual([[9, 5], true])
    expect(shown(users, [], 3)).toEqual([[9, 5, 3], false])
    expect(shown([...users, { key: 'journal:1', entry: undefined }], [], 3)).toEqual([
      [9, 5, 3],
      false,
    ])
  })

  test('leaves a refusal to its time, however late it stands', () => {
    const entry = aRefusalAt('2026-11-27T14:01:00.000Z')
    const [at, end] = [Date.parse(entry.at), Date.parse('2026-11-27T14:10:00.000Z')]
    const rows = [{ key: 'journal:1', entry }, placed('users', at + 1000)]
    expect(shown(rows, [at + 1000])).toEqual([[], true])
    expect(shown(rows, [at])).toEqual([[at + 1000], true])
    expect(shown(rows, [])).toEqual([[at + 1000, end], false])
  })

  test.each([1, 2, 3, 4, 5, 6])('of %i has entries of the same millisecond once', (count) => {
    const all = [
      placed('groups', 7, 'members', 'zzzzzzzz'),
      placed('users', 7),
      placed('users', 7, 'put', 'bbbbbbbb'),
      placed('groups', 7),
      placed('tenants', 7),
    ]
    const seen: unknown[] = []
    let behind: { readonly behind?: string } = {}
    for (;;) {
      const { entries, next } = pageOf(all.toReversed(), [], { count, ...behind })
      seen.push(...entries)
      if (next === undefined) break
      behind = { behind: next }
    }
    expect(seen).toEqual(all.map(({ entry }) => entry))
  })

  test('begins behind any entry', () => {
    const rows = [9, 5, 3].map((n) => placed('users', n))
    const [, middle] = rows
    if (middle?.entry === undefined) throw new Error('three')
    const { entries } = pageOf(rows, [], { count: 5, behind: placeBehind(middle.entry) })
    expect(entries).toEqual([rows[2]?.entry])
  })

  test.each(['', 'users', 'users journal:1', '1 2', '1 22 x', '-1', '1 '])(
    'begins behind no text as %j',
    (behind) => {
      expect(() => partOf('users', { count: 1, behind })).toThrow(TypeError)
    },
  )
})
