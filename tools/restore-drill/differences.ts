import type { LeftOut } from '../tenant/backup-text.ts'
import type { Counts } from './expected.ts'

/** What may be left out of each, and how many of it are. */
const KINDS = [
  [['users', 'hidden', 'groups', 'teams'], ({ left }: LeftOut) => left.count],
  [
    ['members', 'membersByHand'],
    ({ leftMemberships: { ofLeftOut, ofNobody, takenOut } }: LeftOut) =>
      ofLeftOut + ofNobody + takenOut,
  ],
  [['credentials'], () => 0],
] as const

/** Of which kinds there are others than those of the file without those that are left out. */
export function differencesOf(
  expected: Counts,
  restored: Counts,
  leftOut: LeftOut,
): readonly string[] {
  return KINDS.flatMap(([kinds, leftOf]) => {
    const missing = kinds.map((kind) => (expected[kind] ?? 0) - (restored[kind] ?? 0))
    const sum = missing.reduce((all, each) => all + each, 0)
    const left = leftOf(leftOut)
    if (sum === left && missing.every((each) => each >= 0)) return []
    const others = kinds.filter((_, at) => missing[at] !== 0)
    const told = others.map((kind) => `${kind} ${restored[kind] ?? 0}, not ${expected[kind] ?? 0}`)
    return told.concat(left === 0 ? [] : `${left} of ${kinds.join(', ')} should be left out`)
  })
}
