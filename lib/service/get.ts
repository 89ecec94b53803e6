import { ScimError } from '../scim/errors.ts'
import { ifNoneMatchHolds } from '../scim/etag.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { projectionOf } from './parameters.ts'
import { present, readGroups, resourceResult } from './present.ts'

/**
 * Reads one resource (RFC 7644 §3.4.1).
 * @throws ScimError `notFound`.
 */
export async function get(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  const projection = projectionOf(resourceType, request)
  const [stored, groupsOf] = await Promise.all([
    context.store.get(context.tenantId, resourceType, request.id),
    readGroups(context, resourceType, [request.id], projection),
  ])
  if (stored === undefined) throw notFound(resourceType)
  if (ifNoneMatchHolds(request.ifNoneMatch, stored.version)) {
    return resourceResult(context, resourceType, 304, stored)
  }
  const body = await present(context, resourceType, stored, { projection, groupsOf })
  return resourceResult(context, resourceType, 200, stored, body)
}

/** The answer for an id that no resource of the tenant has: the same whether another tenant has it. */
export function notFound(resourceType: ResourceType): ScimError {
  return new ScimError('notFound', `There is no ${resourceType.name} with this id.`)
}
