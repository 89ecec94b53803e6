import { differenceOf } from '../scim/difference.ts'
import { requireDomains } from '../scim/email-domain.ts'
import type { JsonObject } from '../scim/json.ts'
import type { Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { suppliedPaths } from '../scim/supplied.ts'
import { ignoredInBody } from '../scim/validate/ignored-names.ts'
import { canonicalResource } from '../scim/validate/resource.ts'
import type { Change } from '../storage/port.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { isKept } from './kept.ts'
import { separateMembers } from './members.ts'
import { membersChangeOf, oneChange } from './next-change.ts'
import { projectionOf } from './parameters.ts'
import { appliedPreference } from './preference.ts'
import { present, resourceResult } from './present.ts'

/**
 * Creates a resource (RFC 7644 §3.3). The id is ours; a client's own is ignored (RFC 7643 §3.1).
 * @throws ScimError `invalidSyntax`, `invalidValue`, `uniqueness`.
 */
export async function create(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  const projection = projectionOf(context, resourceType, request)
  const body = canonicalResource(resourceType, request.body)
  context.noteIgnored(resourceType, ignoredInBody(resourceType, request.body))
  const { attributes, members = [] } = separateMembers(resourceType, body)
  const resource = {
    id: context.newId(resourceType),
    attributes: withDefaults(resourceType, attributes),
  }
  requireDomains(context.policies.allowedEmailDomains, {}, resource.attributes)
  const change = oneChange(context, resourceType, 'create')(resource)
  const { changed } = differenceOf(resourceType, {}, resource.attributes)
  context.noteNamed(
    resourceType,
    changed.filter((path) => !isDefault(resourceType, attributes, path)),
  )
  if (members.length > 0) context.noteNamed(resourceType, ['members'])
  const added: StoredResource = {
    ...resource,
    created: change.stamp.lastModified,
    ...change.stamp,
  }
  const noted = { ...change, note: { ...change.note, changed } }
  const stored = await arrive(context, resourceType, added, noted)
  await addFirstMembers(context, resourceType, stored.id, members, withSubject(change, stored.id))
  const preferenceApplied = appliedPreference(request)
  if (preferenceApplied === 'minimal') {
    return { ...resourceResult(context, resourceType, 201, stored), preferenceApplied }
  }
  const supplied = suppliedPaths(resourceType, {}, stored.attributes)
  // In the order in which a GET shows them.
  const shown = members.toSorted((one, other) => (one.value < other.value ? -1 : 1))
  const how = { projection, groupsOf: new Map(), supplied, members: shown }
  const answer = await present(context, resourceType, stored, how)
  return { ...resourceResult(context, resourceType, 201, stored, answer), preferenceApplied }
}

/** Where accounts are kept that were deleted, one of them may return by it; a group may adopt a team made by hand. */
async function arrive(
  { policies, scope, store }: ServiceContext,
  resourceType: ResourceType,
  added: StoredResource,
  change: Change,
): Promise<StoredResource> {
  if (isKept(policies, resourceType)) {
    return store.createOrRestore(scope, resourceType, added, change)
  }
  const id = await store.create(scope, resourceType, added, change)
  return { ...added, id }
}

function withSubject(change: Change, subject: string): Change {
  return { ...change, note: { ...change.note, subject } }
}

/** Adds the members that a group was created with; when that fails the group goes again, so that the POST can be repeated. */
async function addFirstMembers(
  context: ServiceContext,
  resourceType: ResourceType,
  id: string,
  members: readonly Member[],
  created: Change,
): Promise<void> {
  if (members.length === 0) return
  const { scope, store, memberships } = context
  const change = membersChangeOf(created, created.stamp, true)
  try {
    await memberships.changeMembers(scope, id, { add: members, remove: [] }, change)
  } catch (error) {
    // The request's own time may be over.
    const undoing = { ...scope, deadline: context.newDeadline() }
    const stored = await store.get(undoing, resourceType, id)
    if (stored !== undefined) {
      const undo = oneChange({ ...context, cause: id }, resourceType, 'delete')(stored)
      await store.delete(undoing, resourceType, stored, undo)
    }
    throw error
  }
}

/** Whether an attribute has its value from us. */
function isDefault({ defaults }: ResourceType, attributes: JsonObject, name: string): boolean {
  return Object.hasOwn(defaults, name) && attributes[name] === undefined
}

/** RFC 7644 §3.3: an omitted attribute may be given a default. */
function withDefaults(resourceType: ResourceType, attributes: JsonObject): JsonObject {
  return { ...resourceType.defaults, ...attributes }
}
