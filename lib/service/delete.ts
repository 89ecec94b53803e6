import type { ResourceType } from '../scim/resource-type.ts'
import { retryLostRaces } from './change.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'

/**
 * Deletes a resource (RFC 7644 §3.6); a second call is 404.
 * @throws ScimError `notFound`, `preconditionFailed`.
 */
export async function remove(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  await retryLostRaces(context, resourceType, request, (before) =>
    context.store.delete(context.tenantId, resourceType, before),
  )
  return { status: 204 }
}
