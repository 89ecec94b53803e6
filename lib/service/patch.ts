import type { JsonObject } from '../scim/json.ts'
import { applyPatch } from '../scim/patch/apply.ts'
import { readPatch, type Patch } from '../scim/patch/read.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { suppliedPaths } from '../scim/supplied.ts'
import { turnKey } from './change.ts'
import type { PreferredReturn, ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { inTurns } from './in-turns.ts'
import { changeMembers, changeWithMembers } from './members.ts'
import { oneChange } from './next-change.ts'
import { projectionOf, urlParameters } from './parameters.ts'
import { appliedPreference } from './preference.ts'
import { present, readGroups, resourceResult } from './present.ts'
import { notFound } from './refusals.ts'

/**
 * Changes a resource (RFC 7644 §3.5.2): all operations in their order, or none. Users answer 200 with the resource, groups
 * 204, since a one-member change must not cost the whole group; 200 with `attributes` for both, and what `Prefer` says.
 * @throws ScimError `invalidSyntax`, `invalidValue`, `invalidPath`, `invalidFilter`, `noTarget`, `mutability`,
 *   `notFound`, `preconditionFailed`, `uniqueness`.
 */
export async function patch(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  const read = await inTurns(context, readPatch(resourceType, request.body))
  context.noteIgnored(resourceType, read.ignored)
  context.noteNamed(resourceType, read.named)
  if (read.members !== undefined) context.noteNamed(resourceType, ['members'])
  const preferenceApplied = appliedPreference(request)
  if (!isAnswered(resourceType, request, preferenceApplied)) {
    const result = await patchWithoutBody(context, resourceType, request, read)
    return { ...result, preferenceApplied }
  }
  const projection = projectionOf(context, resourceType, request)
  let supplied: ReadonlySet<string> = new Set()
  const make = async ({ attributes }: StoredResource): Promise<JsonObject> => {
    const after = await applied(context, resourceType, attributes, read)
    supplied = new Set([...suppliedPaths(resourceType, attributes, after), ...read.named])
    return after
  }
  const [stored, groupsOf] = await Promise.all([
    changeWithMembers(context, resourceType, request, 'patch', make, read.members),
    readGroups(context, resourceType, [request.id], projection),
  ])
  const answer = await present(context, resourceType, stored, { projection, groupsOf, supplied })
  return { ...resourceResult(context, resourceType, 200, stored, answer), preferenceApplied }
}

/** Whether the answer has the resource. RFC 7644 §3.5.2: with `attributes` it must. */
function isAnswered(
  resourceType: ResourceType,
  request: ScimRequest,
  preference: PreferredReturn | undefined,
): boolean {
  if (preference !== undefined) return preference === 'representation'
  if (resourceType.membershipAttribute !== 'members') return true
  return urlParameters(request).attributes !== undefined
}

/** The attributes after the operations, which others need not wait for. */
async function applied(
  context: ServiceContext,
  resourceType: ResourceType,
  attributes: JsonObject,
  { operations }: Patch,
): Promise<JsonObject> {
  return inTurns(context, applyPatch(resourceType, attributes, operations))
}

/** A PATCH that is answered with 204. Member changes alone are one round trip: the group is not read. */
async function patchWithoutBody(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
  read: Patch,
): Promise<ScimResult> {
  const { members, operations } = read
  const isConditional = request.ifMatch !== undefined || request.ifNoneMatch !== undefined
  const isPlain = operations.length === 0 && !isConditional
  if (!isPlain || members === undefined || members.replaceAll) {
    const make = async ({ attributes }: StoredResource): Promise<JsonObject> =>
      applied(context, resourceType, attributes, read)
    const stored = await changeWithMembers(context, resourceType, request, 'patch', make, members)
    return resourceResult(context, resourceType, 204, stored)
  }
  const change = oneChange(context, resourceType, 'members')({ id: request.id })
  // A rename or a DELETE of the group in between would lose its race against each of many writers of members.
  const key = turnKey(context, resourceType, request.id)
  const outcome = await context.turns.alongside(key, async () =>
    changeMembers(context, request.id, members, change),
  )
  if (outcome === 'noGroup') throw notFound(resourceType)
  if (outcome === 'changed') {
    const { version } = change.stamp
    return resourceResult(context, resourceType, 204, { id: request.id, version })
  }
  // An unchanged group keeps its version, which has to be read for the ETag (RFC 7644 §3.14).
  const unchanged = await context.store.get(context.scope, resourceType, request.id)
  if (unchanged === undefined) throw notFound(resourceType)
  return resourceResult(context, resourceType, 204, unchanged)
}
