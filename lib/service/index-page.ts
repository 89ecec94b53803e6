import { listResponse, parsePaging, type Paging } from '../scim/list.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { ResourcePage } from '../storage/port.ts'
import type { Answer } from './answer.ts'
import type { ServiceContext } from './context.ts'
import type { QueryParameters } from './parameters.ts'
import { showsGroups, type GroupsOf } from './present.ts'
import { presentList, type Found } from './present-list.ts'
import { sortedPage } from './sorted-page.ts'
import { typeQueries, type TypeQuery } from './type-query.ts'

/**
 * A page by index (RFC 7644 §3.4.2.4). Over several types, one type's resources come behind the other's, or merged when
 * they are sorted. Where an answer would be too large, fewer resources are in it; `itemsPerPage` says how many.
 */
export async function indexPage(
  context: ServiceContext,
  resourceTypes: readonly ResourceType[],
  parameters: QueryParameters,
): Promise<Answer> {
  const paging = parsePaging(parameters)
  const queries = typeQueries(resourceTypes, parameters)
  const sort = queries[0]?.sort
  const { totalResults, found, groupsOf } =
    sort === undefined
      ? await inSequence(context, queries, paging)
      : { ...(await sortedPage(context, queries, paging, sort)), groupsOf: undefined }
  const { Resources, shown } = await presentList(context, found, groupsOf)
  return listResponse(
    { totalResults, startIndex: paging.startIndex, itemsPerPage: shown },
    Resources,
  )
}

interface Sequence {
  readonly totalResults: number
  readonly found: readonly Found[]
  /** The groups they are in, when they were read already. */
  readonly groupsOf: GroupsOf | undefined
}

/** Pages of several types behind each other; one that is cut short is the last. */
async function inSequence(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  { startIndex, count }: Paging,
): Promise<Sequence> {
  const found: Found[] = []
  let groupsOf: GroupsOf | undefined
  let totalResults = 0
  let room = count
  for (const query of queries) {
    const first = Math.max(1, startIndex - totalResults)
    const page = await readType(context, query, first, room)
    const { resources } = page
    found.push(...resources.map((stored) => ({ query, stored })))
    groupsOf = page.groupsOf ?? groupsOf
    totalResults += page.totalResults
    const wanted = Math.min(room, Math.max(0, page.totalResults - first + 1))
    room = resources.length < wanted ? 0 : room - resources.length
  }
  return { totalResults, found, groupsOf: queries.length === 1 ? groupsOf : undefined }
}

/** One type's page. A lookup by an index knows the ids before the resources: their groups are read beside them. */
async function readType(
  context: ServiceContext,
  { resourceType, filter, projection }: TypeQuery,
  startIndex: number,
  count: number,
): Promise<ResourcePage & { readonly groupsOf?: GroupsOf | undefined }> {
  let reading: Promise<GroupsOf> | undefined
  const onCandidates = (ids: readonly string[]): void => {
    if (!showsGroups(resourceType, projection)) return
    reading = context.memberships.groupsOf(context.scope, ids)
    // Awaited when the resources are there.
    reading.catch(() => undefined)
  }
  const page = await context.store.list(context.scope, resourceType, {
    startIndex,
    count,
    onCandidates,
    ...(filter === undefined ? {} : { filter }),
  })
  return { ...page, groupsOf: await reading }
}
