import type { JsonObject } from '../scim/json.ts'
import type { Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { suppliedPaths } from '../scim/supplied.ts'
import { canonicalResource } from '../scim/validate/resource.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { separateMembers } from './members.ts'
import { projectionOf } from './parameters.ts'
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
  const projection = projectionOf(resourceType, request)
  const body = canonicalResource(resourceType, request.body)
  const { attributes, members = [] } = separateMembers(resourceType, body)
  const created = context.now().toISOString()
  const stored: StoredResource = {
    id: context.newId(resourceType),
    version: context.newVersion(),
    created,
    lastModified: created,
    attributes: withDefaults(resourceType, attributes),
  }
  await context.store.create(context.tenantId, resourceType, stored)
  await addFirstMembers(context, resourceType, stored, members)
  const supplied = suppliedPaths(resourceType, {}, stored.attributes)
  // In the order in which a GET shows them.
  const shown = members.toSorted((one, other) => (one.value < other.value ? -1 : 1))
  const showing = { projection, groupsOf: new Map(), supplied, members: shown }
  const answer = await present(context, resourceType, stored, showing)
  return resourceResult(context, resourceType, 201, stored, answer)
}

/** Adds the members that a group was created with; when that fails the group goes again, so that the POST can be repeated. */
async function addFirstMembers(
  context: ServiceContext,
  resourceType: ResourceType,
  { id, version, lastModified }: StoredResource,
  members: readonly Member[],
): Promise<void> {
  if (members.length === 0) return
  const { tenantId, store, memberships } = context
  const change = { add: members, remove: [] }
  try {
    await memberships.changeMembers(tenantId, id, change, { version, lastModified })
  } catch (error) {
    const created = await store.get(tenantId, resourceType, id)
    if (created !== undefined) await store.delete(tenantId, resourceType, created)
    throw error
  }
}

/** RFC 7644 §3.3: an omitted attribute may be given a default. */
function withDefaults(resourceType: ResourceType, attributes: JsonObject): JsonObject {
  return { ...resourceType.defaults, ...attributes }
}
