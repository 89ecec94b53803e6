import * as z from 'zod'
import { ScimError } from '../scim/errors.ts'
import { seal, unseal } from '../sealed-text.ts'
import { positionNow } from './changes.ts'
import type { PeopleContext } from './people-context.ts'
import { readAll, shown, type PeoplePage } from './people.ts'
import type { Person } from './person.ts'

/** Where a search looks: each has an index. */
const SEARCHED = ['userName', 'emails.value', 'name.familyName', 'name.givenName'] as const

/** People of a page at most. */
const MOST = 100

/** People who are read by one call of the store; all such calls run at the same time. */
const READ_TOGETHER = 25

const CURSOR = z.strictObject({ behind: z.string(), position: z.string() })

/**
 * A page of people whose user name, e-mail, family or given name begins so, inactive ones too, in the order of what begins so:
 * three round trips at most. A page may have fewer people than asked for, and go on all the same.
 * @throws ScimError `invalidCursor`; `mutability` while an index is not complete.
 */
export async function searchPeople(
  context: PeopleContext,
  {
    q,
    cursor,
    count,
  }: { readonly q: string; readonly cursor?: string | undefined; readonly count: number },
): Promise<PeoplePage<Person>> {
  const { scope, store, resourceType, changes } = context
  const place = cursor === undefined ? undefined : readCursor(context, q, cursor)
  const position = place?.position ?? positionNow(changes, 'people')
  const behind = place === undefined ? {} : { behind: place.behind }
  const query = { paths: SEARCHED, beginning: q, ...behind, count: Math.min(count, MOST) }
  const { ids, isHere, next } = await store.search(scope, resourceType, query)
  const pieces = Array.from({ length: Math.ceil(ids.length / READ_TOGETHER) }, (_, at) =>
    readAll(context, ids.slice(at * READ_TOGETHER, (at + 1) * READ_TOGETHER)),
  )
  const [found, teamsOf] = await Promise.all([
    Promise.all(pieces),
    context.memberships.groupsOf(scope, ids),
  ])
  const items = await shown(context, found.flat().filter(isHere), teamsOf)
  if (next === undefined) return { items, position }
  return {
    items,
    nextCursor: seal(changes.sign, 'search', q, { behind: next, position }),
    position,
  }
}

function readCursor(
  { changes }: PeopleContext,
  q: string,
  cursor: string,
): z.output<typeof CURSOR> {
  const content = CURSOR.safeParse(unseal(changes.sign, 'search', q, cursor)).data
  if (content !== undefined) return content
  throw new ScimError(
    'invalidCursor',
    'This cursor was not made for this search. Start again without a cursor.',
  )
}
