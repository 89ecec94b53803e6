import { randomUUID } from 'node:crypto'
import type { TransactionAction } from '@azure/data-tables'
import type { ChangeStamp, Member } from '../../scim/resource.ts'
import { GROUP } from '../../scim/default-resource-types.ts'
import { inParallel } from '../in-parallel.ts'
import { memberKey, resourceKey } from '../keys.ts'
import { guardKey } from '../membership-keys.ts'
import type { MembersChange, MembershipChange } from '../port.ts'
import { pairOf } from './membership-rows.ts'
import { readRow, type Partition } from './partition.ts'
import { text } from './row.ts'
import { submit, untilDecided, type Attempt } from './transaction.ts'

/** A transaction takes 100 rows: two for each member, the group's and its guard. */
const MEMBERS_PER_TRANSACTION = 49
/** It takes 4 MiB too: an id is in two rows, where a character may become an escape of six bytes. */
const CHARACTERS_PER_TRANSACTION = 250_000
const TRANSACTIONS_AT_ONCE = 4
const READS_AT_ONCE = 16

/** A change of a group's members. */
export interface GroupChange extends MembersChange {
  readonly groupId: string
  readonly stamp: ChangeStamp
  /** The group's ETag: if it has moved, nothing is written. */
  readonly revision?: string | undefined
}

/** A member, and where it is to be afterwards. */
interface Placed {
  readonly member: Member
  readonly to: 'present' | 'absent'
}

/**
 * Adds and removes members: in one round trip when up to 49 are named and none of them is where it should be already.
 * Neither the group nor its members are read before; a transaction in which a row is there already, or is missing, fails
 * as a whole, and only then the named rows are read, and the others tried again.
 * @param patience milliseconds for which races for the same members are repeated.
 * @throws ScimError `unavailable` when others kept changing the same members.
 */
export async function changeMembers(
  partition: Partition,
  { groupId, add, remove, stamp, revision }: GroupChange,
  patience: number,
): Promise<MembershipChange> {
  const parts = split(placed({ add, remove })).map((members) => ({
    groupId,
    members,
    stamp,
    changeId: randomUUID(),
  }))
  const outcomes: MembershipChange[] = []
  // With a revision one part after the other, until one has written: behind that the ETag is another.
  for (const part of revision === undefined ? [] : parts) {
    const outcome = await changePart(partition, { ...part, revision }, patience)
    outcomes.push(outcome)
    if (outcome !== 'unchanged') break
  }
  if (outcomes.includes('conflict')) return 'conflict'
  const others = parts.slice(outcomes.length)
  const further = await inParallel(others, TRANSACTIONS_AT_ONCE, async (part) =>
    changePart(partition, part, patience),
  )
  outcomes.push(...further)
  if (outcomes.includes('noGroup')) return 'noGroup'
  return outcomes.includes('changed') ? 'changed' : 'unchanged'
}

/** Each member once, those to be added first: a group that changes hands is not seen empty in between. */
function placed({ add, remove }: MembersChange): readonly Placed[] {
  const byId = new Map<string, Placed>()
  for (const member of add) {
    if (!byId.has(member.value)) byId.set(member.value, { member, to: 'present' })
  }
  for (const value of remove) {
    if (!byId.has(value)) byId.set(value, { member: { value, type: 'User' }, to: 'absent' })
  }
  return [...byId.values()]
}

/** What fits into one transaction. */
interface MembersPart extends Pick<GroupChange, 'groupId' | 'stamp' | 'revision'> {
  readonly members: readonly Placed[]
  /** Written with the rows: tells a repetition that the first try had succeeded. */
  readonly changeId: string
}

/**
 * Cuts the members into what fits into a transaction; at least one part, so that a change of nobody tells whether there is
 * such a group.
 */
function split(members: readonly Placed[]): readonly (readonly Placed[])[] {
  let part: Placed[] = []
  let characters = 0
  const parts = [part]
  for (const each of members) {
    const { length } = each.member.value
    characters += length
    const isFull =
      part.length === MEMBERS_PER_TRANSACTION || characters > CHARACTERS_PER_TRANSACTION
    if (isFull && part.length > 0) {
      part = []
      parts.push(part)
      characters = length
    }
    part.push(each)
  }
  return parts
}

async function changePart(
  partition: Partition,
  part: MembersPart,
  patience: number,
): Promise<MembershipChange> {
  let open = part.members
  let guardedBy: string | undefined
  return untilDecided(async (): Promise<Attempt<MembershipChange>> => {
    let refusal: unknown
    if (open.length > 0) {
      const outcome = await submit(partition, [
        ...groupActions(partition, part, guardedBy),
        ...open.flatMap((each) => memberActions(partition, part, each)),
      ])
      if (outcome.committed) return { result: 'changed' }
      refusal = outcome.error
    }
    const found = await readNamed(partition, part)
    if (found === undefined) return { result: 'noGroup' }
    // The first try had succeeded, its answer was lost, and the SDK has repeated it.
    if (found.changeIds.has(part.changeId)) return { result: 'changed' }
    open = part.members.filter(
      ({ member, to }) => found.present.has(member.value) !== (to === 'present'),
    )
    if (open.length === 0) return { result: 'unchanged' }
    // Who is passed over must still be where it was when the others are written, or an exchange could be done by halves.
    guardedBy = isExchange(part) ? found.guard : undefined
    return found.isAsRead ? { again: refusal } : { result: 'conflict' }
  }, patience)
}

/** Whether some come and some go: then what one finds done already may undo what another does. */
function isExchange({ members }: MembersPart): boolean {
  return members.some(({ to }) => to !== members[0]?.to)
}

function groupActions(
  { partitionKey }: Partition,
  { groupId, stamp: { version, lastModified }, changeId, revision = '*' }: MembersPart,
  guardedBy = '*',
): readonly TransactionAction[] {
  const guard = { partitionKey, rowKey: guardKey(groupId), changeId }
  const group = { partitionKey, rowKey: resourceKey(GROUP, groupId), version, lastModified }
  return [
    ['update', guard, 'Merge', { etag: guardedBy }],
    ['update', group, 'Merge', { etag: revision }],
  ]
}

/** Inserts, not upserts, and deletes of rows that exist: a change that changes nothing must not stamp the group. */
function memberActions(
  partition: Partition,
  { groupId, changeId }: MembersPart,
  { member: { value: memberId, type }, to }: Placed,
): readonly TransactionAction[] {
  const { member, memberOf } = pairOf(partition, groupId, memberId)
  if (to === 'absent') {
    return [
      ['delete', { ...member }],
      ['delete', { ...memberOf }],
    ]
  }
  // Keys of very long ids hold a digest, so both ids are columns.
  return [
    ['create', { ...member, groupId, memberId, memberType: type, changeId }],
    ['create', { ...memberOf, groupId, memberId }],
  ]
}

/** The state of the rows that a change names. */
interface Named {
  /** The ids of those of the members that are in the group. */
  readonly present: ReadonlySet<string>
  /** The changes that were the last to write what was found. */
  readonly changeIds: ReadonlySet<unknown>
  /** The guard's ETag: it moves with every change of the group's members. */
  readonly guard: string
  /** Whether the group still has the revision that was asked for, if one was. */
  readonly isAsRead: boolean
}

/** Reads the guard and the named members, not the others; undefined when there is no such group. */
async function readNamed(partition: Partition, part: MembersPart): Promise<Named | undefined> {
  const { groupId, members, revision } = part
  const keys = members.map(({ member }) => memberKey(groupId, member.value))
  const readingGuard = readRow(partition, guardKey(groupId), ['changeId'])
  // Its ETag must be older than what is read of the members: what changes them from then on moves it.
  if (isExchange(part)) await readingGuard
  const [guard, group, rows] = await Promise.all([
    readingGuard,
    revision === undefined
      ? undefined
      : readRow(partition, resourceKey(GROUP, groupId), ['version']),
    inParallel(keys, READS_AT_ONCE, async (key) => readRow(partition, key, ['changeId'])),
  ])
  if (guard === undefined) return undefined
  const present = members.filter((_, index) => rows[index] !== undefined)
  return {
    present: new Set(present.map(({ member }) => member.value)),
    guard: text(guard, 'etag'),
    changeIds: new Set([guard, ...rows].map((row) => row?.['changeId'])),
    isAsRead: group?.['etag'] === revision,
  }
}
