import { LIMITS } from '../scim/limits.ts'
import { ScimError } from '../scim/errors.ts'
import type { JsonObject } from '../scim/json.ts'
import { toRepresentation } from '../scim/representation.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { compareBy } from '../scim/sort.ts'
import { isPosition, positionOf } from './keys.ts'
import type { ListQuery, PositionedPage, ResourcePage } from './port.ts'

/** Resources that can be sorted in one request: they are held in memory. */
export const MAX_SORTED: number = LIMITS.sortedResources

/** Matching resources in the order of their ids, in batches of any size. */
export type Matches = AsyncIterable<readonly StoredResource[]>

/**
 * The page by index of all that match; only the page is held in memory, or with `sort` all that match.
 * @throws ScimError `tooMany` when more than MAX_SORTED would have to be sorted.
 */
export async function pageByIndex(
  resourceType: ResourceType,
  matching: Matches,
  { startIndex, count, sort }: ListQuery,
): Promise<ResourcePage> {
  if (sort !== undefined) {
    const sorted = sortResources(resourceType, await collectSortable(matching), sort)
    const resources = sorted.slice(startIndex - 1, startIndex - 1 + count)
    return { totalResults: sorted.length, resources }
  }
  const resources: StoredResource[] = []
  let totalResults = 0
  for await (const batch of matching) {
    const first = Math.max(0, startIndex - 1 - totalResults)
    resources.push(...batch.slice(first, first + count - resources.length))
    totalResults += batch.length
  }
  return { totalResults, resources }
}

async function collectSortable(matching: Matches): Promise<StoredResource[]> {
  const resources: StoredResource[] = []
  for await (const batch of matching) {
    if (resources.length + batch.length > MAX_SORTED) {
      throw new ScimError(
        'tooMany',
        `More than ${MAX_SORTED} resources match; narrow the filter, or leave sortBy out.`,
      )
    }
    resources.push(...batch)
  }
  return resources
}

function sortResources(
  resourceType: ResourceType,
  resources: readonly StoredResource[],
  sort: NonNullable<ListQuery['sort']>,
): readonly StoredResource[] {
  const order = compareBy(sort.by, sort.descending)
  return resources
    .map((stored): [StoredResource, JsonObject] => [stored, toRepresentation(resourceType, stored)])
    .toSorted(([, a], [, b]) => order(a, b))
    .map(([stored]) => stored)
}

/**
 * The page of what matches behind a position; reads no further than it must.
 * @param matching what matches behind `after`.
 */
export async function pageByPosition(
  matching: Matches,
  { after = '', count }: { readonly after?: string; readonly count: number },
): Promise<PositionedPage> {
  const found: StoredResource[] = []
  for await (const batch of matching) {
    found.push(...batch.slice(0, count + 1 - found.length))
    if (found.length > count) break
  }
  const resources = found.slice(0, count)
  if (found.length > count) {
    const last = resources.at(-1)
    return { resources, next: last === undefined ? after : positionOf(last.id) }
  }
  return after === '' ? { resources, totalResults: resources.length } : { resources }
}

/** @throws ScimError `invalidCursor` for a text that no store has given as `next`. */
export function requirePosition(after: string | undefined): void {
  if (after === undefined || isPosition(after)) return
  throw new ScimError('invalidCursor', 'The cursor is none that this endpoint has issued.')
}

/** Resources with an id each, in the order of ids that all stores keep. */
export function inOrderOfIds(resources: Iterable<StoredResource>): readonly StoredResource[] {
  return Array.from(resources, (stored): [string, StoredResource] => [
    positionOf(stored.id),
    stored,
  ])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, stored]) => stored)
}
