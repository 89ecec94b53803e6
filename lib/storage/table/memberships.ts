import type { ChangeStamp } from '../../scim/resource.ts'
import { GROUP } from '../../scim/resource-type.ts'
import { memberKey } from '../keys.ts'
import { newChangeStamp, type Memberships } from '../memberships.ts'
import { changeMembers } from './membership-change.ts'
import { listMembers } from './membership-list.ts'
import { groupsOfMembers, readGroupNames } from './membership-lookup.ts'
import { removeMemberships } from './membership-removal.ts'
import { partitionOf, readRow, type Partition } from './partition.ts'
import type { Tables } from './tables.ts'

/** How long lost races and outages are tried again, in milliseconds. */
const PATIENCE = 20_000

/**
 * Memberships in the table `groups`: two rows each, one found from the group and one from the member, that are always
 * written and removed together. The store of the resources makes and deletes each group's guard (see `guardKey`).
 *
 * @param newStamp for the groups that a deleted resource was in.
 * @param patience milliseconds for which lost races and outages are tried again.
 */
export function tableMemberships(
  tables: Pick<Tables, 'users' | 'groups'>,
  {
    newStamp = newChangeStamp,
    patience = PATIENCE,
  }: { readonly newStamp?: () => ChangeStamp; readonly patience?: number } = {},
): Memberships {
  const groups = (tenantId: string): Partition => partitionOf(tables, tenantId, GROUP)
  return {
    addMembers: async (tenantId, groupId, members, stamp) =>
      changeMembers(groups(tenantId), { groupId, to: 'present', members, stamp }, patience),

    async removeMembers(tenantId, groupId, memberIds, stamp) {
      const members = memberIds.map((value) => ({ value, type: 'User' as const }))
      return changeMembers(groups(tenantId), { groupId, to: 'absent', members, stamp }, patience)
    },

    members: (tenantId, groupId) => listMembers(groups(tenantId), groupId),

    async *memberIdsOf(tenantId, groupId) {
      for await (const members of listMembers(groups(tenantId), groupId)) {
        yield members.map(({ value }) => value)
      }
    },

    async isMember(tenantId, groupId, memberId) {
      const row = await readRow(groups(tenantId), memberKey(groupId, memberId), ['memberType'])
      return row !== undefined
    },

    groupsOf: async (tenantId, memberIds) => groupsOfMembers(groups(tenantId), memberIds),

    groupNames: async (tenantId, groupIds) => readGroupNames(groups(tenantId), groupIds),

    removeAll: async (tenantId, { name }, id) =>
      removeMemberships(groups(tenantId), { isGroup: name === 'Group', id, newStamp, patience }),
  }
}
