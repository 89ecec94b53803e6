import type {
  ListQuery,
  MembershipLookup,
  PositionedPage,
  ResourcePage,
  ResourceStore,
} from '../port.ts'
import { pageByIndex, pageByPosition, requirePosition } from '../page.ts'
import { countedPage } from './counted-page.ts'
import { findResources } from './find.ts'
import { MAX_PAGE_SIZE, type ResourcePartition } from './partition.ts'
import { scanResources } from './scan.ts'

/** One page by index: of all resources by the counters, of those that match a filter by an index or a scan. */
export async function list(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  { filter, startIndex, count, onCandidates }: ListQuery,
): Promise<ResourcePage> {
  if (filter === undefined) return countedPage(partition, startIndex, count)
  const matching = findResources(partition, lookup, filter, { onCandidates })
  return pageByIndex(matching, { startIndex, count })
}

/** One page by position: reads no further than it must. */
export async function listFrom(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  query: Parameters<ResourceStore['listFrom']>[2],
): Promise<PositionedPage> {
  const { filter, after, count } = query
  requirePosition(after)
  const matching =
    filter === undefined
      ? scanResources(partition, { after, firstPageSize: pageSize(count) })
      : findResources(partition, lookup, filter, { after })
  return pageByPosition(matching, query)
}

/** One more than the page holds tells whether there is another. */
function pageSize(count: number): number {
  return Math.min(MAX_PAGE_SIZE, count + 1)
}
