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
  /** Of one that declares or changes an attribute: all values that one may have, escaped as JSON may have them. */
  attributeBodyBytes: 262_144,
  /** Items of a page. */
  pageSize: 1000,
  defaultPageSize: 100,
  /** Entries of a page of the activity. */
  activityPageSize: 200,
  defaultActivityPageSize: 50,
} as const

/** How many items a page has. */
export function count(
  most: number,
  usual: number,
): z.ZodDefault<z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>, z.ZodInt>> {
  const right = `must be a whole number from 1 to ${most}`
  return z
    .string()
    .regex(/^\d{1,9}$/, right)
    .transform(Number)
    .pipe(z.int(right).min(1, right).max(most, right))
    .default(usual)
    .describe('Items of a page.')
}

/** What another answer has given. */
export function answered(name: string, most: number): z.ZodString {
  return z.string().max(most, `must be the ${name} of an answer`)
}

/** A page of a list. */
const PAGE = {
  cursor: answered('nextCursor', 200).describe('`nextCursor` of the page before.').exactOptional(),
  count: count(MANAGE_LIMITS.pageSize, MANAGE_LIMITS.defaultPageSize),
}

export const NO_PARAMETERS = members({})

export const PAGE_PARAMETERS = members(PAGE)

/** Yes or no; no when absent. */
export function flag(): z.ZodDefault<
  z.ZodPipe<
    z.ZodPipe<
      z.ZodEnum<{ true: 'true'; false: 'false' }>,
      z.ZodTransform<boolean, 'true' | 'false'>
    >,
    z.ZodBoolean
  >
> {
  return z
    .enum(['true', 'false'], 'must be true or false')
    .transform((text) => text === 'true')
    .pipe(z.boolean())
    .default(false)
}

export const REMOVAL_PARAMETERS = members({
  purge: flag().describe('Whether what users have of it is taken out, too: that cannot be undone.'),
})

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

const TIME_IS = 'must be a time with its zone, such as 2026-11-27T14:00:00Z'

const TIME = z.iso.datetime({ offset: true, error: TIME_IS })

/** Characters of a cursor or position of the activity, at most. */
export const POSITION_LENGTH = 6000

const SUBJECT_IS = 'must have 1 to 200 characters'

export const ACTIVITY_PARAMETERS = members({
  since: TIME.describe('What happened then, or later.').exactOptional(),
  until: TIME.describe('What happened then, or earlier.').exactOptional(),
  subject: z
    .string()
    .trim()
    .min(1, SUBJECT_IS)
    .max(200, SUBJECT_IS)
    .describe(
      'Whom it is about, memberships included: the id of a user, group or credential, or a userName, displayName of a group or externalId, also one that was refused.',
    )
    .exactOptional(),
  outcome: z
    .enum(['changed', 'refused'], 'must be changed or refused')
    .describe('Only what was done, or only what was not.')
    .exactOptional(),
  cursor: answered('nextCursor', POSITION_LENGTH)
    .describe('`nextCursor` of the page before, with the same parameters.')
    .exactOptional(),
  count: count(MANAGE_LIMITS.activityPageSize, MANAGE_LIMITS.defaultActivityPageSize),
  after: answered('position', POSITION_LENGTH)
    .describe('`position` of the answer before: only what is new since then comes.')
    .exactOptional(),
})

export const STATISTICS_PARAMETERS = members({
  step: z.enum(['hour', 'day'], 'must be hour or day').default('hour'),
  from: TIME.describe('In the first step; 24 hours or 30 days ago when absent.').exactOptional(),
  to: TIME.describe('In the last step; now when absent.').exactOptional(),
})

export const CONNECTION_PARAMETERS = members({
  after: answered('position', POSITION_LENGTH)
    .describe('`position` of the answer before: only credentials of which something new is known.')
    .exactOptional(),
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
