import * as z from 'zod'
import { distinctDomains, DOMAIN, isDomain } from '../scim/email-domain.ts'
import { ScimError } from '../scim/errors.ts'
import type { TenantSettings } from '../storage/tenant-port.ts'

const DOMAINS_ARE = 'must be whole domains, such as contoso.com'

/** What a vendor may choose for a tenant: the types, defaults and meaning of its settings. */
export const TENANT_SETTINGS = z.object({
  requestsPerSecond: z
    .int()
    .min(25)
    .max(1000)
    .default(100)
    .describe(
      'Requests a second that the tenant may send to one instance of the app; twice as many at once.',
    ),
  accessTokenHours: z
    .int()
    .min(1)
    .max(6)
    .default(1)
    .describe('Hours for which an OAuth access token of the tenant is good.'),
  activityDays: z
    .int()
    .min(7)
    .max(400)
    .default(90)
    .describe('Days for which the activity of the tenant is kept.'),
  namesInActivity: z
    .boolean()
    .default(true)
    .describe('Whether the activity has the names by which people and groups are recognised.'),
  allowedEmailDomains: z
    .array(
      z
        .string(DOMAINS_ARE)
        .max(253, DOMAINS_ARE)
        .regex(DOMAIN, DOMAINS_ARE)
        .refine(isDomain, DOMAINS_ARE),
      DOMAINS_ARE,
    )
    .overwrite(distinctDomains)
    .max(100, 'must have 100 domains at most')
    .default([])
    .describe(
      'Domains that userName, where it is an address, and the work e-mail of a user must have; none: any.',
    ),
  deletionPolicy: z
    .enum(['delete', 'deactivate'], 'must be delete or deactivate')
    .default('delete')
    .describe(
      'What a DELETE of a user does; deactivate: the account is out of sight of SCIM and is kept, inactive, until the user comes again.',
    ),
  localEdits: z
    .boolean()
    .default(true)
    .describe(
      'Whether the application may change people, too; else the identity provider alone does.',
    ),
  invitations: z
    .boolean()
    .default(false)
    .describe(
      'Whether who is active for the first time, from then on, is listed for the application to invite.',
    ),
})

/** A tenant's settings with their defaults; one that cannot be is as if it were absent, and unknown ones are left out. */
export function readSettings(settings: TenantSettings): Settings {
  const remembered = known.get(settings) ?? parsed(settings)
  known.set(settings, remembered)
  return remembered
}

type Settings = z.output<typeof TENANT_SETTINGS>

/** A tenant's settings stay one object while its credential is remembered. */
const known = new WeakMap<TenantSettings, Settings>()

function parsed(settings: TenantSettings): Settings {
  const usable = Object.entries(TENANT_SETTINGS.shape).filter(
    ([name, type]) => type.safeParse(settings[name]).success,
  )
  return TENANT_SETTINGS.parse(Object.fromEntries(usable.map(([name]) => [name, settings[name]])))
}

/**
 * For a person's input: settings that are kept may be a later version's.
 * @throws ScimError `invalidValue` that names a setting that there is not.
 */
export function checkSettingNames(settings: TenantSettings): void {
  const names = Object.keys(TENANT_SETTINGS.shape)
  const unknown = Object.keys(settings).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const shown = JSON.stringify(unknown.slice(0, 100))
  throw new ScimError(
    'invalidValue',
    `there is no setting ${shown}; there are: ${names.join(', ')}`,
  )
}

/** @throws ScimError `invalidValue` that names a setting with a value that it cannot have, and what would be right. */
export function checkSettings(settings: TenantSettings): void {
  const [issue] = TENANT_SETTINGS.safeParse(settings).error?.issues ?? []
  if (issue === undefined) return
  throw new ScimError('invalidValue', `the setting ${issue.path.join('.')}: ${issue.message}`)
}
