import {
  allMemberOf,
  between,
  memberKey,
  memberOfRange,
  memberRange,
  positionOf,
  rangeBehind,
  type KeyRange,
} from './keys.ts'
import { allTeamOf, teamOfRange } from './team-keys.ts'

/**
 * The order of members in the rows by which their groups are found. It differs from `compareIds` where one id begins
 * with another: the colon behind the id takes part.
 */
export function compareInMemberOf(one: string, other: string): number {
  const [left, right] = [memberOfRange(one).from, memberOfRange(other).from]
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** The keys of the groups that two members are in, and of all members between them in `compareInMemberOf`'s order. */
export function memberOfSpan(firstMemberId: string, lastMemberId: string): KeyRange {
  return { from: memberOfRange(firstMemberId).from, to: memberOfRange(lastMemberId).to }
}

/** The keys of the groups of all members behind one in `compareInMemberOf`'s order, or of all there are. */
export function memberOfBehind(memberId: string | undefined): KeyRange {
  const { from, to } = allMemberOf()
  return { from: memberId === undefined ? from : memberOfRange(memberId).to, to }
}

/** The same of the teams that people were put into by hand. */
export function teamOfBehind(personId: string | undefined): KeyRange {
  const { from, to } = allTeamOf()
  return { from: personId === undefined ? from : teamOfRange(personId).to, to }
}

const HEX_DIGITS = 8
const HEX_SPACE = 16 ** HEX_DIGITS
const NARROWEST_SLICE = HEX_SPACE / 1024

/**
 * Splits the keys of a group's members behind `last` into ranges that hold about as many members each as the `page`
 * that ended there: ids are random hexadecimal digits, so how far the page came tells how dense they are. Where they
 * are not random, the ranges hold more or fewer; together they always hold all.
 */
export function memberSlices(groupId: string, last: string): readonly KeyRange[] {
  const whole = memberRange(groupId)
  const rest = rangeBehind(whole, memberKey(groupId, last))
  const reached = hexPosition(last)
  // A little less than a page, so that most ranges are read at once; ids that crowd at the start are no measure.
  const step = Math.floor(reached * 0.9)
  if (step < NARROWEST_SLICE) return [rest]
  const bounds = [rest.from]
  for (let at = reached + step; at < HEX_SPACE; at += step) {
    bounds.push(whole.from + at.toString(16).padStart(HEX_DIGITS, '0'))
  }
  return between([...bounds, rest.to])
}

/** Where an id stands among all 8-digit hexadecimal texts; 0 for one that does not begin with such. */
function hexPosition(id: string): number {
  const digits = positionOf(id).slice(0, HEX_DIGITS)
  return /^[0-9a-f]{8}$/.test(digits) ? Number.parseInt(digits, 16) : 0
}
