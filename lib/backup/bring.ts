import type { Brought } from '../storage/bringing-port.ts'
import type { Scope } from '../storage/port.ts'
import type { Team } from '../storage/team-port.ts'
import type { RecordOf } from './format.ts'
import { groupIn, teamIn, userIn } from './records.ts'
import { attempted, changeOf, leave, memberKey, report, type Target } from './target.ts'

/** Brings an account, or one that is kept out of sight. */
export async function bringUser(target: Target, record: RecordOf<'user'>): Promise<void> {
  const { parts, users, brought, resume, leftOut, byHand } = target
  const { resources } = parts
  const { id } = record
  const isHidden = record.hidden === true
  const change = changeOf(target, users.name, id, record)
  const outcome = await attempted(target, `user ${id}`, async (scope) => {
    const user = userIn(users, record)
    const read = isHidden ? resources.getHidden.bind(resources) : resources.get.bind(resources)
    const there = resume ? await read(scope, users, user.id) : undefined
    if (there !== undefined) return there.version === user.version ? 'there' : 'other'
    return isHidden
      ? resources.bringHidden(scope, users, user, change)
      : resources.bring(scope, users, user, change)
  })
  if (outcome === 'brought') brought[isHidden ? 'hidden' : 'users'] += 1
  if (outcome === 'refused') leftOut.add(memberKey('User', id))
  else if (!isHidden && byHand.has(id)) byHand.set(id, true)
  report(target)
}

/** Brings a group, the team that it is, or both; the group first, which the team says that there is. */
export async function bringGroup(target: Target, record: RecordOf<'group'>): Promise<void> {
  const { parts, groups, brought, changed, leftOut } = target
  const { resources } = parts
  const { id } = record
  const team = teamIn(record)
  if (record.group !== undefined) {
    const change = changeOf(target, groups.name, id, record.group)
    const outcome = await attempted(target, `group ${id}`, async (scope) => {
      const group = groupIn(groups, record)
      return group === undefined ? 'there' : resources.bring(scope, groups, group, change)
    })
    if (outcome === 'brought') brought.groups += 1
    if (outcome === 'other') changed.add(id)
    if (outcome === 'refused') {
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
    if (outcome === 'refused' && record.group === undefined) leftOut.add(memberKey('Group', id))
  }
  report(target)
}

async function bringTeam(target: Target, team: Team): Promise<Brought | 'refused'> {
  const change = changeOf(target, 'Team', team.id, team)
  const bring = async (scope: Scope): Promise<Brought> =>
    target.parts.teams.bring(scope, team, change)
  return attempted(target, `team ${team.id}`, bring)
}
