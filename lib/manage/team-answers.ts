import * as z from 'zod'
import { members } from './check.ts'
import { printable } from './bodies.ts'

/** What requests about teams have, and their answers. */

const SOURCE = z
  .enum(['scim', 'manual', 'both'])
  .describe('Who has made it: the identity provider, the application, or both.')

const SIMILAR = z.strictObject({
  id: z.string(),
  name: z.string(),
  otherCodePoints: z
    .literal(true)
    .describe(
      'Both names look the same, and are written with other code points: they differ in Unicode normalization, as é and e with an accent behind it do.',
    )
    .exactOptional(),
})

export const TEAM = z.strictObject({
  id: z.string(),
  name: z.string(),
  manualName: z
    .string()
    .describe(
      'The name that a team made by hand has kept while the identity provider calls its group otherwise: no other team made by hand gets it, and this one has it again when the group is deleted.',
    )
    .exactOptional(),
  source: SOURCE,
  externalId: z.string().describe('Of a group of the identity provider.').exactOptional(),
  created: z.iso
    .datetime()
    .describe('Of a team made by hand it stays, whatever group the team becomes.'),
  lastModified: z.iso.datetime(),
  similar: z
    .array(SIMILAR)
    .describe(
      'Teams from the other side whose names differ in case, width, blanks or Unicode normalization, or which were given this one later: they stay apart.',
    )
    .exactOptional(),
})

const REMOVED = z
  .strictObject({ id: z.string(), removed: z.literal(true) })
  .describe('A team that is not there any more; in lists with changedSince only.')

export const REMOVED_TEAM = REMOVED.describe('It is not there any more.')

const NEXT = z.string().describe('`cursor` of the next page; absent: there is none.')

export const TEAM_LIST = z.strictObject({
  items: z.array(z.union([REMOVED, TEAM])),
  nextCursor: NEXT.exactOptional(),
  position: z
    .string()
    .describe('`changedSince` of a later request, once all pages are read; the same on each.'),
})

export const TEAM_MEMBER = z.strictObject({
  id: z.string(),
  type: z.enum(['person', 'team']).describe('`team`: a group that SCIM has put into the group.'),
  source: SOURCE,
})

export const TEAM_MEMBER_LIST = z.strictObject({
  items: z.array(TEAM_MEMBER),
  nextCursor: NEXT.exactOptional(),
})

export const LEFT_MEMBER = z.union([
  z
    .strictObject({ id: z.string(), removed: z.literal(true) })
    .describe('The person is in the team no more.'),
  TEAM_MEMBER.describe('The person stays in it: the identity provider says so, too.'),
])

export const NEW_TEAM = members({
  name: printable(1, 200).describe('Like that of no other team or group; case is ignored.'),
})

export const TEAM_PATCH = members({ name: printable(1, 200).exactOptional() })

const PERSON_ID_IS = 'must be the id of a person, 1 to 200 characters'

export const NEW_MEMBER = members({
  personId: z.string(PERSON_ID_IS).min(1, PERSON_ID_IS).max(200, PERSON_ID_IS),
})
