import { randomUUID } from 'node:crypto'
import type { TransactionAction } from '@azure/data-tables'
import type { ChangeStamp, Member } from '../../scim/resource.ts'
import { GROUP } from '../../scim/resource-type.ts'
import { inParallel } from '../in-parallel.ts'
import { memberKey, resourceKey } from '../keys.ts'
import { guardKey } from '../membership-keys.ts'
import type { MembershipChange } from '../port.ts'
import { pairOf } from './membership-rows.ts'
import { readRow, type Partition } from './partition.ts'
import { submit, untilDecided, type Attempt } from './transaction.ts'

/** A transaction takes 100 rows: two for each member, the group's and its guard. */
const MEMBERS_PER_TRANSACTION = 49
/** It takes 4 MiB too: an id is in two rows, where a character may become an escape of six bytes. */
const CHARACTERS_PER_TRANSACTION = 250_000
const TRANSACTIONS_AT_ONCE = 4
const READS_AT_ONCE = 16

/** A change of a group's members: each of them is to be there afterwards, or each is to be gone. */
export interface MembersChange {
  readonly groupId: string
  readonly to: 'present' | 'absent'
  readonly members: readonly Member[]
  readonly stamp: ChangeStamp
}

/**
 * Adds or removes members: in one round trip when up to 49 are named and none of them is where it should be already.
 * Neither the group nor its members are read before; a transaction in which a row is there already, or is missing, fails
 * as a whole, and only then the named rows are read, and the others tried again.
 * @param patience milliseconds for which races for the same members are repeated.
 * @throws ScimError `unavailable` when others kept changing the same members.
 */
export async function changeMembers(
  partition: Partition,
  change: MembersChange,
  patience: number,
): Promise<MembershipChange> {
  const outcomes = await inParallel(split(change.members), TRANSACTIONS_AT_ONCE, async (members) =>
    changePart(partition, { ...change, members, changeId: randomUUID() }, patience),
  )
  if (outcomes.includes('noGroup')) return 'noGroup'
  return outcomes.includes('changed') ? 'changed' : 'unchanged'
}

/** What fits into one transaction. */
interface MembersPart extends MembersChange {
  /** Written with the rows: tells a repetition that the first try had succeeded. */
  readonly changeId: string
}

/**
 * Cuts the members, each once, into what fits into a transaction; at least one part, so that a change of nobody tells
 * whether there is such a group.
 */
function split(members: readonly Member[]): readonly (readonly Member[])[] {
  const byId = new Map<string, Member>()
  for (const member of members) {
    if (!byId.has(member.value)) byId.set(member.value, member)
  }
  let part: Member[] = []
  let characters = 0
  const parts = [part]
  for (const member of byId.values()) {
    characters += member.value.length
    const isFull =
      part.length === MEMBERS_PER_TRANSACTION || characters > CHARACTERS_PER_TRANSACTION
    if (isFull && part.length > 0) {
      part = []
      parts.push(part)
      characters = member.value.length
    }
    part.push(member)
  }
  return parts
}

async function changePart(
  partition: Partition,
  part: MembersPart,
  patience: number,
): Promise<MembershipChange> {
  let open = part.members
  return untilDecided(async (): Promise<Attempt<MembershipChange>> => {
    let refusal: unknown
    if (open.length > 0) {
      const outcome = await submit(partition, [
        ...groupActions(partition, part),
        ...open.flatMap((member) => memberActions(partition, part, member)),
      ])
      if (outcome.committed) return { result: 'changed' }
      refusal = outcome.error
    }
    const found = await readNamed(partition, part)
    if (found === undefined) return { result: 'noGroup' }
    // The first try had succeeded, its answer was lost, and the SDK has repeated it.
    if (found.changeIds.has(part.changeId)) return { result: 'changed' }
    open = part.members.filter(({ value }) => found.present.has(value) !== (part.to === 'present'))
    return open.length === 0 ? { result: 'unchanged' } : { again: refusal }
  }, patience)
}

function groupActions(
  { partitionKey }: Partition,
  { groupId, stamp: { version, lastModified }, changeId }: MembersPart,
): readonly TransactionAction[] {
  const guard = { partitionKey, rowKey: guardKey(groupId), changeId }
  const group = { partitionKey, rowKey: resourceKey(GROUP, groupId), version, lastModified }
  return [
    ['update', guard, 'Merge', { etag: '*' }],
    ['update', group, 'Merge', { etag: '*' }],
  ]
}

/** Inserts, not upserts, and deletes of rows that exist: a change that changes nothing must not stamp the group. */
function memberActions(
  partition: Partition,
  { groupId, to, changeId }: MembersPart,
  { value: memberId, type }: Member,
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
}

/** Reads the guard and the named members, not the others; undefined when there is no such group. */
async function readNamed(
  partition: Partition,
  { groupId, members }: MembersPart,
): Promise<Named | undefined> {
  const keys = [guardKey(groupId), ...members.map(({ value }) => memberKey(groupId, value))]
  const [guard, ...rows] = await inParallel(keys, READS_AT_ONCE, async (key) =>
    readRow(partition, key, ['changeId']),
  )
  if (guard === undefined) return undefined
  const present = members.filter((_, index) => rows[index] !== undefined)
  return {
    present: new Set(present.map(({ value }) => value)),
    changeIds: new Set([guard, ...rows].map((row) => row?.['changeId'])),
  }
}
