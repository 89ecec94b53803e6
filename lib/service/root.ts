import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { answerQuery } from './list.ts'
import { searchParameters, urlParameters } from './parameters.ts'

/** `GET /`: a query over all resource types (RFC 7644 §3.4.2.1). */
export async function listAll(context: ServiceContext, request: ScimRequest): Promise<ScimResult> {
  return answerQuery(context, context.resourceTypes, urlParameters(request))
}

/** `POST /.search`: the same by a SearchRequest (RFC 7644 §3.4.3). */
export async function searchAll(
  context: ServiceContext,
  request: ScimRequest,
): Promise<ScimResult> {
  return answerQuery(context, context.resourceTypes, searchParameters(request.body))
}
