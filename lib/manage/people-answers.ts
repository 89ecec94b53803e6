import * as z from 'zod'
import { PERSON_ATTRIBUTES } from '../people/mapping.ts'
import { PERSON_STATUSES } from '../people/person.ts'

/** What answers about people have; what a tenant has declared comes beside it, by its ids. */

const TEAM = z.strictObject({ id: z.string(), name: z.string() })

const STATUS = z.enum(PERSON_STATUSES)

const PERSON_STATUS = STATUS.describe(
  'removed: deleted by the identity provider, and kept for when the person comes again.',
)

const TEXTS = Object.fromEntries(
  PERSON_ATTRIBUTES.map(({ name, description }) => [
    name,
    z.string().describe(description).exactOptional(),
  ]),
)

export const PERSON = z
  .looseObject({
    id: z.string(),
    version: z
      .string()
      .describe('Another one whenever the person, or the teams of the person, are others.'),
    status: PERSON_STATUS,
    ...TEXTS,
    manager: z
      .strictObject({
        id: z.string(),
        name: z.string().exactOptional(),
        exists: z.boolean().describe('False: nobody has that id, yet or any more.'),
      })
      .exactOptional(),
    teams: z.array(TEAM),
    possibleReturner: z
      .string()
      .describe(
        'A removed person with the same user name, who may be the same: restore joins them.',
      )
      .exactOptional(),
  })
  .describe(
    'A person; what the tenant has declared stands beside these by its ids, or by `<urn>:<id>` where that is one of these names. What is not known is absent.',
  )

const REMOVED = z
  .strictObject({ id: z.string(), removed: z.literal(true) })
  .describe('Somebody who is not there any more; with changedSince only.')

export const PEOPLE_LIST = z.strictObject({
  items: z.array(z.union([REMOVED, PERSON])),
  nextCursor: z
    .string()
    .describe('`cursor` of the next page; absent: there is none.')
    .exactOptional(),
  position: z
    .string()
    .describe('`changedSince` of a later request, once all pages are read; the same on each.'),
})

export const SIGN_IN = z.strictObject({
  id: z.string(),
  status: STATUS.exclude(['removed']),
  teams: z.array(TEAM),
  level: z.string().exactOptional(),
})

export const DELETED_PERSON = z.strictObject({
  id: z.string(),
  deleted: z.literal(true),
  notice: z.string().describe('What the identity provider will do about it.'),
})

const CHANGED = Object.fromEntries(
  PERSON_ATTRIBUTES.map(({ name, description }) => [
    name,
    // What comes is checked by the schemas of the tenant; this is what of it is known beforehand.
    z
      .unknown()
      .meta({ type: ['string', 'null'], description })
      .exactOptional(),
  ]),
)

const MANAGER_ID = {
  type: 'object',
  properties: { id: { type: 'string' } },
  required: ['id'],
  additionalProperties: false,
}

/** Values are checked as those of SCIM are. */
export const PERSON_PATCH = z
  .looseObject(
    {
      ...CHANGED,
      manager: z
        .unknown()
        .meta({
          anyOf: [MANAGER_ID, { type: 'null' }],
          description: '`{"id": …}`, the id of a person who need not be there yet; null: nobody.',
        })
        .exactOptional(),
    },
    'must be a JSON object',
  )
  .describe(
    'A JSON Merge Patch of a person, declared attributes included: null clears, and nothing else does.',
  )
