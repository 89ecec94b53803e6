import { applyPatch } from '../scim/patch/apply.ts'
import { separateMemberOperations, type MembershipPatch } from '../scim/patch/members.ts'
import { parsePatch, type PatchOperation } from '../scim/patch/parse.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { suppliedPaths } from '../scim/supplied.ts'
import { change, retryLostRaces } from './change.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { notFound } from './get.ts'
import { changeMembers } from './members.ts'
import { projectionOf, urlParameters } from './parameters.ts'
import { present, readGroups, resourceResult } from './present.ts'
import { newStamp, restamped } from './stamp.ts'

/**
 * Changes a resource (RFC 7644 §3.5.2): all operations in their order, or none. Users answer 200 with the resource, groups
 * 204, since a one-member change must not cost the whole group; 200 with `attributes` for both.
 * @throws ScimError `invalidSyntax`, `invalidValue`, `invalidPath`, `invalidFilter`, `noTarget`, `mutability`,
 *   `notFound`, `preconditionFailed`, `uniqueness`.
 */
export async function patch(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  const operations = parsePatch(request.body)
  const { memberships, others } = separateMemberOperations(resourceType, operations)
  if (resourceType.membershipAttribute === 'members' && !asksForBody(request)) {
    return patchQuietly(context, resourceType, request, others, memberships)
  }
  const projection = projectionOf(resourceType, request)
  let supplied: ReadonlySet<string> = new Set()
  const [changed, groupsOf] = await Promise.all([
    change(context, resourceType, request, ({ attributes }) => {
      const after = applyPatch(resourceType, attributes, others)
      supplied = suppliedPaths(resourceType, attributes, after)
      return after
    }),
    readGroups(context, resourceType, [request.id], projection),
  ])
  const stored =
    memberships === undefined
      ? changed
      : await restamped(context, resourceType, changed, (stamp) =>
          changeMembers(context, changed.id, memberships, stamp),
        )
  const showing = { projection, groupsOf, supplied }
  const answer = await present(context, resourceType, stored, showing)
  return resourceResult(context, resourceType, 200, stored, answer)
}

/** RFC 7644 §3.5.2: with `attributes` the answer must be 200 with the resource. */
function asksForBody(request: ScimRequest): boolean {
  return urlParameters(request).attributes !== undefined
}

/** A PATCH that is answered with 204. Member changes alone are one round trip: the group is not read. */
async function patchQuietly(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
  others: readonly PatchOperation[],
  memberships: MembershipPatch | undefined,
): Promise<ScimResult> {
  if (others.length > 0 || memberships === undefined) {
    const changed = await change(context, resourceType, request, ({ attributes }) =>
      applyPatch(resourceType, attributes, others),
    )
    if (memberships === undefined) return resourceResult(context, resourceType, 204, changed)
    const stored = await restamped(context, resourceType, changed, (stamp) =>
      changeMembers(context, changed.id, memberships, stamp),
    )
    return resourceResult(context, resourceType, 204, stored)
  }
  if (request.ifMatch !== undefined) {
    await claimVersion(context, resourceType, request)
  }
  const stamp = newStamp(context)
  const outcome = await changeMembers(context, request.id, memberships, stamp)
  if (outcome === 'noGroup') throw notFound(resourceType)
  // An unchanged group keeps its version, which was not read: the answer then goes without an ETag.
  if (outcome === 'unchanged') return { status: 204 }
  return resourceResult(context, resourceType, 204, { id: request.id, version: stamp.version })
}

/**
 * Makes sure that of several writers with the same If-Match one wins (RFC 7644 §3.14): a conditional write of the group
 * under a new version comes before the change of its members.
 */
async function claimVersion(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<StoredResource> {
  return retryLostRaces(context, resourceType, request, async (before) => {
    const after = { ...before, ...newStamp(context, before) }
    const written = await context.store.replace(context.tenantId, resourceType, before, after)
    return written ? after : undefined
  })
}
