import type { TransactionAction } from '@azure/data-tables'
import { memberTypeOf } from '../../../scim/resource-id.ts'
import { guardKey, memberKey, memberOfKey, resourceKey } from '../../keys.ts'
import type { MemberChange } from '../../member-parts.ts'
import type { Change } from '../../port.ts'
import { teamKey, teamMemberKey, teamOfKey } from '../../team-keys.ts'
import { MEMBERSHIP_COLUMNS } from './facts.ts'
import { commitOnce } from '../journal.ts'
import { isMemberTypeRight, toMember } from '../membership-rows.ts'
import type { ResourcePartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { deletionMarks } from './look-resource.ts'
import { asRead, erasing, mendingChange, rewritten, writing } from './mending.ts'
import { steadily, type Reads } from './steady.ts'
import type { Found, Ground, Look, Suspect } from './suspect.ts'

type Keys = (group: string, member: string) => readonly [member: string, memberOf: string]

/** Of the two ways to be in a group. */
const KEYS: Readonly<Record<'member' | 'handMade', Keys>> = {
  member: (group, member) => [memberKey(group, member), memberOfKey(member, group)],
  handMade: (group, member) => [teamMemberKey(group, member), teamOfKey(member, group)],
}

const TEAM = 'Team'

/** A membership, and what it hangs on. */
interface Membership {
  readonly group: string
  readonly member: string
  readonly rows: readonly [member: Row | undefined, memberOf: Row | undefined]
  /** The row that every change of the group's members writes; absent where there is no group. */
  readonly anchor: Row | undefined
  /** A group that lacks its guard is looked at as that. */
  readonly isGuardless: boolean
  readonly isBeingDeleted: boolean
  /** Of which type the member is; undefined where it is not there. */
  readonly memberType: 'User' | 'Group' | undefined
}

export async function lookAtMembership(
  partition: ResourcePartition,
  ground: Ground,
  kind: 'member' | 'handMade',
  { ids: [group = '', member = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily((reads) => read(reads, partition, ground, kind, group, member))
  if (looked === 'moving') return looked
  const { rows, anchor, isGuardless, isBeingDeleted } = looked.seen
  const present = rows.filter((row) => row !== undefined)
  if (present.length === 0 || isGuardless || isBeingDeleted) return undefined
  const about = {
    type: kind === 'member' ? partition.resourceType.name : TEAM,
    about: `${group}, ${member}`,
  }
  if (anchor === undefined) {
    return { problem: 'membership of nothing', ...about, mend: erasing(partition, ...rows) }
  }
  if (present.length < rows.length) {
    return { problem: 'half a membership', ...about, ...half(partition, kind, looked.seen, anchor) }
  }
  const typed = kind === 'member' ? wrongType(partition, looked.seen) : undefined
  return typed && { problem: 'member type wrong', ...about, ...typed }
}

/** Readers take it for the same before and after: no group looks otherwise, and nothing is told in the journal. */
function wrongType(
  partition: ResourcePartition,
  { member, rows: [row] }: Membership,
): Pick<Found, 'detail' | 'mend'> | undefined {
  if (row === undefined || isMemberTypeRight(row, member)) return undefined
  const { type: memberType } = toMember({ ...row, memberId: member })
  return {
    detail: memberTypeOf(member) === undefined ? 'no text' : `${memberType} by its id`,
    mend: writing(partition, rewritten(row, { memberType })),
  }
}

async function read(
  reads: Reads,
  partition: ResourcePartition,
  ground: Ground,
  kind: 'member' | 'handMade',
  group: string,
  member: string,
): Promise<Membership> {
  const [memberRow, memberOfRow] = KEYS[kind](group, member)
  const [row, other, guard, team, there, marks, memberType] = await Promise.all([
    reads.row(partition, memberRow),
    reads.row(partition, memberOfRow),
    reads.row(partition, guardKey(group)),
    kind === 'handMade' ? reads.row(partition, teamKey(group)) : undefined,
    reads.resource(partition, group),
    Promise.all([group, member].map((id) => deletionMarks(reads, ground, id))),
    typeOfMember(reads, ground, member),
  ])
  const anchor = team ?? guard
  return {
    group,
    member,
    rows: [row, other],
    anchor,
    isGuardless: anchor === undefined && there !== undefined,
    isBeingDeleted: marks.flat().length > 0,
    memberType,
  }
}

async function typeOfMember(
  reads: Reads,
  { partitions }: Ground,
  member: string,
): Promise<'User' | 'Group' | undefined> {
  const found = await Promise.all(
    partitions.map(async (each) => {
      const row = await reads.resource(each, member)
      return row === undefined ? [] : [each.layout.guarded]
    }),
  )
  const [isGroup] = found.flat()
  if (isGroup === undefined) return undefined
  return memberTypeOf(member) ?? (isGroup ? 'Group' : 'User')
}

/**
 * Both rows are always written and removed together: one that is there alone has lost the other, and gets it again. Only of
 * a member who is not there any more it goes, too.
 */
function half(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  { group, member, rows, memberType }: Membership,
  anchor: Row,
): Pick<Found, 'detail' | 'mend'> {
  const { partitionKey } = partition
  const columns = MEMBERSHIP_COLUMNS[kind]
  const isFirst = rows[0] !== undefined
  const keys = KEYS[kind](group, member)
  const [present, lost] = isFirst ? keys : keys.toReversed()
  const isKept = memberType !== undefined
  const ids = { [columns[0]]: group, [columns[1]]: member }
  const type = kind === 'member' && !isFirst && isKept ? { memberType } : {}
  const action: TransactionAction = isKept
    ? ['create', { partitionKey, rowKey: lost ?? '', ...ids, ...type }]
    : ['delete', { partitionKey, rowKey: present ?? '' }]
  const moved: MemberChange = {
    member: { value: member, type: memberType ?? 'User' },
    to: isKept ? 'present' : 'absent',
  }
  return {
    detail: isFirst ? 'the side of the member is lost' : 'the side of the group is lost',
    mend: () => commit(partition, kind, { group, anchor, action, moved }),
  }
}

interface Mending {
  readonly group: string
  readonly anchor: Row
  readonly action: TransactionAction
  readonly moved: MemberChange
}

/** Somebody sees another group from then on: so the journal tells it, and the group has a new version. */
async function commit(
  partition: ResourcePartition,
  kind: 'member' | 'handMade',
  { group, anchor, action, moved }: Mending,
): Promise<void> {
  const { partitionKey, layout, resourceType } = partition
  const type = kind === 'member' ? resourceType.name : TEAM
  const change: Change = mendingChange('members', { type, subject: group })
  const key = { partitionKey, rowKey: resourceKey(layout, group) }
  const stamp: TransactionAction = ['update', { ...key, ...change.stamp }, 'Merge', { etag: '*' }]
  await commitOnce<undefined>(partition, change, {
    rows: () => [
      asRead(partition, text(anchor, 'rowKey'), text(anchor, 'etag')),
      ...(kind === 'member' ? [stamp] : []),
      action,
    ],
    moving: () => [moved],
    committed: undefined,
    explain: async () => ({ result: undefined }),
  })
}
