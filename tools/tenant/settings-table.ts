import { TENANT_SETTINGS } from '../../lib/tenants/settings.ts'
import { columns } from './text.ts'

/** What can be set for a tenant, as a table. */
export function settingsTable(): string {
  const rows = Object.entries(TENANT_SETTINGS.shape).map(([name, setting]) => {
    const { minValue, maxValue } = setting.unwrap()
    return [
      name,
      String(setting.parse(undefined)),
      `${String(minValue)} to ${String(maxValue)}`,
      setting.description ?? '',
    ]
  })
  return columns([['SETTING', 'DEFAULT', 'RANGE', 'MEANING'], ...rows])
}
