import type { ChangeStamp, Member } from '../scim/resource.ts'
import { again } from './again.ts'
import type { RecordOf } from './format.ts'
import { goneMember } from './gone.ts'
import { membersIn } from './records.ts'
import { changeOf, memberKey, report, scopeOf, type Target } from './target.ts'

/** Members of one read. */
const PAGE = 1000

/** A group or team, and who is in it so far; a line of the file may name somebody again. */
export interface OpenGroup {
  readonly id: string
  /** Absent for a team that is no group. */
  readonly stamp: ChangeStamp | undefined
  readonly members: Set<string>
  readonly byHand: Set<string>
  isRead: boolean
}

export function openGroup({ id, group: stamp }: RecordOf<'group'>): OpenGroup {
  return { id, stamp, members: new Set(), byHand: new Set(), isRead: false }
}

/**
 * Brings members of a group or a team, with the mark that the group has, but those of what is left out; those made by hand of
 * people alone whom the tenant has, as the manage API takes no others.
 */
export async function bringMembers(
  target: Target,
  group: OpenGroup,
  record: RecordOf<'members'>,
): Promise<void> {
  const { changed, leftOut, leftMemberships } = target
  // Somebody has changed it since: who is in it is not what the file says any more.
  if (changed.has(group.id)) return
  if (target.resume && !group.isRead) await readPresent(target, group)
  const members = membersIn(record).filter(({ value }) => isFirst(group.members, value))
  const byHand = (record.byHand ?? []).filter((id) => isFirst(group.byHand, id))
  if (leftOut.has(memberKey('Group', group.id))) {
    leftMemberships.ofLeftOut += members.length + byHand.length
    return
  }
  await bringBySCIM(
    target,
    group,
    members.filter(({ type, value }) => isWanted(target, memberKey(type, value))),
  )
  for (const id of byHand) {
    if (isWanted(target, memberKey('User', id))) await bringByHand(target, group, id)
  }
  report(target)
}

function isFirst(known: Set<string>, id: string): boolean {
  if (known.has(id)) return false
  known.add(id)
  return true
}

async function readPresent(target: Target, group: OpenGroup): Promise<void> {
  const { memberships, teams, pause } = target.parts
  const { id, stamp } = group
  if (stamp !== undefined) {
    await again(pause, async () => {
      for await (const batch of memberships.members(scopeOf(target), id)) {
        for (const { value } of batch) group.members.add(value)
      }
    })
  }
  let after: string | undefined
  do {
    const page = { count: PAGE, ...(after === undefined ? {} : { after }) }
    const { ids, more } = await again(pause, async () =>
      teams.membersByHand(scopeOf(target), id, page),
    )
    for (const each of ids) group.byHand.add(each)
    after = more ? ids.at(-1) : undefined
  } while (after !== undefined)
  group.isRead = true
}

/** Whether a member is not left out, or gone. */
function isWanted({ leftOut, removed, leftMemberships }: Target, key: string): boolean {
  if (removed.has(key)) return false
  if (!leftOut.has(key)) return true
  leftMemberships.ofLeftOut += 1
  return false
}

async function bringBySCIM(
  target: Target,
  { id, stamp }: OpenGroup,
  add: readonly Member[],
): Promise<void> {
  if (add.length === 0 || stamp === undefined) return
  const { parts, groups, brought } = target
  const change = changeOf(target, groups.name, id, stamp, 'members')
  const outcome = await again(parts.pause, async () =>
    parts.memberships.changeMembers(scopeOf(target), id, { add, remove: [] }, change),
  )
  if (outcome === 'changed') brought.members += add.length
}

async function bringByHand(target: Target, { id }: OpenGroup, personId: string): Promise<void> {
  const { parts, brought, leftMemberships, gone } = target
  const { teams, pause, now } = parts
  if (gone.byHand.has(goneMember(id, personId))) {
    leftMemberships.takenOut += 1
    return
  }
  if (!(await isPerson(target, personId))) {
    leftMemberships.ofNobody += 1
    return
  }
  const made = { version: parts.newVersion(), lastModified: now().toISOString() }
  const change = changeOf(target, 'Team', id, made, 'members')
  const outcome = await again(pause, async () =>
    teams.changeMember(scopeOf(target), id, { personId, to: 'present' }, change),
  )
  if (outcome === 'changed') brought.membersByHand += 1
}

async function isPerson(target: Target, id: string): Promise<boolean> {
  const { parts, users, byHand, resume } = target
  if (byHand.get(id) === true) return true
  if (!resume) return false
  const found = await again(parts.pause, async () =>
    parts.resources.get(scopeOf(target), users, id),
  )
  return found !== undefined
}
