import type { JsonObject } from '../scim/json.ts'
import { toMembers } from '../scim/member.ts'
import { Comparisons } from '../scim/patch/comparisons.ts'
import { memberMatcher, type MembershipPatch } from '../scim/patch/members.ts'
import type { Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { Change, JournalOperation, MembersChange, MembersOutcome } from '../storage/port.ts'
import {
  changeAttributes,
  retryLostRaces,
  writeAttributes,
  type MakeAttributes,
  type Target,
} from './change.ts'
import type { ServiceContext } from './context.ts'
import { membersChangeOf, newStamp, oneChange } from './next-change.ts'
import { notFound } from './refusals.ts'

/** Splits the canonical attributes of a body: the members of a group are kept apart from the rest. */
export function separateMembers(
  resourceType: ResourceType,
  body: JsonObject,
): { attributes: JsonObject; members?: readonly Member[] } {
  if (resourceType.membershipAttribute !== 'members') return { attributes: body }
  const { members, ...attributes } = body
  if (members === undefined) return { attributes }
  return { attributes, members: toMembers(resourceType, members) }
}

/**
 * Changes a resource and its members, as one turn: of several writers with the same If-Match one wins (RFC 7644 §3.14),
 * and of several who replace all members each replaces what the one before has written. The attributes are written first:
 * a crash in between leaves the new name with the old members, which the repetition of the request completes.
 * @param memberships undefined when the request says nothing of members.
 * @throws ScimError as `changeAttributes` does.
 */
export async function changeWithMembers(
  context: ServiceContext,
  resourceType: ResourceType,
  request: Target,
  operation: JournalOperation,
  make: MakeAttributes,
  memberships: MembershipPatch | undefined,
): Promise<StoredResource> {
  if (memberships === undefined)
    return changeAttributes(context, resourceType, request, operation, make)
  const isGuarded = request.ifMatch !== undefined || memberships.replaceAll
  const next = oneChange(context, resourceType, operation)
  return retryLostRaces(context, resourceType, request, async (before) => {
    const attributes = await make(before)
    const first = next({ ...before, attributes })
    const written = await writeAttributes(context, resourceType, before, attributes, first)
    if (written === undefined) return undefined
    // Writing the attributes has claimed the version already.
    const revision = isGuarded && written === before ? before.revision : undefined
    const second = membersChangeOf(first, newStamp(context, written), written !== before)
    const outcome = await changeMembers(context, before.id, memberships, second, revision)
    // Its attributes were written and may have been read: that it has gone since takes nothing back.
    if (outcome === 'noGroup' && written === before) throw notFound(resourceType)
    if (outcome === 'conflict') return undefined
    return outcome === 'changed' ? { ...written, ...second.stamp } : written
  })
}

/**
 * Applies the net effect of a PATCH to the members of a group. Adding and removing named members reads nothing;
 * replacing all of them reads the present ones and writes the difference only.
 * @param revision of the group as it was read: see `MembershipStore.changeMembers`.
 */
export async function changeMembers(
  context: ServiceContext,
  groupId: string,
  patch: MembershipPatch,
  change: Change,
  revision?: string,
): Promise<MembersOutcome> {
  const effect = await namedMembers(context, groupId, patch)
  return context.memberships.changeMembers(context.scope, groupId, effect, change, revision)
}

/** Whom to add and whom to remove, by name. */
async function namedMembers(
  context: ServiceContext,
  groupId: string,
  patch: MembershipPatch,
): Promise<MembersChange> {
  if (!patch.replaceAll && patch.removeMatching.length === 0) return patch
  const add = new Map(patch.add.map((member) => [member.value, member]))
  const remove = new Set(patch.remove)
  const comparisons = new Comparisons()
  const isMatched = memberMatcher(patch.removeMatching, comparisons)
  for await (const batch of context.memberships.members(context.scope, groupId)) {
    for (const member of batch) {
      if (comparisons.isTurnOver()) await context.letOthersRun()
      if (patch.replaceAll && add.delete(member.value)) continue
      if (patch.replaceAll || (!add.has(member.value) && isMatched(member))) {
        remove.add(member.value)
      }
    }
    await context.letOthersRun()
  }
  return { add: [...add.values()], remove: [...remove] }
}
