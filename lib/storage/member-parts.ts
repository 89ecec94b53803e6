import type { Member } from '../scim/resource.ts'
import { inParallel } from '../in-parallel.ts'
import { movedTo, partPosition } from './journal-position.ts'
import type { Change, MembersChange, MembersOutcome } from './port.ts'

/**
 * Members in one transaction. It takes 100 rows: two for each member, the group's, its guard, the journal's, and three
 * that are kept free for events.
 */
const MEMBERS_PER_PART = 47
/** It takes 4 MiB too: an id is in two rows, where a character may become an escape of six bytes. */
const CHARACTERS_PER_PART = 250_000
const PARTS_AT_ONCE = 4

/** A member, and where it is to be afterwards. */
export interface MemberChange {
  readonly member: Member
  readonly to: 'present' | 'absent'
}

/** What is changed in one transaction. */
export interface MembersPart {
  readonly members: readonly MemberChange[]
  /** A member without whom nothing is changed. */
  readonly onlyWith?: string
  /** With a position of its own; the first part has that of the whole change. */
  readonly change: Change
}

/**
 * Changes members in as many transactions as it takes.
 * @param revision guards the first part that writes: behind it the revision is another.
 * @param changePart makes one of them.
 */
export async function changeInParts(
  members: MembersChange,
  change: Change,
  revision: string | undefined,
  changePart: (part: MembersPart, revision?: string) => Promise<MembersOutcome>,
): Promise<MembersOutcome> {
  const parts = membersParts(members, change)
  const outcomes: MembersOutcome[] = []
  for (const part of revision === undefined ? [] : parts) {
    const outcome = await changePart(part, revision)
    outcomes.push(outcome)
    if (outcome !== 'unchanged') break
  }
  if (outcomes.includes('conflict')) return 'conflict'
  const others = parts.slice(outcomes.length)
  outcomes.push(...(await inParallel(others, PARTS_AT_ONCE, async (part) => changePart(part))))
  if (outcomes.includes('noGroup')) return 'noGroup'
  return outcomes.includes('changed') ? 'changed' : 'unchanged'
}

/**
 * Cuts a change of members into what fits into a transaction, in the same way each time; at least one part, so that a
 * change of nobody tells whether there is such a group.
 */
export function membersParts(members: MembersChange, change: Change): readonly MembersPart[] {
  return split(eachOnce(members)).map((part, at) => ({
    members: part,
    change: at === 0 ? change : { ...change, position: partPosition(change.position, String(at)) },
  }))
}

/** Each member once, those to be added first: a group that changes hands is not seen empty in between. */
function eachOnce({ add, remove }: MembersChange): readonly MemberChange[] {
  const byId = new Map<string, MemberChange>()
  for (const member of add) {
    if (!byId.has(member.value)) byId.set(member.value, { member, to: 'present' })
  }
  for (const value of remove) {
    if (!byId.has(value)) byId.set(value, { member: { value, type: 'User' }, to: 'absent' })
  }
  return [...byId.values()]
}

function split(members: readonly MemberChange[]): readonly (readonly MemberChange[])[] {
  let part: MemberChange[] = []
  let characters = 0
  const parts = [part]
  for (const each of members) {
    const { length } = each.member.value
    characters += length
    const isFull = part.length === MEMBERS_PER_PART || characters > CHARACTERS_PER_PART
    if (isFull && part.length > 0) {
      part = []
      parts.push(part)
      characters = length
    }
    part.push(each)
  }
  return parts
}

/**
 * What a group loses when one of its members is deleted: with the deletion's stamp and author, at a position of its own.
 * @param type the name of the groups' resource type.
 */
export function leavingGroup(
  type: string,
  groupId: string,
  memberId: string,
  deletion: Change,
): MembersPart {
  const position = partPosition(deletion.position, groupId)
  const note = { type, subject: groupId, cause: deletion.note.subject }
  return {
    members: [{ member: { value: memberId, type: 'User' }, to: 'absent' }],
    change: { ...deletion, position, operation: 'members', note },
  }
}

/**
 * What the members of a group lose when it is deleted: with the deletion's stamp and author, at positions of their own.
 * @param type the name of the groups' resource type.
 * @param resumedAt when the deletion was taken up again: nobody looks for what happens then at the time of the deletion.
 */
export function losingGroup(
  type: string,
  groupId: string,
  memberIds: readonly string[],
  deletion: Change,
  resumedAt?: string,
): readonly MembersPart[] {
  const moment = resumedAt === undefined ? deletion.position : movedTo(deletion.position, resumedAt)
  return split(eachOnce({ add: [], remove: memberIds })).map((members) => {
    const position = partPosition(moment, `without ${members[0]?.member.value ?? ''}`)
    const note = { type, subject: groupId, cause: groupId }
    return { members, change: { ...deletion, position, operation: 'members', note } }
  })
}

/** Who takes the place of whom. */
export interface Succession {
  readonly from: string
  readonly heir: string
  /** Each at a position of its own: what an heir has come into may be said of the other once more. */
  readonly round: number
  /** When it was taken up again: nobody looks for what happens then at the time of the deletion. */
  readonly resumedAt?: string | undefined
}

/** What a group has when one member takes the place of another: nothing, where the other is not in it any more. */
export function inheritingGroup(
  type: string,
  groupId: string,
  succession: Succession,
  deletion: Change,
): MembersPart {
  const { from, heir } = succession
  const note = { type, subject: groupId, cause: from }
  return {
    members: [
      { member: { value: heir, type: 'User' }, to: 'present' },
      { member: { value: from, type: 'User' }, to: 'absent' },
    ],
    onlyWith: from,
    change: {
      ...deletion,
      position: successionPosition(groupId, succession, deletion),
      operation: 'members',
      note,
    },
  }
}

/** @param what a group, or a team, in which one takes the place of the other. */
export function successionPosition(
  what: string,
  { heir, round, resumedAt }: Succession,
  { position }: Change,
): string {
  const moment = resumedAt === undefined ? position : movedTo(position, resumedAt)
  return partPosition(moment, `${what} to ${heir} ${round}`)
}
