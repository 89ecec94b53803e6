import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { TableClient, TransactionAction } from '@azure/data-tables'
import { ScimError } from '../../scim/errors.ts'
import type { ChangeStamp, Member } from '../../scim/resource.ts'
import { GROUP } from '../../scim/resource-type.ts'
import { inParallel } from '../in-parallel.ts'
import { memberKey, memberOfKey, partitionKey, resourceKey } from '../keys.ts'
import { guardKey } from '../membership-keys.ts'
import type { MembershipChange } from '../port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { readRow } from './membership-rows.ts'

/** A transaction takes 100 rows: two for each member, the group's and its guard. */
const MEMBERS_PER_TRANSACTION = 49
const TRANSACTIONS_AT_ONCE = 4
const READS_AT_ONCE = 16

/** Tries to win races for the same members before giving up; the pauses between them add up to 3 s on average. */
const TRIES = 8
const FIRST_PAUSE_MILLISECONDS = 25

/** A change of a group's members: each of them is to be there afterwards, or each is to be gone. */
export interface MembersChange {
  readonly tenantId: string
  readonly groupId: string
  readonly to: 'present' | 'absent'
  readonly members: readonly Member[]
  readonly stamp: ChangeStamp
}

/**
 * Adds or removes members: in one round trip when up to 49 are named and none of them is where it should be already.
 * Neither the group nor its members are read before; a transaction in which a row is there already, or is missing, fails
 * as a whole and only then the named rows are read, and the others tried again.
 * @throws ScimError `unavailable` when others kept changing the same members.
 */
export async function changeMembers(
  table: TableClient,
  change: MembersChange,
): Promise<MembershipChange> {
  const members = [...new Map(change.members.toReversed().map((each) => [each.value, each]))]
    .map(([, member]) => member)
    .toReversed()
  const parts: MembersPart[] = []
  do {
    const part = members.splice(0, MEMBERS_PER_TRANSACTION)
    parts.push({ ...change, members: part, id: randomUUID() })
  } while (members.length > 0)
  const outcomes = await inParallel(parts, TRANSACTIONS_AT_ONCE, async (part) => {
    return changePart(table, part)
  })
  if (outcomes.includes('noGroup')) return 'noGroup'
  return outcomes.includes('changed') ? 'changed' : 'unchanged'
}

/** What fits into one transaction. */
interface MembersPart extends MembersChange {
  /** Written with the rows: tells a repetition that the first try had succeeded. */
  readonly id: string
}

async function changePart(table: TableClient, part: MembersPart): Promise<MembershipChange> {
  let open = part.members
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt > 1) await pause(Math.random() * FIRST_PAUSE_MILLISECONDS * 2 ** attempt)
    if (open.length > 0 && (await submitted(table, part, open))) return 'changed'
    const found = await readNamed(table, part)
    if (found === undefined) return 'noGroup'
    // The first try had succeeded, its answer was lost, and the SDK has repeated it.
    if (found.doneBy.has(part.id)) return 'changed'
    open = part.members.filter(({ value }) => found.present.has(value) !== (part.to === 'present'))
    if (open.length === 0) return 'unchanged'
  }
  throw new ScimError(
    'unavailable',
    'the same members of the group are being changed by others; try again',
  )
}

/** @returns false when a row was there that must not be, or was missing: nothing is written. */
async function submitted(
  table: TableClient,
  part: MembersPart,
  members: readonly Member[],
): Promise<boolean> {
  const actions = [...groupActions(part), ...members.flatMap((each) => memberActions(part, each))]
  try {
    await callStorage(() => table.submitTransaction(actions))
    return true
  } catch (error) {
    const status = storageStatus(error)
    if (status === 404 || status === 409) return false
    throw error
  }
}

function groupActions({ tenantId, groupId, stamp, id }: MembersPart): TransactionAction[] {
  const partition = partitionKey(tenantId)
  const { version, lastModified } = stamp
  const guard = { partitionKey: partition, rowKey: guardKey(groupId), change: id }
  const group = {
    partitionKey: partition,
    rowKey: resourceKey(GROUP, groupId),
    version,
    lastModified,
  }
  return [
    ['update', guard, 'Merge', { etag: '*' }],
    ['update', group, 'Merge', { etag: '*' }],
  ]
}

/** Inserts, not upserts, and deletes of rows that exist: a change that changes nothing must not stamp the group. */
function memberActions(part: MembersPart, { value, type }: Member): TransactionAction[] {
  const partition = partitionKey(part.tenantId)
  const forward = { partitionKey: partition, rowKey: memberKey(part.groupId, value) }
  const backward = { partitionKey: partition, rowKey: memberOfKey(value, part.groupId) }
  if (part.to === 'absent') {
    return [
      ['delete', forward],
      ['delete', backward],
    ]
  }
  // Keys of very long ids hold a digest, so both ids are columns.
  const ids = { memberId: value, groupId: part.groupId }
  return [
    ['create', { ...forward, ...ids, memberType: type, change: part.id }],
    ['create', { ...backward, ...ids }],
  ]
}

/** The state of the rows that a change names. */
interface Named {
  readonly present: ReadonlySet<string>
  /** The changes that wrote last what was found. */
  readonly doneBy: ReadonlySet<unknown>
}

/** Reads the guard and the named members, not the others; undefined when there is no such group. */
async function readNamed(table: TableClient, part: MembersPart): Promise<Named | undefined> {
  const { tenantId, groupId, members } = part
  const keys = [guardKey(groupId), ...members.map(({ value }) => memberKey(groupId, value))]
  const [guard, ...rows] = await inParallel(keys, READS_AT_ONCE, (key) =>
    readRow(table, tenantId, key, ['change']),
  )
  if (guard === undefined) return undefined
  return {
    present: new Set(members.filter((_, index) => rows[index] !== undefined).map((m) => m.value)),
    doneBy: new Set([guard, ...rows].map((row) => row?.['change'])),
  }
}
