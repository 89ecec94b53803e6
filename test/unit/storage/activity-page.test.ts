import { describe, expect, test } from 'vitest'
import { pageOf, rangeIn, type Placed } from '../../../lib/storage/activity-page.ts'
import type { ChangeEntry } from '../../../lib/storage/activity-port.ts'
import { factsOf } from '../../../lib/storage/journal-entry.ts'
import { journalKey } from '../../../lib/storage/keys.ts'
import { aChange } from '../../support/changes.ts'

function placed(table: ChangeEntry['table'], milliseconds: number): Placed {
  const position = `${String(milliseconds).padStart(13, '0')}-aaaaaaaa`
  const entry = { kind: 'change', table, ...factsOf({ ...aChange('put'), position }) } as const
  return { table, key: journalKey(position), entry }
}

const shown = (placedOnes: readonly Placed[], ends: readonly Placed[], count = 10): unknown => {
  const { entries, next } = pageOf(placedOnes, ends, { count })
  return [entries.map(({ position }) => Number(position.slice(0, 13))), next !== undefined]
}

describe('a page', () => {
  test('ends where the first of the journals ends that was not read to its end', () => {
    const [users, groups] = [[9, 5, 3].map((n) => placed('users', n)), [placed('groups', 6)]]
    expect(shown([...users, ...groups], [])).toEqual([[9, 6, 5, 3], false])
    expect(shown([...users, ...groups], [placed('users', 3)])).toEqual([[9, 6, 5, 3], true])
    expect(shown([...users, ...groups], [placed('groups', 6)])).toEqual([[9, 6], true])
  })

  test('goes on when there is one entry more than was asked for, and not when there is none', () => {
    const users = [9, 5, 3].map((n) => placed('users', n))
    expect(shown(users, [], 2)).toEqual([[9, 5], true])
    expect(shown(users, [], 3)).toEqual([[9, 5, 3], false])
    const { table, key } = placed('users', 1)
    expect(shown([...users, { table, key, entry: undefined }], [], 3)).toEqual([[9, 5, 3], false])
  })

  test('has entries of the same place in all journals once', () => {
    const same = (['users', 'groups', 'tenants'] as const).map((table) => placed(table, 7))
    const { next = '' } = pageOf(same, [], { count: 2 })
    const left = same.filter(
      ({ table, key }) => key >= rangeIn(table, { count: 2, behind: next }).from,
    )
    expect(left.map(({ table }) => table)).toEqual(['tenants'])
  })

  test.each(['', 'users', 'devices journal:1'])('begins behind no text as %j', (behind) => {
    expect(() => rangeIn('users', { count: 1, behind })).toThrow(TypeError)
  })
})
