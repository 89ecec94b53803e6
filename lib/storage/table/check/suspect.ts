import type { MembershipCascade, MembershipLookup } from '../../port.ts'
import type { ResourcePartition } from '../partition.ts'

/** What rows are about that may not fit each other. */
export type SuspectKind =
  | 'indexRow'
  | 'unindexed'
  | 'column'
  | 'recognition'
  | 'hidden'
  | 'invitation'
  | 'guard'
  | 'tombstone'
  | 'mark'
  | 'counter'
  | 'member'
  | 'handMade'
  | 'team'
  | 'teamName'
  | 'unreadable'

/** What does not fit as it was read, which a change in between explains mostly: it is looked at again. */
export interface Suspect {
  readonly kind: SuspectKind
  /** The name of the resource type. */
  readonly type: string
  /** The key of the row that is there or should be; the same for both sides. */
  readonly key: string
  /** Whom the row is about; a group or team before its member. */
  readonly ids: readonly string[]
}

/** What can be wrong, and what is under way. */
export const PROBLEMS = {
  'index row lost': 'a filter does not find a resource by this attribute',
  'index row wrong': 'an index row says something else than its resource',
  'index row stray': 'an index row of a value that its resource has not, or of no resource',
  'column wrong': 'a column that filters or lists ask says otherwise than its resource',
  'unique value twice': 'two resources have one value of a unique attribute',
  'invitation lost': 'an invitation that is due is not in the list',
  'invitation stray': 'the list has an invitation that is not due',
  'hidden index row lost': 'an account out of sight is not recognised when it returns',
  'hidden index row stray': 'a value by which no account out of sight is recognised',
  'hidden and there': 'one account is out of sight and in sight',
  'guard lost': 'a group takes no members',
  'guard stray': 'members could join a group that is not there',
  'counter wrong': 'fewer or more are counted than there are',
  'level count wrong': 'fewer or more people are counted at a level than have it',
  'half a deletion': 'what is left of a resource that nobody goes on removing',
  'half a membership': 'a group and its member disagree',
  'member type wrong': 'a row of a member says otherwise than its id what the member is',
  'membership of nothing': 'a member of a group or team that is not there',
  'team name lost': 'the name of a team could be given to another',
  'team name stray': 'a name is kept for a team that has it not',
  'team name twice': 'two teams have one name',
  'adoption wrong': 'a team is taken for a group that is not there, or is not',
  'row unreadable': 'nobody here can read it, so nothing is concluded about what hangs on it',
  'deletion unfinished': 'the maintenance finishes it within an hour; sweep at once',
  'return unfinished': 'a group has become a team again, and its members still leave it',
  'levels uncounted': 'the maintenance counts them; levels are incomplete until then',
  'index being filled': 'the maintenance fills it; filters scan until then',
  'attribute being purged': 'the maintenance takes it out',
} as const satisfies Readonly<Record<string, string>>

export type Problem = keyof typeof PROBLEMS

/** What was found: of what and how it is wrong, without any value. */
export interface Finding {
  readonly problem: Problem
  /** The name of the resource type. */
  readonly type: string
  /** Ids, or what else tells it from others of its kind. */
  readonly about: string
  /** The attribute, the numbers. */
  readonly detail?: string
}

/** A finding as it is told at the end. */
export interface Told extends Finding {
  /** Present when it was to be mended. */
  readonly mended?: boolean
}

/** What was found at one moment. */
export interface Found extends Finding {
  /** Mends it, if all is still as it was read; absent where nobody can tell what would be right. */
  readonly mend?: () => Promise<unknown>
}

/** `moving`: it changed each time that it was read. */
export type Look = Found | 'moving' | undefined

/** What all looks need. */
export interface Ground {
  /** One for each resource type. */
  readonly partitions: readonly ResourcePartition[]
  readonly memberships: MembershipCascade & MembershipLookup
}

/** What is done about what is under way: nothing is wrong with it. */
export const UNDER_WAY: ReadonlySet<Problem> = new Set<Problem>([
  'deletion unfinished',
  'return unfinished',
  'levels uncounted',
  'index being filled',
  'attribute being purged',
])

/** Tells suspects apart. */
export function nameOf({ kind, type, key, ids }: Suspect): string {
  return JSON.stringify([kind, type, key, ids])
}
