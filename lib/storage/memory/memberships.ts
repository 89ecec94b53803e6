import type { ChangeStamp, Member } from '../../scim/resource.ts'
import type { MemoryState } from './state.ts'
import { compareIds } from '../membership-keys.ts'
import { newChangeStamp, type Memberships } from '../memberships.ts'
import type { MembersChange, MembershipChange } from '../port.ts'

const BATCH_SIZE = 1000

/** The members of one group by id. */
type GroupMembers = Map<string, Member>

/**
 * Memberships in memory, with the behaviour of those in tables.
 * @param state shared with the store of the resources, which holds the groups.
 * @param newStamp for the groups that a deleted resource was in.
 */
export function memoryMemberships(
  state: MemoryState,
  { newStamp = newChangeStamp }: { readonly newStamp?: () => ChangeStamp } = {},
): Memberships {
  const tenants = new Map<string, Map<string, GroupMembers>>()
  const groupsIn = (tenantId: string): Map<string, GroupMembers> => {
    const groups = tenants.get(tenantId) ?? new Map<string, GroupMembers>()
    tenants.set(tenantId, groups)
    return groups
  }
  const change = memberChanger(state, groupsIn)
  const idsOfGroups = (tenantId: string, memberId: string): string[] =>
    [...groupsIn(tenantId)]
      .filter(([, members]) => members.has(memberId))
      .map(([groupId]) => groupId)
      .toSorted(compareIds)

  return {
    async changeMembers(tenantId, groupId, members, stamp, revision) {
      return change(tenantId, groupId, members, stamp, revision)
    },
    members: (tenantId, groupId) => inBatches(sortedMembers(groupsIn(tenantId).get(groupId))),
    async *memberIdsOf(tenantId, groupId) {
      const members = sortedMembers(groupsIn(tenantId).get(groupId))
      for await (const batch of inBatches(members)) yield batch.map(({ value }) => value)
    },
    async isMember(tenantId, groupId, memberId) {
      return groupsIn(tenantId).get(groupId)?.has(memberId) === true
    },
    async groupsOf(tenantId, memberIds) {
      const found = memberIds.map((id) => [id, idsOfGroups(tenantId, id)] as const)
      return new Map(found.filter(([, groupIds]) => groupIds.length > 0))
    },
    async groupNames(tenantId, groupIds) {
      const groups = state.resources(tenantId, 'Group')
      const names = groupIds.map((id) => [id, groups.get(id)?.attributes['displayName']] as const)
      return new Map(
        names.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    },
    async removeAll(tenantId, resourceType, id) {
      if (resourceType.name === 'Group') groupsIn(tenantId).delete(id)
      for (const groupId of idsOfGroups(tenantId, id)) {
        change(tenantId, groupId, { add: [], remove: [id] }, newStamp())
      }
    },
  }
}

function memberChanger(
  state: MemoryState,
  groupsIn: (tenantId: string) => Map<string, GroupMembers>,
) {
  return (
    tenantId: string,
    groupId: string,
    { add, remove }: MembersChange,
    stamp: ChangeStamp,
    revision?: string,
  ): MembershipChange => {
    const groups = state.resources(tenantId, 'Group')
    const group = groups.get(groupId)
    if (group === undefined) return 'noGroup'
    const present = groupsIn(tenantId).get(groupId) ?? new Map<string, Member>()
    const missing = add.filter(({ value }) => !present.has(value))
    const leaving = remove.filter((id) => present.has(id))
    if (missing.length + leaving.length === 0) return 'unchanged'
    if (revision !== undefined && revision !== group.revision) return 'conflict'
    // From the end, so that of two with the same id the first is kept, as in tables.
    for (const member of missing.toReversed()) present.set(member.value, member)
    for (const id of leaving) present.delete(id)
    groupsIn(tenantId).set(groupId, present)
    const { version, lastModified } = stamp
    groups.set(groupId, { ...group, version, lastModified, revision: state.newRevision() })
    return 'changed'
  }
}

function sortedMembers(members: GroupMembers | undefined): Member[] {
  return [...(members?.values() ?? [])].toSorted((one, other) => compareIds(one.value, other.value))
}

/** Cuts a list into batches; like a store it gives none for an empty list. */
async function* inBatches(members: readonly Member[]): AsyncIterable<readonly Member[]> {
  for (let start = 0; start < members.length; start += BATCH_SIZE) {
    yield members.slice(start, start + BATCH_SIZE)
  }
}
