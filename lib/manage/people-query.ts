import * as z from 'zod'
import { LONGEST_LOOKUP, type LookupName } from '../people/lookup.ts'
import { members } from './check.ts'
import { answered, count, flag, MANAGE_LIMITS, POSITION_LENGTH } from './query.ts'

const Q_IS = 'must have 1 to 200 characters'

/** A page of what there is, or of what has changed. */
const CHANGES = {
  cursor: answered('nextCursor', POSITION_LENGTH)
    .describe('`nextCursor` of the page before, with the same parameters.')
    .exactOptional(),
  count: count(MANAGE_LIMITS.pageSize, MANAGE_LIMITS.defaultPageSize),
  changedSince: answered('position', POSITION_LENGTH)
    .describe(
      '`position` of an answer before: only what has changed since then comes, the latest first.',
    )
    .exactOptional(),
}

export const PEOPLE_PARAMETERS = members({
  ...CHANGES,
  q: z
    .string()
    .min(1, Q_IS)
    .max(200, Q_IS)
    .describe(
      'What the user name, an e-mail, the family or the given name begins with; case and width are ignored. A page may have fewer people than `count` and go on all the same.',
    )
    .exactOptional(),
})

export const TEAMS_PARAMETERS = members(CHANGES)

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
