import { checkSettingNames } from '../../lib/tenants/settings.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import type { TenantSettings } from '../../lib/storage/tenant-port.ts'
import { changeTenant } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { type Outcome, shownTenant } from './text.ts'

/** Changes name, reference or settings of a tenant. @throws UsageError, ScimError */
export async function change(
  { store }: Workplace,
  [id = '']: readonly string[],
  { name, reference, settings }: OptionValues,
): Promise<Outcome> {
  if (name === undefined && reference === undefined && settings === undefined) {
    throw new UsageError('change needs --name TEXT, --reference TEXT or --settings JSON')
  }
  const wanted = settings === undefined ? undefined : settingsOf(settings)
  const changed = await changeTenant(store, id, {
    ...(name === undefined ? {} : { name }),
    ...(reference === undefined ? {} : { reference }),
    ...(wanted === undefined ? {} : { settings: (now) => merged(now, wanted) }),
  })
  const tenant = { ...shownTenant(changed), settings: changed.settings }
  return { text: `tenant ${id} is changed`, json: { tenant } }
}

/** What `--settings` says. @throws UsageError */
export function settingsOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Said below.
  }
  throw new UsageError('--settings must be a JSON object, such as \'{"requestsPerSecond": 50}\'')
}

/**
 * As a JSON Merge Patch (RFC 7396) does it: `null` takes a setting away, so that its default counts.
 * @throws ScimError `invalidValue` for a setting that there is not.
 */
export function merged(now: TenantSettings, wanted: JsonObject): TenantSettings {
  const isNew = (name: string): boolean => !Object.hasOwn(now, name)
  checkSettingNames(Object.fromEntries(Object.entries(wanted).filter(([name]) => isNew(name))))
  const all = Object.entries({ ...now, ...wanted })
  return Object.fromEntries(all.filter(([, value]) => value !== null))
}
