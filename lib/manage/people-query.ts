import * as z from 'zod'
import { LONGEST_LOOKUP, type LookupName } from '../people/lookup.ts'
import { members } from './check.ts'
import { answered, count, flag, MANAGE_LIMITS, POSITION_LENGTH } from './query.ts'

export const PEOPLE_PARAMETERS = members({
  cursor: answered('nextCursor', POSITION_LENGTH)
    .describe('`nextCursor` of the page before, with the same parameters.')
    .exactOptional(),
  count: count(MANAGE_LIMITS.pageSize, MANAGE_LIMITS.defaultPageSize),
  changedSince: answered('position', POSITION_LENGTH)
    .describe(
      '`position` of an answer before: only who has changed since then comes, the latest first.',
    )
    .exactOptional(),
})

const VALUE_IS = `must have 1 to ${LONGEST_LOOKUP} characters`

const VALUE = z.string().min(1, VALUE_IS).max(LONGEST_LOOKUP, VALUE_IS)

export const LOOKUP_PARAMETERS = members({
  externalId: VALUE.describe('What the identity provider knows the person by.').exactOptional(),
  userName: VALUE.describe('The user name; case is ignored.').exactOptional(),
  email: VALUE.describe('The work e-mail; case is ignored.').exactOptional(),
} satisfies Record<LookupName, z.ZodType>)

export const DELETION_PARAMETERS = members({
  force: flag().describe('Whether an active account is deleted, too.'),
})
