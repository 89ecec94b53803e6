import { matchesValue } from '../scim/filter/match.ts'
import type { ResolvedFilter } from '../scim/filter/filter.ts'
import type { JsonObject } from '../scim/json.ts'
import { toMembers } from '../scim/member.ts'
import type { MembershipPatch } from '../scim/patch/members.ts'
import type { ChangeStamp, Member, StoredResource } from '../scim/resource.ts'
import { GROUP, type ResourceType } from '../scim/resource-type.ts'
import type { MembershipChange } from '../storage/port.ts'
import { change } from './change.ts'
import type { ScimRequest, ServiceContext } from './context.ts'
import { restamped } from './stamp.ts'

/** Splits the canonical attributes of a body: the members of a group are kept apart from the rest. */
export function separateMembers(
  resourceType: ResourceType,
  body: JsonObject,
): { attributes: JsonObject; members?: readonly Member[] } {
  if (resourceType.membershipAttribute !== 'members') return { attributes: body }
  const { members, ...attributes } = body
  if (members === undefined) return { attributes }
  return { attributes, members: toMembers(members, 'members') }
}

/**
 * Changes a resource and then its members. Of several writers with the same If-Match one wins (RFC 7644 §3.14), also
 * when they differ in members only: a conditional write under a new version comes before the change of the members.
 * @param memberships undefined when the request says nothing of members.
 * @throws ScimError as `change` does.
 */
export async function changeWithMembers(
  context: ServiceContext,
  resourceType: ResourceType,
  request: Pick<ScimRequest, 'id' | 'ifMatch'>,
  make: (before: StoredResource) => JsonObject,
  memberships: MembershipPatch | undefined,
): Promise<StoredResource> {
  if (memberships === undefined) return change(context, resourceType, request, make)
  const claims = async (): Promise<boolean> =>
    request.ifMatch !== undefined && wouldChange(context, request.id, memberships)
  const changed = await change(context, resourceType, request, make, claims)
  return restamped(context, resourceType, changed, (stamp) =>
    changeMembers(context, changed.id, memberships, stamp),
  )
}

/** Whether a patch of members has any effect on those who are there now. */
async function wouldChange(
  context: ServiceContext,
  groupId: string,
  patch: MembershipPatch,
): Promise<boolean> {
  const { add, remove } = await named(context, groupId, patch)
  if (patch.replaceAll) return add.length + remove.length > 0
  const isMember = (id: string): Promise<boolean> =>
    context.memberships.isMember(context.tenantId, groupId, id)
  for (const { value } of add) if (!(await isMember(value))) return true
  for (const id of remove) if (await isMember(id)) return true
  return false
}

/**
 * Applies the net effect of a PATCH to the members of a group. Adding and removing named members reads nothing;
 * replacing all of them reads the present ones and writes the difference only.
 */
export async function changeMembers(
  context: ServiceContext,
  groupId: string,
  patch: MembershipPatch,
  stamp: ChangeStamp,
): Promise<MembershipChange> {
  const effect = await named(context, groupId, patch)
  const { tenantId, memberships } = context
  const outcomes: MembershipChange[] = []
  if (effect.remove.length > 0) {
    outcomes.push(await memberships.removeMembers(tenantId, groupId, effect.remove, stamp))
  }
  if (effect.add.length > 0 && !outcomes.includes('noGroup')) {
    outcomes.push(await memberships.addMembers(tenantId, groupId, effect.add, stamp))
  }
  if (outcomes.length === 0) {
    const group = await context.store.get(tenantId, GROUP, groupId)
    return group === undefined ? 'noGroup' : 'unchanged'
  }
  if (outcomes.includes('noGroup')) return 'noGroup'
  return outcomes.includes('changed') ? 'changed' : 'unchanged'
}

/** Whom to add and whom to remove, by name. */
async function named(
  context: ServiceContext,
  groupId: string,
  patch: MembershipPatch,
): Promise<{ add: readonly Member[]; remove: readonly string[] }> {
  if (!patch.replaceAll && patch.removeMatching.length === 0) return patch
  const add = new Map(patch.add.map((member) => [member.value, member]))
  const remove = new Set(patch.remove)
  for await (const batch of context.memberships.members(context.tenantId, groupId)) {
    for (const member of batch) {
      if (patch.replaceAll && add.delete(member.value)) continue
      if (patch.replaceAll || isMatched(patch.removeMatching, member, add)) remove.add(member.value)
    }
  }
  return { add: [...add.values()], remove: [...remove] }
}

function isMatched(
  filters: readonly ResolvedFilter[],
  member: Member,
  add: ReadonlyMap<string, Member>,
): boolean {
  return !add.has(member.value) && filters.some((filter) => matchesValue(filter, { ...member }))
}
