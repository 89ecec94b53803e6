import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import { guardKey, memberKey, resourceKey } from '../keys.ts'
import type { MemberChange, MembersPart } from '../member-parts.ts'
import type { MembersOutcome } from '../port.ts'
import { commitOnce } from './journal.ts'
import { pairOf } from './membership-rows.ts'
import { readRow, type Partition } from './partition.ts'
import { text } from './row.ts'

const READS_AT_ONCE = 16

/**
 * Adds and removes members in one transaction: in one round trip when none of them is where it should be already.
 * Neither the group nor its members are read before; a transaction in which a row is there already, or is missing, fails
 * as a whole, and only then the named rows are read, and the others tried again.
 * @param revision the group's ETag: if it has moved, nothing is written.
 * @throws ScimError `unavailable` when others kept changing the same members.
 */
export async function changePart(
  partition: Partition,
  groupId: string,
  part: MembersPart,
  revision?: string,
): Promise<MembersOutcome> {
  const { change, members, onlyWith } = part
  let open = members
  let guardedBy: string | undefined
  const rows = (): readonly TransactionAction[] => [
    ...groupActions(partition, groupId, part, { guard: guardedBy, group: revision }),
    ...open.flatMap((each) => memberActions(partition, groupId, each)),
  ]
  return commitOnce<MembersOutcome>(partition, change, {
    rows: () => (open.length === 0 ? [] : rows()),
    moving: () => open,
    committed: 'changed',
    givenUp: 'unchanged',
    explain: async (refusal) => {
      const found = await readNamed(partition, groupId, members, revision)
      if (found === undefined) return { result: 'noGroup' }
      const isOff = onlyWith !== undefined && !found.present.has(onlyWith)
      open = members.filter(
        ({ member, to }) => !isOff && found.present.has(member.value) !== (to === 'present'),
      )
      if (open.length === 0) return { result: 'unchanged', isReversible: true }
      // Who is passed over must still be where it was when the others are written, or an exchange could be done in part.
      guardedBy = isExchange(members) ? found.guard : undefined
      return found.isAsRead ? { again: refusal?.error } : { result: 'conflict' }
    },
  })
}

/** Whether some come and some go: then what one finds done already may undo what another does. */
function isExchange(members: readonly MemberChange[]): boolean {
  return members.some(({ to }) => to !== members[0]?.to)
}

/** The ETags that rows must have; undefined: any. */
interface ETags {
  readonly guard: string | undefined
  readonly group: string | undefined
}

function groupActions(
  { partitionKey, layout }: Partition,
  groupId: string,
  { change }: MembersPart,
  { guard = '*', group = '*' }: ETags,
): readonly TransactionAction[] {
  return [
    ['update', { partitionKey, rowKey: guardKey(groupId) }, 'Merge', { etag: guard }],
    [
      'update',
      { partitionKey, rowKey: resourceKey(layout, groupId), ...change.stamp },
      'Merge',
      { etag: group },
    ],
  ]
}

/** Inserts, not upserts, and deletes of rows that exist: a change that changes nothing must not stamp the group. */
function memberActions(
  partition: Partition,
  groupId: string,
  { member: { value: memberId, type }, to }: MemberChange,
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
    ['create', { ...member, groupId, memberId, memberType: type }],
    ['create', { ...memberOf, groupId, memberId }],
  ]
}

/** The state of the rows that a change names. */
interface Named {
  /** The ids of those of the members that are in the group. */
  readonly present: ReadonlySet<string>
  /** The guard's ETag: it moves with every change of the group's members. */
  readonly guard: string
  /** Whether the group still has the revision that was asked for, if one was. */
  readonly isAsRead: boolean
}

/** Reads the guard and the named members, not the others; undefined when there is no such group. */
async function readNamed(
  partition: Partition,
  groupId: string,
  members: readonly MemberChange[],
  revision: string | undefined,
): Promise<Named | undefined> {
  const keys = members.map(({ member }) => memberKey(groupId, member.value))
  const readingGuard = readRow(partition, guardKey(groupId), ['RowKey'])
  // Its ETag must be older than what is read of the members: what changes them from then on moves it.
  if (isExchange(members)) await readingGuard
  const [guard, group, rows] = await Promise.all([
    readingGuard,
    revision === undefined
      ? undefined
      : readRow(partition, resourceKey(partition.layout, groupId), ['version']),
    inParallel(keys, READS_AT_ONCE, async (key) => readRow(partition, key, ['RowKey'])),
  ])
  if (guard === undefined) return undefined
  const present = members.filter((_, index) => rows[index] !== undefined)
  return {
    present: new Set(present.map(({ member }) => member.value)),
    guard: text(guard, 'etag'),
    isAsRead: group?.['etag'] === revision,
  }
}
