import * as z from 'zod'
import { members } from './check.ts'
import { answered, count, MANAGE_LIMITS, POSITION_LENGTH } from './query.ts'

export const INVITATION_PARAMETERS = members({
  cursor: answered('nextCursor', POSITION_LENGTH)
    .describe('`nextCursor` of the page before.')
    .exactOptional(),
  count: count(MANAGE_LIMITS.pageSize, MANAGE_LIMITS.defaultPageSize),
})

export const INVITATION_LIST = z.strictObject({
  items: z.array(
    z.strictObject({
      id: z.string().describe('The id of a person.'),
      since: z.string().describe('When the person was active for the first time, ISO 8601.'),
    }),
  ),
  nextCursor: z
    .string()
    .describe('`cursor` of the next page; absent: there is none.')
    .exactOptional(),
})

const IDS_ARE = `must be an array of 1 to ${MANAGE_LIMITS.pageSize} ids of people`
const ID_IS = 'must be the id of a person, 200 characters at most'

export const ACKNOWLEDGEMENT = members({
  ids: z
    .array(z.string(ID_IS).min(1, ID_IS).max(200, ID_IS), IDS_ARE)
    .min(1, IDS_ARE)
    .max(MANAGE_LIMITS.pageSize, IDS_ARE)
    .describe('The ids of people who have been invited.'),
})

export const ACKNOWLEDGED = z.strictObject({
  acknowledged: z
    .array(z.string())
    .describe('Those who are not in the list any more, those of an earlier acknowledgement too.'),
  unknown: z
    .array(z.string())
    .describe('Those of whom no invitation is known: not there, or never to be invited.'),
})
