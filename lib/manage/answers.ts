import * as z from 'zod'
import { DEFINABLE_TYPES } from '../scim/attribute-definition.ts'
import { TENANT_SETTINGS } from '../tenants/settings.ts'

/** What answers have: the document is made of this, and tests hold every answer to it. Members are only ever added. */

const TIME = z.iso.datetime()
const COUNT = z.int().min(0)
const STATUS = z.enum(['enabled', 'disabled', 'deleting'])

/** What is known of a tenant's use and credentials. */
const TIMES = {
  lastRequest: TIME.exactOptional(),
  lastSuccess: TIME.exactOptional(),
  lastRefusal: TIME.exactOptional(),
  nextExpiry: TIME.describe('When the next of its credentials expires.').exactOptional(),
}

export const TENANT_SUMMARY = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    reference: z.string().exactOptional(),
    status: STATUS,
    created: TIME,
    users: COUNT.exactOptional(),
    groups: COUNT.exactOptional(),
    ...TIMES,
  })
  .describe(
    'A tenant in the list. Counts and times may be some minutes behind, and are absent until they are known.',
  )

export const TENANT = z.strictObject({
  id: z.string(),
  name: z.string(),
  reference: z.string().exactOptional(),
  status: STATUS,
  created: TIME,
  tenantUrl: z.url().describe('What identity providers are given as the Tenant URL.'),
  users: COUNT,
  groups: COUNT,
  ...TIMES,
  settings: z
    .strictObject(TENANT_SETTINGS.shape)
    .describe('What applies: what was set, else the default.'),
  deletion: z
    .strictObject({
      started: TIME,
      phase: z
        .enum(['settling', 'erasing'])
        .describe('`settling`: until no request can still run for it; `erasing`: its data go.'),
      rowsRemoved: COUNT,
    })
    .describe('How far its deletion has come.')
    .exactOptional(),
})

const CREDENTIAL_FACTS = {
  id: z.string(),
  label: z.string(),
  status: z.enum(['active', 'expired', 'revoked']),
  created: TIME,
  expires: TIME.exactOptional(),
  lastUsed: TIME.describe('Written once an hour at most.').exactOptional(),
  revoked: TIME.exactOptional(),
}

/** What an OAuth client of the tenant is told. */
const OAUTH_CLIENT = { clientId: z.string(), tokenUrl: z.url() }

const TOKEN = z.strictObject({ kind: z.literal('token'), ...CREDENTIAL_FACTS })

const CLIENT_SECRET = z.strictObject({
  kind: z.literal('clientSecret'),
  ...CREDENTIAL_FACTS,
  ...OAUTH_CLIENT,
})

const FEDERATED = z.strictObject({
  kind: z.literal('federated'),
  ...CREDENTIAL_FACTS,
  ...OAUTH_CLIENT,
  issuer: z.string(),
  audience: z.string(),
  subject: z.string(),
  jwksUri: z.string(),
})

const ENTRA = z.strictObject({
  kind: z.literal('entra'),
  ...CREDENTIAL_FACTS,
  entraTenantId: z.string(),
  audience: z.string(),
})

export const CREDENTIAL = z.discriminatedUnion('kind', [TOKEN, CLIENT_SECRET, FEDERATED, ENTRA])

const SECRET = {
  secret: z.string().describe('The credential itself: it is in this answer and in no other.'),
}

export const CREATED_CREDENTIAL = z.discriminatedUnion('kind', [
  TOKEN.extend(SECRET),
  CLIENT_SECRET.extend(SECRET),
  FEDERATED,
  ENTRA,
])

export const ROTATED_CREDENTIAL = z.discriminatedUnion('kind', [
  TOKEN.extend({ ...SECRET, previous: CREDENTIAL }),
  CLIENT_SECRET.extend({ ...SECRET, previous: CREDENTIAL }),
])

const NEXT = z.string().describe('`cursor` of the next page; absent: there is none.')

export const TENANT_LIST = z.strictObject({
  items: z.array(TENANT_SUMMARY),
  nextCursor: NEXT.exactOptional(),
})

export const CREDENTIAL_LIST = z.strictObject({
  items: z.array(CREDENTIAL),
  nextCursor: NEXT.exactOptional(),
})

export const ATTRIBUTE = z.strictObject({
  id: z.string(),
  label: z.string(),
  description: z.string().exactOptional(),
  type: z.enum(DEFINABLE_TYPES),
  multiValued: z.boolean(),
  allowedValues: z.array(z.string()).describe('Others are refused; empty: any.'),
  unique: z.boolean(),
  indexed: z.boolean(),
  index: z
    .strictObject({
      complete: z
        .boolean()
        .describe(
          'False until the maintenance has looked through all users: filters scan, and values that were equal before stay.',
        ),
      clashes: z
        .array(z.array(z.string()).readonly())
        .describe(
          'What is in the way, at most 100: the ids of two users who have the same value of a unique attribute, or of one who has more values than can be indexed.',
        ),
    })
    .describe('Of an attribute that is unique or indexed.')
    .exactOptional(),
  schema: z.string().describe('The URN of the extension that it is in.'),
  state: z
    .enum(['active', 'removed', 'purging'])
    .describe(
      '`removed`: what users have of it is hidden; `purging`: it is being taken out. An attribute that is gone from the list is forgotten.',
    ),
  created: TIME,
  removed: TIME.exactOptional(),
  targets: z
    .strictObject({
      target: z.string().describe('What goes into the attribute list of an application in Entra.'),
      olderTarget: z.string().describe('The same in the older form, which is taken as well.'),
      alsoTaken: z.array(z.string()).describe('Other names under which it is taken.'),
      restriction: z
        .string()
        .describe('What identity providers cannot send; absent where all can be sent.')
        .exactOptional(),
    })
    .describe('The names of the attribute for the mappings of an identity provider.'),
})

export const ATTRIBUTE_LIST = z.strictObject({
  items: z.array(ATTRIBUTE),
  nextCursor: NEXT.exactOptional(),
})

export const MAINTENANCE_REPORT = z.strictObject({
  ran: z.boolean().describe('False: another run is under way, and nothing was done.'),
  complete: z.boolean().describe('Whether there was time for all.'),
  deleted: z.array(z.string()).describe('Tenants whose deletion came to its end.'),
  deleting: z.array(z.string()).describe('Tenants whose deletion goes on.'),
  rows: COUNT.describe('Rows of users, groups and memberships that were removed.'),
  swept: COUNT.describe('Interrupted deletions of users and groups that were finished.'),
  repaired: COUNT.describe('Entries of the tenants’ list that were made anew.'),
  dropped: COUNT.describe('Entries of the tenants’ list that no tenant had.'),
  warnings: COUNT.describe('Warnings of credentials that expire soon.'),
  purged: COUNT.describe('Rows of the activity that were too old.'),
  forgotten: COUNT.describe('Rows of the activity that lost the names of whom was deleted.'),
  orphans: z.array(z.string()).describe('Partitions that belong to no tenant; they stay.'),
  failures: COUNT.describe('What failed and is tried again by the next run; the log says why.'),
})

/** JSON Schema of the tenant settings. */
export const SETTINGS_SCHEMA = z.looseObject({
  type: z.literal('object'),
  properties: z.record(
    z.string(),
    z.looseObject({ type: z.string(), default: z.unknown(), description: z.string() }),
  ),
})

export const OPENAPI = z.looseObject({ openapi: z.string().regex(/^3\.1\./) })

export const PROBLEM = z
  .strictObject({
    type: z.string().describe('`urn:scim-endpoint:problem:` and the kind: what programs go by.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().describe('In the body: the fragment of a URI.').exactOptional(),
          parameter: z.string().describe('In the path or the query.').exactOptional(),
          header: z.string().exactOptional(),
          detail: z.string(),
        }),
      )
      .exactOptional(),
  })
  .describe('RFC 9457.')
