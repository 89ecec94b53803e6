import type { Member } from '../../scim/resource.ts'
import { checkDeadline } from '../deadline.ts'
import { compareIds } from '../keys.ts'
import { DEFAULT_LAYOUTS, groupLayout, type LayoutOptions, type StorageLayout } from '../layout.ts'
import {
  changeInParts,
  inheritingGroup,
  leavingGroup,
  losingGroup,
  type MembersPart,
} from '../member-parts.ts'
import { compareInMemberOf } from '../membership-keys.ts'
import type { Change, Memberships, MembersOutcome, Scope } from '../port.ts'
import { passOnByHand, removeByHand } from './teams.ts'
import type { GroupMembers, MemoryJournal, MemoryState } from './state.ts'

const BATCH_SIZE = 1000

/**
 * Memberships in memory, with the behaviour of those in tables.
 * @param state shared with the store of the resources, which holds the groups.
 */
export function memoryMemberships(
  state: MemoryState,
  { layouts = DEFAULT_LAYOUTS }: LayoutOptions = {},
): Memberships {
  const layout = groupLayout(layouts)
  const groupsIn = ({ partitionKey, deadline }: Scope): Map<string, GroupMembers> => {
    checkDeadline(deadline)
    return state.members(partitionKey)
  }
  const changePart = partChanger(state, layout, groupsIn)
  const idsOfGroups = (scope: Scope, memberId: string): string[] =>
    [...groupsIn(scope)]
      .filter(([, members]) => members.has(memberId))
      .map(([groupId]) => groupId)
      .toSorted(compareIds)

  return {
    changeMembers: async (scope, groupId, members, change, revision) =>
      changeInParts(members, change, revision, async (part, current) =>
        changePart(scope, groupId, part, current),
      ),
    async *members(scope, groupId) {
      yield* inBatches(sortedMembers(groupsIn(scope).get(groupId)))
    },
    async *memberIdsOf(scope, groupId) {
      const members = sortedMembers(groupsIn(scope).get(groupId))
      for await (const batch of inBatches(members)) yield batch.map(({ value }) => value)
    },
    async isMember(scope, groupId, memberId) {
      return groupsIn(scope).get(groupId)?.has(memberId) === true
    },
    async groupsOf(scope, memberIds) {
      const found = memberIds.map((id) => [id, idsOfGroups(scope, id)] as const)
      return new Map(found.filter(([, groupIds]) => groupIds.length > 0))
    },
    groupsBehind: async (scope, memberId) => ({
      groupsOf: membersBehind(groupsIn(scope), memberId, (id) => idsOfGroups(scope, id)),
      isComplete: () => true,
    }),
    async groupNames({ partitionKey, deadline }, groupIds) {
      checkDeadline(deadline)
      const groups = state.resources(partitionKey, layout)
      const names = groupIds.map((id) => [id, groups.get(id)?.attributes['displayName']] as const)
      return new Map(
        names.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    },
    removeAll: cascade(state, layout, { groupsIn, changePart, idsOfGroups }),
  }
}

/** What the cascade changes memberships with. */
interface CascadeParts {
  readonly groupsIn: (scope: Scope) => Map<string, GroupMembers>
  readonly changePart: ReturnType<typeof partChanger>
  readonly idsOfGroups: (scope: Scope, memberId: string) => readonly string[]
}

function cascade(
  state: MemoryState,
  layout: StorageLayout,
  { groupsIn, changePart, idsOfGroups }: CascadeParts,
): Memberships['removeAll'] {
  return async (scope, id, isGroup, change, { heir } = {}) => {
    if (heir !== undefined) {
      const succession = { from: id, heir, round: 0 }
      passOnByHand(state, layout, scope, succession, change)
      for (const groupId of idsOfGroups(scope, id)) {
        const part = inheritingGroup(layout.resourceType, groupId, succession, change)
        changePart(scope, groupId, part)
      }
      return
    }
    if (isGroup) {
      const members = sortedMembers(groupsIn(scope).get(id)).map(({ value }) => value)
      noteLosses(state.journal(scope.partitionKey, layout), layout, id, members, change)
      groupsIn(scope).delete(id)
    }
    removeByHand(state, layout, scope, id, isGroup, change)
    for (const groupId of idsOfGroups(scope, id)) {
      changePart(scope, groupId, leavingGroup(layout.resourceType, groupId, id, change))
    }
  }
}

/** The groups of the members behind one. */
function membersBehind(
  groups: ReadonlyMap<string, GroupMembers>,
  memberId: string | undefined,
  groupsOf: (id: string) => readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const ids = new Set([...groups.values()].flatMap((members) => Array.from(members.keys())))
  const behind = [...ids].filter(
    (id) => memberId === undefined || compareInMemberOf(id, memberId) > 0,
  )
  return new Map(behind.map((id) => [id, groupsOf(id)] as const))
}

/** Has the journal say who has lost a group that is deleted. */
function noteLosses(
  journal: MemoryJournal,
  { resourceType }: StorageLayout,
  groupId: string,
  members: readonly string[],
  deletion: Change,
): void {
  if (members.length === 0) return
  for (const part of losingGroup(resourceType, groupId, members, deletion)) {
    journal.add(part.change, part.members)
  }
}

/** Changes members as one transaction does. */
function partChanger(
  state: MemoryState,
  layout: StorageLayout,
  groupsIn: (scope: Scope) => Map<string, GroupMembers>,
) {
  return (
    scope: Scope,
    groupId: string,
    { members, change }: MembersPart,
    revision?: string,
  ): MembersOutcome => {
    const journal = state.journal(scope.partitionKey, layout)
    if (journal.has(change)) return 'changed'
    const groups = state.resources(scope.partitionKey, layout)
    const group = groups.get(groupId)
    if (group === undefined) return 'noGroup'
    const present = groupsIn(scope).get(groupId) ?? new Map<string, Member>()
    const moving = members.filter(
      ({ member, to }) => present.has(member.value) !== (to === 'present'),
    )
    if (moving.length === 0) return 'unchanged'
    if (revision !== undefined && revision !== group.revision) return 'conflict'
    for (const { member, to } of moving) {
      if (to === 'present') present.set(member.value, member)
      else present.delete(member.value)
    }
    groupsIn(scope).set(groupId, present)
    groups.set(groupId, { ...group, ...change.stamp, revision: state.newRevision() })
    journal.add(change, moving)
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
