import * as z from 'zod'
import { detail, sent } from '../scim/detail.ts'
import { checked, invalidRequest, members, type Wrong } from './check.ts'

/** Parameters by their names; all values come as text. */
export type QuerySchema = z.ZodObject<z.core.$ZodLooseShape, z.core.$strict>

/** Those of the host: a key may come as `code`, and `clientId` may say which it is. */
const OF_THE_HOST: ReadonlySet<string> = new Set(['code', 'clientid'])

export const MANAGE_LIMITS = {
  /** Bytes of a request body. */
  bodyBytes: 65_536,
  /** Items of a page. */
  pageSize: 1000,
  defaultPageSize: 100,
} as const

const COUNT_IS = `must be a whole number from 1 to ${MANAGE_LIMITS.pageSize}`

/** A page of a list. */
const PAGE = {
  cursor: z
    .string()
    .max(200, 'must be the nextCursor of an answer')
    .describe('`nextCursor` of the page before.')
    .exactOptional(),
  count: z
    .string()
    .regex(/^\d{1,9}$/, COUNT_IS)
    .transform(Number)
    .pipe(z.int(COUNT_IS).min(1, COUNT_IS).max(MANAGE_LIMITS.pageSize, COUNT_IS))
    .default(MANAGE_LIMITS.defaultPageSize)
    .describe('Items of a page.'),
}

export const NO_PARAMETERS = members({})

export const PAGE_PARAMETERS = members(PAGE)

export const TENANT_PARAMETERS = members({
  q: z
    .string()
    .trim()
    .min(1, 'must have 1 to 200 characters')
    .max(200, 'must have 1 to 200 characters')
    .describe('Text in the id, name or reference; case is ignored.')
    .exactOptional(),
  status: z
    .enum(['enabled', 'disabled', 'deleting'], 'must be enabled, disabled or deleting')
    .exactOptional(),
  ...PAGE,
})

/**
 * The parameters as the schema has them. One that is not known is refused: a filter that is misspelt would list all.
 * @throws Problem `invalid-request`.
 */
export function readQuery<Schema extends QuerySchema>(
  schema: Schema,
  query: URLSearchParams,
): z.output<Schema> {
  const given = [...query].filter(([name]) => !OF_THE_HOST.has(name.toLowerCase()))
  const twice = given.find(([name], at) => given.findIndex(([other]) => other === name) < at)
  if (twice !== undefined) {
    const wrong: Wrong = { path: [twice[0]], isUnknown: true, what: detail`must be given once` }
    throw invalidRequest([wrong], 'query')
  }
  return checked(schema, Object.fromEntries(given), 'query')
}

/** Where a page goes on, as a cursor: opaque, so that what is in it may change. */
export function writeCursor(after: string): string {
  return Buffer.from(after).toString('base64url')
}

/**
 * The position in a cursor. It is not authenticated: who may list may begin anywhere in the list.
 * @param isPosition whether this can be one.
 * @throws Problem `invalid-request`.
 */
export function readCursor(
  cursor: string | undefined,
  isPosition: (text: string) => boolean,
): string | undefined {
  if (cursor === undefined) return undefined
  const after = Buffer.from(cursor, 'base64url').toString()
  if (isPosition(after)) return after
  const what = detail`must be the nextCursor of an answer, not "${sent(cursor)}"`
  throw invalidRequest([{ path: ['cursor'], what }], 'query')
}
