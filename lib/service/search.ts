import type { ResourceType } from '../scim/resource-type.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { answerQuery } from './list.ts'
import { searchParameters } from './parameters.ts'

/** Lists resources by a SearchRequest (RFC 7644 §3.4.3): the URL's own parameters do not count. */
export async function search(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  return answerQuery(context, [resourceType], searchParameters(request.body))
}
