import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import type { Paging } from '../scim/list.ts'
import type { StoredResource } from '../scim/resource.ts'
import { compareSortKeys, type Sort } from '../scim/sort.ts'
import type { SortedEntry } from '../storage/port.ts'
import type { ServiceContext } from './context.ts'
import type { Found } from './present-list.ts'
import type { TypeQuery } from './type-query.ts'

/** A page of a sorted list. */
export interface SortedPage {
  readonly totalResults: number
  readonly found: readonly Found[]
  /** How many places of the order each of `found` and what went before it take: who has gone meanwhile leaves a gap. */
  readonly places: readonly number[]
  /** The page ends early: what follows would make it too large. */
  readonly isCut: boolean
}

interface Entry extends Pick<SortedEntry, 'id' | 'key'> {
  readonly stored: StoredResource | undefined
  readonly query: TypeQuery
}

/**
 * A page of what is sorted, of one resource type or of several in one order (RFC 7644 §3.4.2.3). Keys and ids are held of
 * all that match, resources of the page only.
 * @throws ScimError `tooMany`.
 */
export async function sortedPage(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  { startIndex, count }: Paging,
  sort: Sort,
): Promise<SortedPage> {
  const end = startIndex - 1 + count
  if (queries.length > 1 && end > LIMITS.sortedResources) {
    throw new ScimError(
      'tooMany',
      `Sorted pages over all types end at ${LIMITS.sortedResources} resources.`,
    )
  }
  const lists = await Promise.all(
    queries.map(async (query): Promise<readonly Entry[]> => {
      const { resourceType, filter } = query
      const what = filter === undefined ? { sort } : { filter, sort }
      const entries = await context.store.sorted(context.scope, resourceType, what)
      return entries.map(({ id, key, stored }) => ({ id, key, stored, query }))
    }),
  )
  const compare = compareSortKeys(sort.descending)
  const entries =
    lists.length === 1 ? (lists[0] ?? []) : lists.flat().toSorted((a, b) => compare(a.key, b.key))
  const page = entries.slice(startIndex - 1, end)
  const read = await readPage(context, queries, page)
  const found: Found[] = []
  const places: number[] = []
  let isCut = false
  for (const [at, { query, id }] of page.entries()) {
    const stored = read(id)
    isCut = stored === 'later'
    if (isCut) break
    if (stored === undefined || stored === 'later') continue
    found.push({ query, stored })
    places.push(at + 1)
  }
  return { totalResults: entries.length, found, places, isCut }
}

/** Reads the resources of a page. What is found behind the last that was read is for a later page. */
async function readPage(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  page: readonly Entry[],
): Promise<(id: string) => StoredResource | 'later' | undefined> {
  const known = new Map(
    page.flatMap(({ id, stored }) => (stored === undefined ? [] : [[id, stored]])),
  )
  const later = new Set<string>()
  await Promise.all(
    queries.map(async (query) => {
      const ids = page
        .filter((entry) => entry.query === query && entry.stored === undefined)
        .map(({ id }) => id)
      if (ids.length === 0) return
      const resources = await context.store.getAll(context.scope, query.resourceType, ids)
      for (const stored of resources) known.set(stored.id, stored)
      const last = resources.at(-1)
      if (last !== undefined) for (const id of ids.slice(ids.indexOf(last.id) + 1)) later.add(id)
    }),
  )
  return (id) => known.get(id) ?? (later.has(id) ? 'later' : undefined)
}
