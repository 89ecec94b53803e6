import { ScimError } from '../scim/errors.ts'
import { listResponse, parsePaging } from '../scim/list.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { PositionedPage } from '../storage/port.ts'
import type { Answer } from './answer.ts'
import type { ServiceContext } from './context.ts'
import { readCursor, writeCursor, type CursorContent } from './cursor.ts'
import type { QueryParameters } from './parameters.ts'
import { presentList, type Found } from './present-list.ts'
import { sortedPage } from './sorted-page.ts'
import { typeQueries, type TypeQuery } from './type-query.ts'

/** What a page by cursor is made of. */
interface Page {
  readonly found: readonly Found[]
  /** Where the next page starts when the first so many of `found` are shown; undefined when there is none. */
  readonly nextBehind: (shown: number) => string | undefined
  readonly totalResults: number | undefined
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
  const { Resources, shown } = await presentList(context, page.found)
  const next = page.nextBehind(shown)
  const counts = {
    totalResults,
    itemsPerPage: shown,
    previousCursor: before === undefined ? undefined : cursorTo({ after: before || undefined }),
    nextCursor: next === undefined ? undefined : cursorTo({ after: next, before: after ?? '' }),
  }
  return listResponse(counts, Resources)
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
      context.store.list(context.scope, resourceType, {
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
  if (count === 0) return { found: [], nextBehind: () => undefined, totalResults: undefined }
  if (queries[0]?.sort === undefined) return readByPosition(context, queries, after, count)
  const startIndex = after === undefined ? 1 : Number(after)
  const paging = { startIndex, count }
  const page = await sortedPage(context, queries, paging, queries[0].sort)
  const { totalResults, found, places } = page
  return {
    found,
    totalResults,
    nextBehind(shown) {
      const isCut = shown < found.length || page.isCut
      const next = startIndex + (isCut ? (places[shown - 1] ?? count) : count)
      return next > totalResults ? undefined : String(next)
    },
  }
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
    const { resources } = page
    if (resources.length === 0 && page.next === undefined) continue
    return {
      found: resources.map((stored) => ({ query, stored })),
      // What the store knows of one type is no total over several.
      totalResults: queries.length > 1 ? undefined : page.totalResults,
      nextBehind(shown) {
        const last = shown < resources.length ? resources[shown - 1] : undefined
        const next = last === undefined ? page.next : context.store.positionBehind(last.id)
        return nextPosition(next, at, queries.length)
      },
    }
  }
  return { found: [], nextBehind: () => undefined, totalResults: 0 }
}

function readType(
  context: ServiceContext,
  { resourceType, filter }: TypeQuery,
  after: string,
  count: number,
): Promise<PositionedPage> {
  return context.store.listFrom(context.scope, resourceType, {
    count,
    ...(filter === undefined ? {} : { filter }),
    ...(after === '' ? {} : { after }),
  })
}

function nextPosition(next: string | undefined, at: number, types: number): string | undefined {
  if (next !== undefined) return `${at}:${next}`
  return at + 1 < types ? `${at + 1}:` : undefined
}
