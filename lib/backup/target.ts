import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { ChangeStamp } from '../scim/resource.ts'
import type { Brought } from '../storage/bringing-port.ts'
import { journalPosition } from '../storage/journal-position.ts'
import type { Author, Change, Scope } from '../storage/port.ts'
import type { Tenant } from '../storage/tenant-port.ts'
import { again } from './again.ts'
import { scopeIn, type BackupParts, type Report } from './backup-parts.ts'
import type { Gone } from './gone.ts'

/** Of what is left out the first ones are told. */
const MOST_TOLD = 20

/** How many were brought. */
export interface BroughtCounts {
  users: number
  hidden: number
  groups: number
  teams: number
  members: number
  membersByHand: number
  credentials: number
}

/** How many memberships were left out. */
export interface LeftMemberships {
  /** Of users, groups and teams that are left out themselves. */
  ofLeftOut: number
  /** Made by hand, of people that the tenant does not have. */
  ofNobody: number
  /** Made by hand, and taken back since by somebody. */
  takenOut: number
}

/** The tenant that records are brought into, and what has come of them so far. */
export interface Target {
  readonly parts: BackupParts
  readonly tenant: Tenant
  readonly users: ResourceType
  readonly groups: ResourceType
  /** Whether an import goes on that was interrupted. */
  readonly resume: boolean
  readonly author: Author
  readonly requestId: string
  readonly report: Report
  readonly brought: BroughtCounts
  readonly left: { count: number; first: string[] }
  readonly leftMemberships: LeftMemberships
  /** Groups that were left as they are. */
  readonly changed: Set<string>
  /** The `memberKey` of what is left out. */
  readonly leftOut: Set<string>
  /** The `memberKey` of what was deleted while it was exported. */
  readonly removed: Set<string>
  /** Of the people who were put into a team by hand: whether the tenant has them. */
  readonly byHand: Map<string, boolean>
  /** What an import that goes on does not bring again. */
  readonly gone: Gone
  readonly state: { there: number }
}

/** Tells ids of users and groups apart. */
export function memberKey(type: 'User' | 'Group', id: string): string {
  return `${type} ${id}`
}

export function scopeOf({ parts, tenant }: Target): Scope {
  return scopeIn(parts, tenant.partitionKey)
}

/** One change, however often it is tried. */
export function changeOf(
  { parts, author, requestId }: Target,
  type: string,
  subject: string,
  { version, lastModified }: ChangeStamp,
  operation: 'create' | 'members' = 'create',
): Change {
  const at = parts.now().toISOString()
  return {
    position: journalPosition(at, parts.random),
    stamp: { version, lastModified },
    at,
    operation,
    requestId,
    author,
    note: { type, subject },
  }
}

/** What has come of one thing: of an import that goes on it may have been deleted since. */
export type Outcome = Brought | 'gone'

/** Brings one thing; what does not fit what is there is left out, and told. */
export async function attempted(
  target: Target,
  what: string,
  bring: (scope: Scope) => Promise<Outcome>,
): Promise<Outcome | 'refused'> {
  try {
    const outcome = await again(target.parts.pause, async () => bring(scopeOf(target)))
    if (outcome === 'there') target.state.there += 1
    if (outcome === 'other') leave(target, `${what}: it is there in another version`)
    if (outcome === 'gone') leave(target, `${what}: it was there, and was deleted since`)
    return outcome
  } catch (error) {
    const isLeft =
      error instanceof ScimError && (error.kind === 'uniqueness' || error.kind === 'invalidValue')
    if (!isLeft) throw error
    leave(target, `${what}: ${error.detail}`)
    return 'refused'
  }
}

export function leave({ left }: Target, why: string): void {
  left.count += 1
  if (left.first.length < MOST_TOLD) left.first.push(why)
}

/** Tells how far it is. */
export function report({ brought, report: tell }: Target): void {
  const { users, hidden, groups, members } = brought
  tell({ users: users + hidden, groups, members })
}
