import { ScimError } from '../scim/errors.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { retryLostRaces } from './change.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { isKept } from './kept.ts'
import { oneChange } from './next-change.ts'

/**
 * Deletes a resource (RFC 7644 §3.6), or keeps it out of sight as the tenant has chosen; a second call is 404. A client repeats a DELETE that failed: if the resource had
 * gone by then, what was left of it goes now.
 * @throws ScimError `notFound`, `preconditionFailed`.
 */
export async function remove(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  const { scope, store, policies } = context
  const mayReturn = isKept(policies, resourceType)
  const next = oneChange(context, resourceType, 'delete')
  try {
    await retryLostRaces(context, resourceType, request, (before) =>
      mayReturn && !isUndone(context, before)
        ? store.hide(scope, resourceType, before, next(before))
        : store.delete(scope, resourceType, before, next(before)),
    )
  } catch (error) {
    if (error instanceof ScimError && error.kind === 'notFound') {
      await store.finishDelete(scope, resourceType, request.id)
    }
    throw error
  }
  return { status: 204, id: request.id }
}

/** Whether this takes a creation back, and nobody has changed anything since: then there was never such an account. */
function isUndone({ cause }: ServiceContext, { created, lastModified }: StoredResource): boolean {
  return cause !== undefined && created === lastModified
}
