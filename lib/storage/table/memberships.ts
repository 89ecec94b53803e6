import type { ChangeStamp } from '../../scim/resource.ts'
import { newChangeStamp, type Memberships } from '../memberships.ts'
import { memberKey } from '../keys.ts'
import { changeMembers } from './membership-change.ts'
import { listMembers } from './membership-list.ts'
import { groupsOfMembers, readGroupNames } from './membership-lookup.ts'
import { removeMemberships } from './membership-removal.ts'
import { readRow } from './membership-rows.ts'
import type { Tables } from './tables.ts'

/**
 * Memberships in the table `groups`: two rows each, one found from the group and one from the member, that are always
 * written and removed together. The group's guard row (see `guardKey`) is the business of the store of the resources.
 *
 * @param newStamp for the groups that a deleted resource was in.
 */
export function tableMemberships(
  { groups: table }: Pick<Tables, 'groups'>,
  newStamp: () => ChangeStamp = newChangeStamp,
): Memberships {
  return {
    addMembers: async (tenantId, groupId, members, stamp) =>
      changeMembers(table, { tenantId, groupId, to: 'present', members, stamp }),

    async removeMembers(tenantId, groupId, memberIds, stamp) {
      const members = memberIds.map((value) => ({ value, type: 'User' as const }))
      return changeMembers(table, { tenantId, groupId, to: 'absent', members, stamp })
    },

    members: (tenantId, groupId) => listMembers(table, tenantId, groupId),

    async *memberIdsOf(tenantId, groupId) {
      for await (const members of listMembers(table, tenantId, groupId)) {
        yield members.map(({ value }) => value)
      }
    },

    async isMember(tenantId, groupId, memberId) {
      const row = await readRow(table, tenantId, memberKey(groupId, memberId), ['memberType'])
      return row !== undefined
    },

    groupsOf: async (tenantId, memberIds) => groupsOfMembers(table, tenantId, memberIds),

    groupNames: async (tenantId, groupIds) => readGroupNames(table, tenantId, groupIds),

    removeAll: async (tenantId, resourceType, id) =>
      removeMemberships(table, newStamp, tenantId, resourceType, id),
  }
}
