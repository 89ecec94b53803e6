import { ScimError } from '../scim/errors.ts'
import { parsePaging } from '../scim/list.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import { MESSAGE } from '../scim/urn.ts'
import type { PositionedPage } from '../storage/port.ts'
import type { Answer, ServiceContext } from './context.ts'
import { readCursor, writeCursor, type CursorContent } from './cursor.ts'
import { sortedPage, type Part } from './index-page.ts'
import type { QueryParameters } from './parameters.ts'
import { concatenated, presentPage, typeQueries, type TypeQuery } from './type-query.ts'

/** What a page by cursor is made of. */
interface Page {
  readonly parts: readonly Part[]
  /** Where the next page starts; absent when there is none. */
  readonly next?: string
  readonly totalResults?: number
}

/**
 * A page by cursor (RFC 9865). Pages of several types follow each other and do not mix types; sorted pages are found by
 * their place in the order, all others by the store's position: one read for a page without a filter.
 * @throws ScimError `invalidValue` with startIndex, `invalidCursor`, `expiredCursor`, `invalidCount`.
 */
export async function cursorPage(
  context: ServiceContext,
  resourceTypes: readonly ResourceType[],
  parameters: QueryParameters & { readonly cursor: string },
): Promise<Answer> {
  if (parameters.startIndex !== undefined) {
    throw new ScimError('invalidValue', 'cursor and startIndex exclude each other.')
  }
  const queries = typeQueries(resourceTypes, parameters)
  const bound = boundText(resourceTypes, parameters)
  const content = contentOf(context, parameters, bound)
  const { after, before, count } = content
  const [page, total] = await Promise.all([
    readPage(context, queries, after, count),
    after === undefined ? countAll(context, queries, count) : undefined,
  ])
  const totalResults =
    content.totalResults ?? total ?? (after === undefined ? page.totalResults : undefined)
  const cursorTo = (place: Pick<CursorContent, 'after' | 'before'>): string =>
    writeCursor(context, bound, { ...place, count, totalResults })
  const lists = await Promise.all(
    page.parts.map(({ query, resources }) => presentPage(context, query, resources)),
  )
  return {
    schemas: [MESSAGE.listResponse],
    ...(totalResults === undefined ? {} : { totalResults }),
    itemsPerPage: page.parts.reduce((sum, { resources }) => sum + resources.length, 0),
    ...(before === undefined ? {} : { previousCursor: cursorTo({ after: before || undefined }) }),
    ...(page.next === undefined
      ? {}
      : { nextCursor: cursorTo({ after: page.next, before: after ?? '' }) }),
    Resources: concatenated(lists),
  }
}

/** All that must stay the same from page to page (RFC 9865 §2), as one text. */
function boundText(resourceTypes: readonly ResourceType[], parameters: QueryParameters): string {
  const { filter, sortBy, sortOrder, attributes, excludedAttributes } = parameters
  const names = resourceTypes.map(({ name }) => name)
  return JSON.stringify([names, filter, sortBy, sortOrder, attributes, excludedAttributes])
}

/** An empty cursor asks for the first page (RFC 9865 §2). */
function contentOf(
  context: ServiceContext,
  parameters: QueryParameters & { readonly cursor: string },
  bound: string,
): CursorContent {
  const { count } = parsePaging({ count: parameters.count })
  if (parameters.cursor === '') return { count }
  const asked = parameters.count === undefined || parameters.count === '' ? undefined : count
  return readCursor(context, bound, parameters.cursor, asked)
}

/**
 * How many there are: when the store knows it without looking for matches, or when nothing else is asked for (RFC 9865 §2:
 * with a count of 0 only totalResults is answered).
 */
async function countAll(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  count: number,
): Promise<number | undefined> {
  if (count > 0 && queries.some(({ filter }) => filter !== undefined)) return undefined
  const pages = await Promise.all(
    queries.map(({ resourceType, filter }) =>
      context.store.list(context.tenantId, resourceType, {
        startIndex: 1,
        count: 0,
        ...(filter === undefined ? {} : { filter }),
      }),
    ),
  )
  return pages.reduce((sum, { totalResults }) => sum + totalResults, 0)
}

async function readPage(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  after: string | undefined,
  count: number,
): Promise<Page> {
  if (count === 0) return { parts: [] }
  const sort = queries[0]?.sort
  if (sort === undefined) return readByPosition(context, queries, after, count)
  const startIndex = after === undefined ? 1 : Number(after)
  const { totalResults, parts } = await sortedPage(context, queries, { startIndex, count }, sort)
  const next = startIndex + count
  return { totalResults, parts, ...(next > totalResults ? {} : { next: String(next) }) }
}

/** A position is the number of the type and, behind a colon, the store's own position within it. */
async function readByPosition(
  context: ServiceContext,
  queries: readonly TypeQuery[],
  after: string | undefined,
  count: number,
): Promise<Page> {
  const [, number = '0', position = ''] = /^(\d+):(.*)$/s.exec(after ?? '') ?? []
  const first = Number(number)
  for (const [at, query] of queries.entries()) {
    if (at < first) continue
    const page = await readType(context, query, at === first ? position : '', count)
    if (page.resources.length === 0 && page.next === undefined) continue
    const next = nextPosition(page.next, at, queries.length)
    return {
      parts: [{ query, resources: page.resources }],
      ...(next === undefined ? {} : { next }),
      ...totalOf(page, queries),
    }
  }
  return { parts: [], totalResults: 0 }
}

function readType(
  context: ServiceContext,
  { resourceType, filter }: TypeQuery,
  after: string,
  count: number,
): Promise<PositionedPage> {
  return context.store.listFrom(context.tenantId, resourceType, {
    count,
    ...(filter === undefined ? {} : { filter }),
    ...(after === '' ? {} : { after }),
  })
}

/** What the store knows of one type is no total over several. */
function totalOf(
  { totalResults }: PositionedPage,
  queries: readonly TypeQuery[],
): { totalResults?: number } {
  return totalResults === undefined || queries.length > 1 ? {} : { totalResults }
}

function nextPosition(next: string | undefined, at: number, types: number): string | undefined {
  if (next !== undefined) return `${at}:${next}`
  return at + 1 < types ? `${at + 1}:` : undefined
}
