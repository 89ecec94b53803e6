import { guardKey, memberKey } from '../keys.ts'
import { DEFAULT_LAYOUTS, groupLayout, type LayoutOptions } from '../layout.ts'
import { changeInParts } from '../member-parts.ts'
import type { Memberships, Scope } from '../port.ts'
import { changePart } from './membership-change.ts'
import { listMembers } from './membership-list.ts'
import { groupsOfMembers, groupsOfMembersBehind, readGroupNames } from './membership-lookup.ts'
import { removeMemberships } from './membership-removal.ts'
import { readRow, type Partition, type ResourceTables } from './partition.ts'

/**
 * Memberships in the table of the groups: two rows each, one found from the group and one from the member, that are always
 * written and removed together. The store of the resources makes and deletes each group's guard (see `guardKey`).
 */
export function tableMemberships(
  tables: ResourceTables,
  { layouts = DEFAULT_LAYOUTS }: LayoutOptions = {},
): Memberships {
  const layout = groupLayout(layouts)
  const table = tables[layout.table]
  const groups = ({ partitionKey, deadline }: Scope): Partition => {
    return { table, layout, partitionKey, deadline }
  }
  return {
    changeMembers: async (scope, groupId, members, change, revision) =>
      changeInParts(members, change, revision, async (part, current) =>
        changePart(groups(scope), groupId, part, current),
      ),

    members: (scope, groupId) => listMembers(groups(scope), groupId),

    async *memberIdsOf(scope, groupId) {
      const existing = isThere(groups(scope), groupId)
      for await (const members of listMembers(groups(scope), groupId)) {
        if (!(await existing)) return
        yield members.map(({ value }) => value)
      }
      await existing
    },

    async isMember(scope, groupId, memberId) {
      const [existing, row] = await Promise.all([
        isThere(groups(scope), groupId),
        readRow(groups(scope), memberKey(groupId, memberId), ['memberType']),
      ])
      return existing && row !== undefined
    },

    groupsOf: async (scope, memberIds) => groupsOfMembers(groups(scope), memberIds),

    groupsBehind: async (scope, memberId) => groupsOfMembersBehind(groups(scope), memberId),

    groupNames: async (scope, groupIds) => readGroupNames(groups(scope), groupIds),

    removeAll: async (scope, id, isGroup, change, options) =>
      removeMemberships(groups(scope), id, isGroup, change, options),
  }
}

/** Whether a group exists: when it is deleted its guard goes first, and the rows of its members some time later. */
async function isThere(partition: Partition, groupId: string): Promise<boolean> {
  return (await readRow(partition, guardKey(groupId), ['RowKey'])) !== undefined
}
