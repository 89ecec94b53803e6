import * as z from 'zod'
import { REASONS } from '../activity/reasons.ts'

/** What is answered of a tenant's activity; as in answers.ts members are only ever added. */

const TIME = z.iso.datetime()
const COUNT = z.int().min(0)
const PATHS = z.array(z.string()).readonly()

const NAMED = z
  .strictObject({ id: z.string(), name: z.string().exactOptional() })
  .describe('The name as far as it is known.')

export const ACTIVITY_ENTRY = z
  .strictObject({
    id: z.string(),
    at: TIME.describe('Of equal refusals that of the last one.'),
    outcome: z.enum(['changed', 'refused']),
    reason: z.enum(REASONS),
    action: z.string().describe('Such as `create user`, `add members`, `revoke credential`.'),
    by: z
      .strictObject({
        actor: z.enum(['credential', 'manage', 'cli', 'system']),
        credential: z.string().exactOptional(),
        label: z.string().exactOptional(),
        onBehalfOf: z.string().describe('`X-Actor`, which nobody has verified.').exactOptional(),
      })
      .readonly(),
    client: z
      .string()
      .describe('The identity provider, as far as it can be told: `entra`, `okta`, …')
      .exactOptional(),
    requestId: z.string().describe('As the log has it.'),
    resource: z
      .strictObject({
        type: z.string().exactOptional(),
        id: z.string().exactOptional(),
        name: z.string().exactOptional(),
        externalId: z.string().exactOptional(),
      })
      .readonly()
      .exactOptional(),
    changed: PATHS.describe('Attributes that were set; never a value.').exactOptional(),
    cleared: PATHS.exactOptional(),
    ignored: PATHS.describe('Names that came and are no attributes.').exactOptional(),
    flip: z.enum(['activated', 'deactivated']).exactOptional(),
    unresolvedManager: z
      .literal(true)
      .describe('The user’s manager names nobody who is there, up to now.')
      .exactOptional(),
    added: z.array(NAMED).readonly().exactOptional(),
    removed: z.array(NAMED).readonly().exactOptional(),
    version: z.string().exactOptional(),
    cause: z
      .string()
      .describe('The id of what was deleted, or could not be created, which this follows from.')
      .exactOptional(),
    hidden: z
      .literal(true)
      .describe('Of what was deleted: it is kept out of sight, and may return.')
      .exactOptional(),
    possibleReturner: z
      .string()
      .describe(
        'Of who was created: the id of a hidden account that may have been the same person’s.',
      )
      .exactOptional(),
    count: COUNT.describe('Equal refusals in ten minutes.').exactOptional(),
    first: TIME.describe('When the first of them was.').exactOptional(),
    detail: z.string().exactOptional(),
    status: z.int().exactOptional(),
    scimType: z.string().exactOptional(),
  })
  .describe('What happened, without any value but the name to recognise the subject by.')

export const ACTIVITY = z
  .strictObject({
    items: z.array(ACTIVITY_ENTRY).readonly(),
    nextCursor: z
      .string()
      .describe('`cursor` of the next page; absent: there is none.')
      .exactOptional(),
    position: z.string().describe('`after` of a later request.'),
    hasMore: z.boolean().describe('Whether there is more of what was asked for at this moment.'),
  })
  .describe('The newest first. A page may have fewer items than asked for, or none, and go on.')

const COUNTS = {
  requests: COUNT,
  served: COUNT,
  refused: COUNT.describe('4xx, but 429.'),
  failed: COUNT.describe('429 and 5xx.'),
  lookups: COUNT,
  writes: COUNT,
  writesRefused: COUNT,
  writesFailed: COUNT,
}

export const HEALTH = z.strictObject({
  state: z.enum(['healthy', 'silent', 'failing', 'refused', 'waiting', 'disabled']),
  reason: z.string().describe('For people.'),
  quarantineRisk: z
    .enum(['none', 'watch', 'high'])
    .describe('An estimate: the identity provider alone decides.'),
  asOf: TIME.describe(
    'What other instances have not written yet is missing: they write beside requests, once a minute.',
  ),
  lastRequest: TIME.exactOptional(),
  lastSuccess: TIME.exactOptional(),
  lastRefusal: TIME.exactOptional(),
  nextExpiry: TIME.exactOptional(),
  client: z.string().exactOptional(),
  last24Hours: z.strictObject(COUNTS).readonly(),
})

export const STATISTICS_ANSWER = z.strictObject({
  step: z.enum(['hour', 'day']),
  from: TIME,
  to: TIME.describe('The beginning of the last step.'),
  items: z
    .array(z.strictObject({ start: TIME, ...COUNTS }))
    .readonly()
    .describe('By step, in UTC, the oldest first; a step without requests is left out.'),
  people: z
    .array(z.strictObject({ day: z.iso.date(), users: COUNT, groups: COUNT }))
    .readonly()
    .describe('By day, as far as they were counted.'),
})

export const CONNECTIONS = z.strictObject({
  since: TIME.describe('What came before is not in it.'),
  items: z
    .array(
      z.strictObject({
        credential: z.string(),
        label: z.string().exactOptional(),
        client: z.string().exactOptional(),
        first: TIME,
        last: TIME,
        lastSuccess: TIME.exactOptional(),
        lastRefusal: TIME.exactOptional(),
        lastReason: z.string().describe('Why it was refused.').exactOptional(),
        lastTestConnection: TIME.exactOptional(),
      }),
    )
    .readonly()
    .describe('Credentials that were used, the latest first.'),
  position: z.string().describe('`after` of a later request.'),
})

export const SEEN_ATTRIBUTES = z.strictObject({
  since: TIME.describe('What came before is not in it.'),
  items: z
    .array(
      z.strictObject({
        type: z.string().describe('The resource type: `User`, `Group`, …').exactOptional(),
        path: z.string().describe('Of what is no attribute the name as it was sent.'),
        known: z.boolean().describe('Whether there is such an attribute.'),
        like: z
          .string()
          .describe('The attribute that may have been meant by what is none.')
          .exactOptional(),
        first: TIME,
        last: TIME,
        count: COUNT,
      }),
    )
    .readonly()
    .describe('The most frequent first, 200 at most, of which 100 are no attributes.'),
  more: COUNT.describe('How many more different names there were, at least.'),
  warnings: z
    .array(
      z.strictObject({
        kind: z.enum(['neverCame', 'unknownAttribute']),
        type: z.string().exactOptional(),
        path: z.string(),
        detail: z.string(),
      }),
    )
    .readonly(),
})
