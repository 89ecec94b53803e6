import * as z from 'zod'
import { TENANT_SETTINGS } from '../../lib/tenants/settings.ts'
import { columns } from './text.ts'

type SettingName = keyof typeof TENANT_SETTINGS.shape
type SettingType = ReturnType<(typeof TENANT_SETTINGS.shape)[SettingName]['unwrap']>
type SettingValue = z.output<typeof TENANT_SETTINGS>[SettingName]

/** What can be set for a tenant, as a table. */
export function settingsTable(): string {
  const rows = Object.entries(TENANT_SETTINGS.shape).map(([name, setting]) => {
    return [
      name,
      shownSetting(setting.parse(undefined)),
      rangeOf(setting.unwrap()),
      setting.description ?? '',
    ]
  })
  return columns([['SETTING', 'DEFAULT', 'RANGE', 'MEANING'], ...rows])
}

/** A value of a setting, as a table or a line has it. */
export function shownSetting(value: SettingValue): string {
  if (!Array.isArray(value)) return String(value)
  return value.length === 0 ? 'none' : value.join(' ')
}

function rangeOf(setting: SettingType): string {
  if (setting instanceof z.ZodBoolean) return 'true, false'
  if (setting instanceof z.ZodEnum) return setting.options.join(', ')
  if (setting instanceof z.ZodArray) return 'a list'
  return `${String(setting.minValue)} to ${String(setting.maxValue)}`
}
