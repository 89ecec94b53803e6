import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { ChangeStamp } from '../scim/resource.ts'
import type { Brought } from '../storage/bringing-port.ts'
import { journalPosition } from '../storage/journal-position.ts'
import type { Author, Change, Scope } from '../storage/port.ts'
import type { Tenant } from '../storage/tenant-port.ts'
import { again } from './again.ts'
import { scopeIn, type BackupParts, type Report } from './backup-parts.ts'
import type { RecordOf } from './format.ts'
import { groupIn, membersIn, teamIn, userIn } from './records.ts'

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
  /** Groups that were left as they are. */
  readonly changed: Set<string>
  readonly state: { there: number }
}

/** What is to be known of a group for its members. */
export interface OpenGroup {
  readonly id: string
  readonly stamp: ChangeStamp | undefined
}

/** Brings an account, or one that is kept out of sight. */
export async function bringUser(target: Target, record: RecordOf<'user'>): Promise<void> {
  const { parts, users, brought, resume } = target
  const { resources } = parts
  const isHidden = record.hidden === true
  const change = changeOf(target, users.name, record.id, record)
  const outcome = await attempted(target, `user ${record.id}`, async (scope) => {
    const user = userIn(users, record)
    const read = isHidden ? resources.getHidden.bind(resources) : resources.get.bind(resources)
    const there = resume ? await read(scope, users, user.id) : undefined
    if (there !== undefined) return there.version === user.version ? 'there' : 'other'
    return isHidden
      ? resources.bringHidden(scope, users, user, change)
      : resources.bring(scope, users, user, change)
  })
  if (outcome === 'brought') brought[isHidden ? 'hidden' : 'users'] += 1
  report(target)
}

/** Brings a group, the team that it is, or both; the group first, which the team says that there is. */
export async function bringGroup(target: Target, record: RecordOf<'group'>): Promise<void> {
  const { parts, groups, brought, changed } = target
  const { resources, teams } = parts
  const { id } = record
  if (record.group !== undefined) {
    const change = changeOf(target, groups.name, id, record.group)
    const outcome = await attempted(target, `group ${id}`, async (scope) => {
      const group = groupIn(groups, record)
      return group === undefined ? 'there' : resources.bring(scope, groups, group, change)
    })
    if (outcome === 'brought') brought.groups += 1
    if (outcome === 'other' || outcome === 'refused') changed.add(id)
  }
  const team = teamIn(record)
  if (team !== undefined) {
    const change = changeOf(target, 'Team', id, team)
    const bring = async (scope: Scope): Promise<Brought> => teams.bring(scope, team, change)
    if ((await attempted(target, `team ${id}`, bring)) === 'brought') brought.teams += 1
  }
  report(target)
}

/** Brings members of a group or a team, with the mark that the group has. */
export async function bringMembers(
  target: Target,
  { id, stamp }: OpenGroup,
  record: RecordOf<'members'>,
): Promise<void> {
  const { parts, groups, brought, changed } = target
  const { memberships, teams, pause, now } = parts
  // Somebody has changed it since: who is in it is not what the file says any more.
  if (changed.has(id)) return
  const add = membersIn(record)
  if (add.length > 0 && stamp !== undefined) {
    const change = changeOf(target, groups.name, id, stamp, 'members')
    const outcome = await again(pause, async () =>
      memberships.changeMembers(scopeOf(target), id, { add, remove: [] }, change),
    )
    if (outcome === 'changed') brought.members += add.length
  }
  for (const personId of record.byHand ?? []) {
    const made = { version: parts.newVersion(), lastModified: now().toISOString() }
    const change = changeOf(target, 'Team', id, made, 'members')
    const outcome = await again(pause, async () =>
      teams.changeMember(scopeOf(target), id, { personId, to: 'present' }, change),
    )
    if (outcome === 'changed') brought.membersByHand += 1
  }
  report(target)
}

function scopeOf({ parts, tenant }: Target): Scope {
  return scopeIn(parts, tenant.partitionKey)
}

/** One change, however often it is tried. */
function changeOf(
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

/** Brings one thing; what does not fit what is there is left out, and told. */
async function attempted(
  target: Target,
  what: string,
  bring: (scope: Scope) => Promise<Brought>,
): Promise<Brought | 'refused'> {
  try {
    const outcome = await again(target.parts.pause, async () => bring(scopeOf(target)))
    if (outcome === 'there') target.state.there += 1
    if (outcome === 'other') leave(target, `${what}: it is there in another version`)
    return outcome
  } catch (error) {
    const isLeft =
      error instanceof ScimError && (error.kind === 'uniqueness' || error.kind === 'invalidValue')
    if (!isLeft) throw error
    leave(target, `${what}: ${error.detail}`)
    return 'refused'
  }
}

function leave({ left }: Target, why: string): void {
  left.count += 1
  if (left.first.length < MOST_TOLD) left.first.push(why)
}

/** Tells how far it is. */
function report({ brought, report: tell }: Target): void {
  const { users, hidden, groups, members } = brought
  tell({ users: users + hidden, groups, members })
}
