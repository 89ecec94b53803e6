import type { Member } from '../../scim/resource.ts'
import { memberKey, memberOfKey } from '../keys.ts'
import type { Partition } from './partition.ts'
import { text, type Row } from './row.ts'

/** The columns that `toMember` needs. */
export const MEMBER_COLUMNS: readonly string[] = ['memberId', 'memberType']

/** The member that a row of a group's members is about. */
export function toMember(row: Row): Member {
  return { value: text(row, 'memberId'), type: row['memberType'] === 'Group' ? 'Group' : 'User' }
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
