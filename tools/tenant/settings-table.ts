import * as z from 'zod'
import { TENANT_SETTINGS } from '../../lib/tenants/settings.ts'
import { columns } from './text.ts'

/** What can be set for a tenant, as a table. */
export function settingsTable(): string {
  const rows = Object.entries(TENANT_SETTINGS.shape).map(([name, setting]) => {
    return [
      name,
      String(setting.parse(undefined)),
      rangeOf(setting.unwrap()),
      setting.description ?? '',
    ]
  })
  return columns([['SETTING', 'DEFAULT', 'RANGE', 'MEANING'], ...rows])
}

function rangeOf(setting: z.ZodInt | z.ZodBoolean): string {
  if (setting instanceof z.ZodBoolean) return 'true, false'
  return `${String(setting.minValue)} to ${String(setting.maxValue)}`
}
