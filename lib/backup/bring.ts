import type { Scope } from '../storage/port.ts'
import type { Team } from '../storage/team-port.ts'
import type { RecordOf } from './format.ts'
import { groupIn, teamIn, userIn } from './records.ts'
import {
  attempted,
  changeOf,
  leave,
  memberKey,
  report,
  type Outcome,
  type Target,
} from './target.ts'

/** Brings an account, or one that is kept out of sight. */
export async function bringUser(target: Target, record: RecordOf<'user'>): Promise<void> {
  const { parts, users, brought, resume, leftOut, byHand } = target
  const { resources } = parts
  const { id } = record
  const isHidden = record.hidden === true
  const change = changeOf(target, users.name, id, record)
  const outcome = await attempted(target, `user ${id}`, async (scope) => {
    const user = userIn(users, record)
    const place = resume ? await placeOf(target, scope, record) : 'nowhere'
    if (place !== 'nowhere') return place
    return isHidden
      ? resources.bringHidden(scope, users, user, change)
      : resources.bring(scope, users, user, change)
  })
  if (outcome === 'brought') brought[isHidden ? 'hidden' : 'users'] += 1
  if (isLeftOut(outcome)) leftOut.add(memberKey('User', id))
  else if (!isHidden && byHand.has(id)) byHand.set(id, true)
  report(target)
}

/** What there is of an account, in sight or out of it, when an import goes on. */
async function placeOf(
  { parts, users, gone, leftOut }: Target,
  scope: Scope,
  { id, version, hidden }: RecordOf<'user'>,
): Promise<Outcome | 'nowhere'> {
  const { resources } = parts
  const [there, outOfSight] = await Promise.all([
    resources.get(scope, users, id),
    resources.getHidden(scope, users, id),
  ])
  const same = hidden === true ? outOfSight : there
  if (same !== undefined) return same.version === version ? 'there' : 'other'
  if (there !== undefined) return 'other'
  if (outOfSight !== undefined) {
    // Who has gone out of sight is in no group or team any more.
    leftOut.add(memberKey('User', id))
    return 'other'
  }
  return gone.users.has(id) ? 'gone' : 'nowhere'
}

/** Brings a group, the team that it is, or both; the group first, which the team says that there is. */
export async function bringGroup(target: Target, record: RecordOf<'group'>): Promise<void> {
  const { parts, groups, brought, changed, leftOut, gone } = target
  const { resources } = parts
  const { id } = record
  const team = teamIn(record)
  if (record.group !== undefined) {
    const change = changeOf(target, groups.name, id, record.group)
    const outcome = await attempted(target, `group ${id}`, async (scope) => {
      const group = groupIn(groups, record)
      if (group === undefined) return 'there'
      const isGone = gone.groups.has(id) && (await resources.get(scope, groups, id)) === undefined
      return isGone ? 'gone' : resources.bring(scope, groups, group, change)
    })
    if (outcome === 'brought') brought.groups += 1
    if (outcome === 'other') changed.add(id)
    if (isLeftOut(outcome)) {
      leftOut.add(memberKey('Group', id))
      // It would be adopted by nothing.
      if (team !== undefined) leave(target, `team ${id}: the group that it has become is left out`)
      report(target)
      return
    }
  }
  if (team !== undefined) {
    const outcome = await bringTeam(target, team)
    if (outcome === 'brought') brought.teams += 1
    if (isLeftOut(outcome) && record.group === undefined) leftOut.add(memberKey('Group', id))
  }
  report(target)
}

/** Whether the tenant does not have it afterwards. */
function isLeftOut(outcome: Outcome | 'refused'): boolean {
  return outcome === 'refused' || outcome === 'gone'
}

async function bringTeam(target: Target, team: Team): Promise<Outcome | 'refused'> {
  const { parts, gone } = target
  const change = changeOf(target, 'Team', team.id, team)
  return attempted(target, `team ${team.id}`, async (scope) => {
    const isGone = gone.teams.has(team.id) && (await parts.teams.get(scope, team.id)) === undefined
    return isGone ? 'gone' : parts.teams.bring(scope, team, change)
  })
}
