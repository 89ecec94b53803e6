import * as z from 'zod'
import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import { seal, unseal } from '../sealed-text.ts'
import type { ServiceContext } from './context.ts'

/** What a cursor says (RFC 9865 §2): where its page starts and for which page size it was made. */
export interface CursorContent {
  /** The store's position; absent for the first page. */
  readonly after?: string | undefined
  /** Where the page before starts; absent when that is not known. */
  readonly before?: string | undefined
  readonly count: number
  /** The total that the first page told, so that all pages tell the same. */
  readonly totalResults?: number | undefined
}

/** What its code is made for: no other text that is authenticated with the tenant's key is a cursor. */
const CURSOR = 'cursor'

const CONTENT = z.strictObject({
  after: z.string().optional(),
  before: z.string().optional(),
  count: z.number(),
  totalResults: z.number().optional(),
  /** Seconds since 1970. */
  expires: z.number(),
})

/**
 * Makes a cursor: opaque, of unreserved characters only, bound to the tenant (by its key) and to the query, good for
 * `cursorTimeout` seconds. Nothing is kept on the server.
 * @param query all parameters but cursor and count, as one text.
 */
export function writeCursor(
  context: ServiceContext,
  query: string,
  content: CursorContent,
): string {
  const expires = Math.ceil(context.now().getTime() / 1000) + LIMITS.cursorSeconds
  return seal(context.sign, CURSOR, query, { ...content, expires })
}

/**
 * Reads a cursor of this tenant and query.
 * @param count the page size asked for; absent: that of the cursor.
 * @throws ScimError `invalidCursor` for any other text (whether it was made for somebody else is not told),
 *   `expiredCursor`, `invalidCount` when the count is not the one it was made for (RFC 9865 §2.1).
 */
export function readCursor(
  context: ServiceContext,
  query: string,
  cursor: string,
  count: number | undefined,
): CursorContent {
  const content = CONTENT.safeParse(unseal(context.sign, CURSOR, query, cursor)).data
  if (content === undefined) {
    throw new ScimError(
      'invalidCursor',
      'This cursor was not made for this query. Start again without a cursor.',
    )
  }
  const { expires, ...rest } = content
  if (expires * 1000 <= context.now().getTime()) {
    throw new ScimError(
      'expiredCursor',
      `A cursor is valid for ${LIMITS.cursorSeconds} seconds. Start again without a cursor.`,
    )
  }
  if (count !== undefined && count !== content.count) {
    throw new ScimError(
      'invalidCount',
      `count must be the same for every page of a cursor: ${content.count}.`,
    )
  }
  return rest
}
