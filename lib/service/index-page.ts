import { LIMITS } from '../scim/limits.ts'
import { ScimError } from '../scim/errors.ts'
import { listResponse, parsePaging, type Paging } from '../scim/list.ts'
import { toRepresentation } from '../scim/representation.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { compareBy, type Sort } from '../scim/sort.ts'
import type { ResourcePage } from '../storage/port.ts'
import type { Answer, ServiceContext } from './context.ts'
import type { QueryParameters } from './parameters.ts'
import { showsGroups, type GroupsOf } from './present.ts'
import { concatenated, presentPage, typeQueries, type TypeQuery } from './type-query.ts'

/** Of several types, no more than this are sorted together. */
const MAX_MERGED: number = LIMITS.sortedResources

/** What one resource type contributes to a page. */
export interface Part {
  readonly query: TypeQuery
  readonly resources: readonly StoredResource[]
  /** The groups they are in, when the store has read them already. */
  readonly groupsOf?: GroupsOf
}

/**
 * A page by index (RFC 7644 §3.4.2.4). Over several types, one type's resources come behind the other's, or merged when
 * they are sorted.
 */
export async function indexPage(
  context: ServiceContext,
  resourceTypes: readonly ResourceType[],
  parameters: QueryParameters,
): Promise<Answer> {
  const paging = parsePaging(parameters)
  const queries = typeQueries(resourceTypes, parameters)
  const sort = queries[0]?.sort
  const { totalResults, parts } =
    sort === undefined
      ? await inSequence(context, queries, paging)
      : await sortedPage(context, queries, paging, sort)
  const lists = await Promise.all(
    parts.map(({ query, resources, groupsOf }) => presentPage(context, query, resources, groupsOf)),
  )
  const found = parts.flatMap(({ resources }) => resources)
  return {
    ...listResponse(totalResults, paging.startIndex, found),
    Resources: concatenated(lists),
  }
}

async function inSequence(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  { startIndex, count }: Paging,
): Promise<{ totalResults: number; parts: readonly Part[] }> {
  const parts: Part[] = []
  let totalResults = 0
  let room = count
  for (const query of queries) {
    const page = await read(context, query, Math.max(1, startIndex - totalResults), room)
    const { resources, groupsOf } = page
    parts.push({ query, resources, ...(groupsOf === undefined ? {} : { groupsOf }) })
    totalResults += page.totalResults
    room -= resources.length
  }
  return { totalResults, parts }
}

function read(
  context: ServiceContext,
  { resourceType, filter, sort, projection }: TypeQuery,
  startIndex: number,
  count: number,
): Promise<ResourcePage> {
  return context.store.list(context.tenantId, resourceType, {
    startIndex,
    count,
    withGroups: showsGroups(resourceType, projection),
    ...(filter === undefined ? {} : { filter }),
    ...(sort === undefined ? {} : { sort }),
  })
}

/**
 * A page of what is sorted. Of several types, every type's first resources up to the end of the page are read and brought
 * into one order: one part per resource.
 * @throws ScimError `tooMany`.
 */
export async function sortedPage(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  { startIndex, count }: Paging,
  sort: Sort,
): Promise<{ totalResults: number; parts: readonly Part[] }> {
  if (queries.length === 1) return inSequence(context, queries, { startIndex, count })
  const end = startIndex - 1 + count
  if (end > MAX_MERGED) {
    throw new ScimError('tooMany', `Sorted pages over all types end at ${MAX_MERGED} resources.`)
  }
  const pages = await Promise.all(queries.map((query) => read(context, query, 1, end)))
  const order = compareBy(sort.by, sort.descending)
  const parts = queries
    .flatMap((query, at) =>
      (pages[at]?.resources ?? []).map((stored) => ({
        query,
        resources: [stored],
        shown: toRepresentation(query.resourceType, stored),
      })),
    )
    .toSorted((a, b) => order(a.shown, b.shown))
    .slice(startIndex - 1, end)
  return { totalResults: pages.reduce((sum, page) => sum + page.totalResults, 0), parts }
}
