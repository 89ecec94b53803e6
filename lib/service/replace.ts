import { differenceOf } from '../scim/difference.ts'
import type { JsonObject } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { suppliedPaths } from '../scim/supplied.ts'
import { checkImmutable, checkResource } from '../scim/validate/final-state.ts'
import { ignoredInBody } from '../scim/validate/ignored-names.ts'
import { canonicalReplacement } from '../scim/validate/resource.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { changeWithMembers, separateMembers } from './members.ts'
import { projectionOf } from './parameters.ts'
import { appliedPreference } from './preference.ts'
import { present, readGroups, resourceResult } from './present.ts'

/**
 * Replaces a resource (RFC 7644 §3.5.1): what the body leaves out is cleared, members of a group included; readOnly
 * values are ignored, immutable ones kept. Only differences are written.
 * @throws ScimError `invalidSyntax`, `invalidValue`, `mutability`, `notFound`, `preconditionFailed`, `uniqueness`.
 */
export async function replace(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  const projection = projectionOf(context, resourceType, request)
  const body = canonicalReplacement(resourceType, request.body)
  context.noteIgnored(resourceType, ignoredInBody(resourceType, request.body))
  const { attributes, members = [] } = separateMembers(resourceType, body)
  context.noteNamed(resourceType, differenceOf(resourceType, {}, attributes).changed)
  if (members.length > 0) context.noteNamed(resourceType, ['members'])
  const memberships =
    resourceType.membershipAttribute === 'members'
      ? { replaceAll: true, add: members, remove: [], removeMatching: [] }
      : undefined
  const make = (before: StoredResource): JsonObject => {
    checkResource(resourceType, attributes, before.attributes)
    const after = keepDefaulted(resourceType, before, attributes)
    return checkImmutable(resourceType, before.attributes, after)
  }
  const preferenceApplied = appliedPreference(request)
  const isMinimal = preferenceApplied === 'minimal'
  const [stored, groupsOf] = await Promise.all([
    changeWithMembers(context, resourceType, request, 'put', make, memberships),
    isMinimal ? new Map() : readGroups(context, resourceType, [request.id], projection),
  ])
  if (isMinimal) {
    return { ...resourceResult(context, resourceType, 204, stored), preferenceApplied }
  }
  const supplied = suppliedPaths(resourceType, {}, stored.attributes)
  const answer = await present(context, resourceType, stored, { projection, groupsOf, supplied })
  return { ...resourceResult(context, resourceType, 200, stored, answer), preferenceApplied }
}

/** What has a default keeps its value when the body does not name it: a PUT without `active` never reactivates a user. */
function keepDefaulted(
  resourceType: ResourceType,
  before: StoredResource,
  attributes: JsonObject,
): JsonObject {
  const kept = Object.keys(resourceType.defaults).flatMap((name) => {
    const value = before.attributes[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(kept), ...attributes }
}
