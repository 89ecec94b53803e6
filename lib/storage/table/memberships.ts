import type { ChangeStamp } from '../../scim/resource.ts'
import { GROUP } from '../../scim/default-resource-types.ts'
import { memberKey } from '../keys.ts'
import { guardKey } from '../membership-keys.ts'
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
    changeMembers: async (tenantId, groupId, change, stamp, revision) =>
      changeMembers(groups(tenantId), { groupId, ...change, stamp, revision }, patience),

    members: (tenantId, groupId) => listMembers(groups(tenantId), groupId),

    async *memberIdsOf(tenantId, groupId) {
      const existing = isThere(groups(tenantId), groupId)
      for await (const members of listMembers(groups(tenantId), groupId)) {
        if (!(await existing)) return
        yield members.map(({ value }) => value)
      }
      await existing
    },

    async isMember(tenantId, groupId, memberId) {
      const [existing, row] = await Promise.all([
        isThere(groups(tenantId), groupId),
        readRow(groups(tenantId), memberKey(groupId, memberId), ['memberType']),
      ])
      return existing && row !== undefined
    },

    groupsOf: async (tenantId, memberIds) => groupsOfMembers(groups(tenantId), memberIds),

    groupNames: async (tenantId, groupIds) => readGroupNames(groups(tenantId), groupIds),

    removeAll: async (tenantId, { name }, id) =>
      removeMemberships(groups(tenantId), { isGroup: name === 'Group', id, newStamp, patience }),
  }
}

/** Whether a group exists: when it is deleted its guard goes first, and the rows of its members some time later. */
async function isThere(partition: Partition, groupId: string): Promise<boolean> {
  return (await readRow(partition, guardKey(groupId), ['RowKey'])) !== undefined
}
