import { createHash } from 'node:crypto'
import type { ActivityEntry, ChangeEntry } from './activity-port.ts'

const RANDOM_LENGTH = 8
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'

/**
 * Where a change stands in the journal: 13 digits of milliseconds, a dash, 8 characters `a-z 0-9`. It is made once per
 * change and kept over its attempts.
 * @param instant the change's own time, ISO 8601.
 * @param random the next random number from 0 to 1 (not included).
 */
export function journalPosition(instant: string, random: () => number): string {
  const characters = Array.from({ length: RANDOM_LENGTH }, () =>
    DIGITS.charAt(Math.floor(random() * DIGITS.length)),
  )
  return `${String(Date.parse(instant)).padStart(13, '0')}-${characters.join('')}`
}

/**
 * The position of one of the several transactions that a change takes, such as of one group that loses a deleted user:
 * the same each time it is derived, so that a change that is resumed finds what it has done already.
 */
export function partPosition(position: string, part: string): string {
  const [milliseconds = ''] = position.split('-', 1)
  const digest = createHash('sha256').update(`${position} ${part}`).digest()
  const characters = [...digest.subarray(0, RANDOM_LENGTH)].map((byte) => DIGITS.charAt(byte % 36))
  return `${milliseconds}-${characters.join('')}`
}

/** A position at another time, ISO 8601. */
export function movedTo(position: string, instant: string): string {
  return partPosition(`${Date.parse(instant)}-`, position)
}

/** When an entry happened, in milliseconds since 1970; of equal refusals the last one. */
export function timeOf(entry: ActivityEntry): number {
  return entry.kind === 'change' ? millisecondsOf(entry.position) : Date.parse(entry.at)
}

/** The milliseconds since 1970 of a position in the journal. */
export function millisecondsOf(position: string): number {
  return Number(position.split('-', 1)[0])
}

/** The journals of a tenant, in the order of entries of the same moment. */
export const JOURNALS: readonly ChangeEntry['table'][] = ['users', 'groups', 'tenants']

/** The order of the entries of one millisecond. */
export interface Rank {
  readonly order: number
  readonly position: string
}

/** The order of entries: the newest first. */
export function compareEntries(one: ActivityEntry, other: ActivityEntry): number {
  return timeOf(other) - timeOf(one) || compareRanks(rankOf(one), rankOf(other))
}

/** As `compareEntries`, of one millisecond. */
export function compareRanks(one: Rank, other: Rank): number {
  if (one.order !== other.order) return one.order - other.order
  if (one.position === other.position) return 0
  return one.position < other.position ? -1 : 1
}

/** Members that moved follow from what was created or deleted in the same millisecond. */
export function rankOf(entry: ActivityEntry): Rank {
  const { position } = entry
  if (entry.kind === 'refusal') return { order: JOURNALS.length, position }
  const isFollowing = entry.operation === 'members'
  const order = JOURNALS.indexOf(entry.table)
  return { order: isFollowing ? order : order + JOURNALS.length + 1, position }
}

/** What an entry is for `ActivityQuery.behind`, as well as `ActivityPage.next`. */
export function placeBehind(entry: ActivityEntry): string {
  const { order, position } = rankOf(entry)
  return `${timeOf(entry)} ${order} ${position}`
}

/** The moment of an `ActivityPage.next`, in milliseconds since 1970: what is newer is on the pages before. */
export function timeOfPlace(place: string): number {
  return Number(place.split(' ', 1)[0])
}
