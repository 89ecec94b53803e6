import { parseFilter } from '../scim/filter/parse.ts'
import { resolveFilter } from '../scim/filter/resolve.ts'
import type { ResolvedFilter } from '../scim/filter/filter.ts'
import { listResponse, parsePaging } from '../scim/list.ts'
import { parseProjection, wants, type Projection } from '../scim/project.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { parseSort } from '../scim/sort.ts'
import {
  Streamed,
  type Answer,
  type ScimRequest,
  type ScimResult,
  type ServiceContext,
} from './context.ts'
import { searchParameters, urlParameters, type QueryParameters } from './parameters.ts'
import { presentAll, readGroups } from './present.ts'

/** Groups whose members are read at the same time. */
const GROUPS_AT_ONCE = 16

/** Lists resources by the URL's parameters (RFC 7644 §3.4.2). */
export async function list(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  return answerQuery(context, resourceType, urlParameters(request))
}

/** Lists resources by a SearchRequest (RFC 7644 §3.4.3): the URL's own parameters do not count. */
export async function search(
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
): Promise<ScimResult> {
  return answerQuery(context, resourceType, searchParameters(request.body))
}

async function answerQuery(
  context: ServiceContext,
  resourceType: ResourceType,
  parameters: QueryParameters,
): Promise<ScimResult> {
  const projection = parseProjection(resourceType, parameters)
  const paging = parsePaging(parameters)
  const filter = filterOf(resourceType, parameters)
  const sort = parseSort(resourceType, parameters)
  const page = await context.store.list(context.tenantId, resourceType, {
    ...paging,
    ...(filter === undefined ? {} : { filter }),
    ...(sort === undefined ? {} : { sort }),
  })
  const Resources = await presentPage(context, resourceType, page.resources, projection)
  const envelope = listResponse(page.totalResults, paging.startIndex, page.resources)
  return { status: 200, body: { ...envelope, Resources } }
}

function filterOf(
  resourceType: ResourceType,
  parameters: QueryParameters,
): ResolvedFilter | undefined {
  if (parameters.filter === undefined) return undefined
  return resolveFilter(resourceType, parseFilter(parameters.filter))
}

async function presentPage(
  context: ServiceContext,
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  projection: Projection,
): Promise<Answer> {
  if (resourceType.membershipAttribute === 'members' && wants(projection, 'members')) {
    return new Streamed(inBatches(context, resourceType, resources, projection))
  }
  const ids = resources.map(({ id }) => id)
  const groups = await readGroups(context, resourceType, ids, projection)
  return presentAll(context, resourceType, resources, projection, groups)
}

async function* inBatches(
  context: ServiceContext,
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  projection: Projection,
): AsyncGenerator<readonly Answer[]> {
  for (let at = 0; at < resources.length; at += GROUPS_AT_ONCE) {
    const batch = resources.slice(at, at + GROUPS_AT_ONCE)
    yield await presentAll(context, resourceType, batch, projection, new Map())
  }
}
