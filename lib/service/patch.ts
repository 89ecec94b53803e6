import { applyPatchAtOnce } from '../scim/patch/apply.ts'
import type { MembershipPatch } from '../scim/patch/members.ts'
import { readPatch } from '../scim/patch/read.ts'
import type { ResolvedOperation } from '../scim/patch/resolved-operation.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { suppliedPaths } from '../scim/supplied.ts'
import { turnKey } from './change.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { notFound } from './get.ts'
import { changeMembers, changeWithMembers } from './members.ts'
import { projectionOf, urlParameters } from './parameters.ts'
import { present, readGroups, resourceResult } from './present.ts'
import { newStamp } from './stamp.ts'
import { alongside } from './turns.ts'

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
  const { operations, members: memberships, named } = readPatch(resourceType, request.body)
  if (resourceType.membershipAttribute === 'members' && !asksForBody(request)) {
    return patchQuietly(context, resourceType, request, operations, memberships)
  }
  const projection = projectionOf(resourceType, request)
  let supplied: ReadonlySet<string> = new Set()
  const [stored, groupsOf] = await Promise.all([
    changeWithMembers(
      context,
      resourceType,
      request,
      ({ attributes }) => {
        const after = applyPatchAtOnce(resourceType, attributes, operations)
        const changed = suppliedPaths(resourceType, attributes, after)
        supplied = new Set([...changed, ...named])
        return after
      },
      memberships,
    ),
    readGroups(context, resourceType, [request.id], projection),
  ])
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
  operations: readonly ResolvedOperation[],
  memberships: MembershipPatch | undefined,
): Promise<ScimResult> {
  const isConditional = request.ifMatch !== undefined || request.ifNoneMatch !== undefined
  const isPlain = operations.length === 0 && !isConditional
  if (!isPlain || memberships === undefined || memberships.replaceAll) {
    const stored = await changeWithMembers(
      context,
      resourceType,
      request,
      ({ attributes }) => applyPatchAtOnce(resourceType, attributes, operations),
      memberships,
    )
    return resourceResult(context, resourceType, 204, stored)
  }
  const stamp = newStamp(context)
  // A rename or a DELETE of the group in between would lose its race against each of many writers of members.
  const outcome = await alongside(turnKey(context, resourceType, request.id), async () =>
    changeMembers(context, request.id, memberships, stamp),
  )
  if (outcome === 'noGroup') throw notFound(resourceType)
  if (outcome === 'changed') {
    return resourceResult(context, resourceType, 204, { id: request.id, version: stamp.version })
  }
  // An unchanged group keeps its version, which has to be read for the ETag (RFC 7644 §3.14).
  const unchanged = await context.store.get(context.tenantId, resourceType, request.id)
  if (unchanged === undefined) throw notFound(resourceType)
  return resourceResult(context, resourceType, 204, unchanged)
}
