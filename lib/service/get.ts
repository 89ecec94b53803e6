import { ifMatchHolds, ifNoneMatchHolds } from '../scim/etag.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { projectionOf } from './parameters.ts'
import { present, readGroups, resourceResult } from './present.ts'
import { notFound, versionMismatch } from './refusals.ts'

/**
 * Reads one resource (RFC 7644 §3.4.1).
 * @throws ScimError `notFound`, `preconditionFailed`.
 */
export async function get(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  const projection = projectionOf(context, resourceType, request)
  const [stored, groupsOf] = await Promise.all([
    context.store.get(context.scope, resourceType, request.id),
    readGroups(context, resourceType, [request.id], projection),
  ])
  if (stored === undefined) throw notFound(resourceType, request.id)
  // RFC 9110 §13.2.2: If-Match comes first, also on reads.
  if (!ifMatchHolds(request.ifMatch, stored.version)) throw versionMismatch()
  if (ifNoneMatchHolds(request.ifNoneMatch, stored.version)) {
    return resourceResult(context, resourceType, 304, stored)
  }
  const body = await present(context, resourceType, stored, { projection, groupsOf })
  return resourceResult(context, resourceType, 200, stored, body)
}
