import * as z from 'zod'
import { LONGEST_LOOKUP, type LookupName } from '../people/lookup.ts'
import { members } from './check.ts'
import { answered, count, flag, MANAGE_LIMITS, POSITION_LENGTH } from './query.ts'

const Q_IS = 'must have 1 to 200 characters'

/** Of a list that an application keeps a copy of. */
const COPIED = {
  cursor: answered('nextCursor', POSITION_LENGTH)
    .describe('`nextCursor` of the page before, with the same parameters.')
    .exactOptional(),
  count: count(MANAGE_LIMITS.pageSize, MANAGE_LIMITS.defaultPageSize),
}

const CHANGED_SINCE = answered('position', POSITION_LENGTH)

export const PEOPLE_PARAMETERS = members({
  ...COPIED,
  q: z
    .string()
    .min(1, Q_IS)
    .max(200, Q_IS)
    .describe(
      'What the user name, an e-mail, the family or the given name begins with; case and width are ignored. A page may have fewer people than `count` and go on all the same.',
    )
    .exactOptional(),
  changedSince: CHANGED_SINCE.describe(
    '`position` of an answer before: only who has changed since then comes, the latest first.',
  ).exactOptional(),
})

export const TEAMS_PARAMETERS = members({
  ...COPIED,
  changedSince: CHANGED_SINCE.describe(
    '`position` of an answer before: only the teams that have changed since then come, the latest first.',
  ).exactOptional(),
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
