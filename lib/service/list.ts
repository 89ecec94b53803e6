import { unknownSelections } from '../scim/project.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { cursorPage } from './cursor-page.ts'
import type { ScimRequest, ScimResult, ServiceContext } from './context.ts'
import { indexPage } from './index-page.ts'
import { urlParameters, type QueryParameters } from './parameters.ts'

/** Lists resources by the URL's parameters (RFC 7644 §3.4.2). */
export async function list(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  return answerQuery(context, [resourceType], urlParameters(request))
}

/**
 * Answers a query over some resource types: with `cursor` a page by cursor (RFC 9865), else one by index.
 * @throws ScimError `invalidFilter`, `invalidValue`, `invalidCursor`, `expiredCursor`, `invalidCount`, `tooMany`.
 */
export async function answerQuery(
  context: ServiceContext,
  resourceTypes: readonly ResourceType[],
  parameters: QueryParameters,
): Promise<ScimResult> {
  const [first] = resourceTypes
  if (first !== undefined) context.noteIgnored(first, unknownSelections(resourceTypes, parameters))
  const body =
    parameters.cursor === undefined
      ? await indexPage(context, resourceTypes, parameters)
      : await cursorPage(context, resourceTypes, { ...parameters, cursor: parameters.cursor })
  return { status: 200, body }
}
