import { allMemberOf, hiddenIndexName, rangeOf, type KeyRange } from './keys.ts'
import type { StorageLayout } from './layout.ts'
import { allTeamOf } from './team-keys.ts'

/** All keys of families whose rows are mostly read one by one or by their beginning: for what looks at each row. */

type Layout = Pick<StorageLayout, 'prefix' | 'indexes'>

/** The keys of all index rows. */
export function indexRanges({ prefix, indexes }: Layout): readonly KeyRange[] {
  const named = Object.values(indexes).map((name) => prefix + name)
  return [...named, `${prefix}unique`, `${prefix}values`].map((name) => rangeOf(`${name}:`))
}

/** The name of the index of a layout that a key is of; undefined for one that a layout gives no name. */
export function namedIndexOf({ prefix, indexes }: Layout, key: string): string | undefined {
  const names = Object.values(indexes).map((name) => prefix + name)
  return names.find((name) => key.startsWith(`${name}:`))
}

/** The keys by which hidden accounts are recognised. */
export function recognitionRange(layout: Layout): KeyRange {
  return rangeOf(hiddenIndexName(layout, ''))
}

export const GUARD_RANGE: KeyRange = rangeOf('guard:')

/** The keys of memberships, from either side. */
export const MEMBERSHIP_RANGES = {
  member: { fromGroup: rangeOf('member:'), fromMember: allMemberOf() },
  handMade: { fromGroup: rangeOf('teamMember:'), fromMember: allTeamOf() },
} as const

export const TEAM_NAME_RANGE: KeyRange = rangeOf('teamname:')

/** What follows a family's name: of the keys of one thing in several families it is the same. */
export function behindFamily(key: string): string {
  return key.slice(key.lastIndexOf(':') + 1)
}
