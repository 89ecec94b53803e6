import * as z from 'zod'
import { members } from './check.ts'
import { DEFINABLE_TYPES } from '../scim/attribute-definition.ts'
import { isIssuer } from '../tenants/credential-values.ts'
import { KEY_ADDRESS_MAX_LENGTH, keyAddressProblem } from '../tenants/key-address.ts'
import { TENANT_SETTINGS } from '../tenants/settings.ts'

/** What a request may send. Messages say what would be right; what came is put behind them. */

/** Nothing that could rewrite what a terminal or a log shows. */
const PRINTABLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u

/** Text for people, without the white space around it. */
export function printable(least: number, most: number): z.ZodString {
  const right = `must have ${least} to ${most} characters, all of them printable`
  return z.string(right).trim().min(least, right).max(most, right).regex(PRINTABLE, right)
}

const NAME = printable(1, 200).describe('For people: on the pages of the vendor.')

const REFERENCE = printable(1, 100).describe('The vendor’s own id of the customer.')

const TENANT_ID = z
  .string('must have 1 to 32 characters out of a-z, 0-9 and -')
  .regex(/^[a-z0-9-]{1,32}$/, 'must have 1 to 32 characters out of a-z, 0-9 and -')
  .describe('Part of every Secret Token and of the client_id; never changes.')

/** What comes for each setting, with words for what would be right. */
const SETTINGS = Object.entries(TENANT_SETTINGS.shape).map(
  ([name, setting]) => [name, worded(setting)] as const,
)

const CHOSEN_SETTINGS = members(
  Object.fromEntries(SETTINGS.map(([name, setting]) => [name, setting.exactOptional()])),
)

/** A patch of the settings: null takes one back to its default. */
const SETTINGS_PATCH = members(
  Object.fromEntries(SETTINGS.map(([name, setting]) => [name, setting.nullable().exactOptional()])),
)

export const NEW_TENANT = members({
  id: TENANT_ID,
  name: NAME.exactOptional(),
  reference: REFERENCE.exactOptional(),
  settings: CHOSEN_SETTINGS.exactOptional(),
})

export const TENANT_PATCH = members({
  name: NAME.exactOptional(),
  reference: REFERENCE.nullable().exactOptional(),
  status: z
    .enum(['enabled', 'disabled'], 'must be enabled or disabled')
    .describe('Of a disabled tenant every request is refused, within 30 seconds.')
    .exactOptional(),
  settings: SETTINGS_PATCH.nullable().exactOptional(),
})

const EXPIRY_IS = 'must be a time with its zone, such as 2027-06-30T23:59:59Z'

const EXPIRES = z.iso
  .datetime({ offset: true, error: EXPIRY_IS })
  .nullable()
  .describe('From then on it is refused; in the future. null: never.')

const LABEL = printable(0, 100).describe('What it is for, such as the identity provider.')

const ENTRA_TENANT_ID = z
  .string('must be a UUID, the Directory (tenant) ID')
  .trim()
  .toLowerCase()
  .regex(
    /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/,
    'must be a UUID, the Directory (tenant) ID',
  )
  .describe('The Microsoft Entra tenant whose tokens are accepted; it belongs to one tenant only.')

const CLAIM_IS = 'must have 1 to 512 characters without white space'

/** A claim that a token must have, character for character. */
const CLAIM = z
  .string(CLAIM_IS)
  .max(512, CLAIM_IS)
  .regex(/^[\x21-\x7e]+$/, CLAIM_IS)

const ISSUER_IS =
  'must be an https URL with a host name, without user, port and fragment, or the client_id'

const ISSUER = z
  .string(ISSUER_IS)
  .max(1024, ISSUER_IS)
  .refine(isIssuer, ISSUER_IS)
  .meta({ pattern: '^(?:https://|scim_)' })

/** By the rule by which it is fetched; whether it is the app's own is looked at where its host is known. */
const KEY_ADDRESS = z
  .string('must be an https URL')
  .superRefine((text, context) => {
    const message = keyAddressProblem(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .meta({ format: 'uri', pattern: '^https://', maxLength: KEY_ADDRESS_MAX_LENGTH })

/** Without `expires` a client secret expires after a year, all others never. */
const COMMON = { label: LABEL.exactOptional(), expires: EXPIRES.exactOptional() }

const KIND_IS = 'must be token, clientSecret, federated or entra'

export const NEW_CREDENTIAL = z.discriminatedUnion(
  'kind',
  [
    members({ kind: z.literal('token'), ...COMMON }),
    members({ kind: z.literal('clientSecret'), ...COMMON }),
    members({
      kind: z.literal('federated'),
      ...COMMON,
      issuer: ISSUER.describe('`iss` of the client’s assertions.'),
      audience: CLAIM.describe('`aud` of the client’s assertions.'),
      subject: CLAIM.describe('`sub` of the client’s assertions.'),
      jwksUri: KEY_ADDRESS.describe('Where the issuer’s public keys are.'),
    }),
    members({
      kind: z.literal('entra'),
      ...COMMON,
      entraTenantId: ENTRA_TENANT_ID,
      audience: CLAIM.describe(
        '`aud` of the tokens; that of Entra’s provisioning when absent.',
      ).exactOptional(),
    }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? KIND_IS : 'must be a JSON object') },
)

export const CREDENTIAL_PATCH = members({
  label: LABEL.nullable().exactOptional(),
  expires: EXPIRES.exactOptional(),
})

const HOURS_IS = 'must be a whole number from 0 to 720'

export const ROTATION = members({
  overlapHours: z
    .int(HOURS_IS)
    .min(0, HOURS_IS)
    .max(720, HOURS_IS)
    .default(24)
    .describe('Hours for which the credential before stays good.'),
})

const ATTRIBUTE_ID_IS = 'must have 1 to 64 characters out of A-Z, a-z, 0-9, _ and -'

const ATTRIBUTE_ID = z
  .string(ATTRIBUTE_ID_IS)
  .regex(/^[A-Za-z0-9_-]{1,64}$/, ATTRIBUTE_ID_IS)
  .describe('Its name in SCIM; never changes. Case is ignored.')

const TYPE_IS = `must be one of ${DEFINABLE_TYPES.join(', ')}`

const ATTRIBUTE_TYPE = z.enum(DEFINABLE_TYPES, TYPE_IS).describe('Never changes.')

const FLAG_IS = 'must be true or false'

const MULTI_VALUED = z.boolean(FLAG_IS).describe('Whether it has several values; never changes.')

const ATTRIBUTE_SCHEMA = z
  .string('must be the URN of an extension')
  .describe('The URN of the extension that it is in; never changes.')

const ALLOWED_VALUES = z
  .array(z.string('must be a text'), 'must be an array of texts')
  .describe('Other values are refused: at most 200 of 200 characters; empty: any.')

/** What of an attribute may be changed. */
const OF_ATTRIBUTE = {
  label: printable(1, 100).describe('For people.').exactOptional(),
  allowedValues: ALLOWED_VALUES.exactOptional(),
  unique: z.boolean(FLAG_IS).describe('Whether no two users have the same value.').exactOptional(),
  indexed: z.boolean(FLAG_IS).describe('Whether filters find it without a scan.').exactOptional(),
}

const DESCRIPTION = printable(0, 500).describe('For people, in /Schemas.')

export const NEW_ATTRIBUTE = members({
  id: ATTRIBUTE_ID,
  ...OF_ATTRIBUTE,
  description: DESCRIPTION.exactOptional(),
  type: ATTRIBUTE_TYPE.describe('string when absent; never changes.').exactOptional(),
  multiValued: MULTI_VALUED.exactOptional(),
  schema: ATTRIBUTE_SCHEMA.describe(
    'The URN of the extension that it is in; the people extension when absent. Never changes.',
  ).exactOptional(),
})

/** What never changes may be repeated. */
export const ATTRIBUTE_PATCH = members({
  ...OF_ATTRIBUTE,
  description: DESCRIPTION.nullable().exactOptional(),
  id: ATTRIBUTE_ID.exactOptional(),
  type: ATTRIBUTE_TYPE.exactOptional(),
  multiValued: MULTI_VALUED.exactOptional(),
  schema: ATTRIBUTE_SCHEMA.exactOptional(),
})

export const NOTHING = members({})

type SettingValue = z.output<typeof TENANT_SETTINGS>[keyof typeof TENANT_SETTINGS.shape]

/** A setting without its default; the limits of a number are said as one sentence. */
function worded(
  setting: (typeof TENANT_SETTINGS.shape)[keyof typeof TENANT_SETTINGS.shape],
): z.ZodType<SettingValue> {
  const type = setting.unwrap()
  if (type instanceof z.ZodBoolean) {
    return z.boolean('must be true or false').describe(setting.description ?? '')
  }
  if (type instanceof z.ZodArray || type instanceof z.ZodEnum) {
    return type.describe(setting.description ?? '')
  }
  const { minimum = 0, maximum = 0 } = z.toJSONSchema(setting)
  const right = `must be a whole number from ${minimum} to ${maximum}`
  const number = z.int(right).min(minimum, right).max(maximum, right)
  return number.describe(setting.description ?? '')
}
