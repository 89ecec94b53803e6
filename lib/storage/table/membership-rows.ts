import type { Member } from '../../scim/resource.ts'
import { memberTypeOf } from '../../scim/resource-id.ts'
import { memberKey, memberOfKey } from '../keys.ts'
import type { Partition } from './partition.ts'
import { text, type Row } from './row.ts'

/** The columns that `toMember` needs. */
export const MEMBER_COLUMNS: readonly string[] = ['memberId', 'memberType']

/** The member that a row of a group's members is about. */
export function toMember(row: Row): Member {
  const value = text(row, 'memberId')
  // What the row says counts for ids only that we did not issue.
  return { value, type: memberTypeOf(value) ?? (row['memberType'] === 'Group' ? 'Group' : 'User') }
}

/** Whether a row of a group's members says of which type its member is, or need not. */
export function isMemberTypeRight(row: Row, memberId: string): boolean {
  const said = row['memberType'] ?? undefined
  const issued = memberTypeOf(memberId)
  if (issued !== undefined) return said === issued
  return said === undefined || typeof said === 'string'
}

/** The columns that both rows of a membership have, and that `pairOf` needs. */
export const PAIR_COLUMNS: readonly string[] = ['groupId', 'memberId']

interface Key {
  readonly partitionKey: string
  readonly rowKey: string
}

/** The keys of the two rows that are one membership. */
export interface Pair {
  readonly member: Key
  readonly memberOf: Key
}

/** The rows that tell that a member is in a group. */
export function pairOf({ partitionKey }: Partition, groupId: string, memberId: string): Pair {
  return {
    member: { partitionKey, rowKey: memberKey(groupId, memberId) },
    memberOf: { partitionKey, rowKey: memberOfKey(memberId, groupId) },
  }
}
