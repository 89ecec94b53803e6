import { describe, expect, test } from 'vitest'
import { checkSettings, readSettings, TENANT_SETTINGS } from '../../../lib/tenants/settings.ts'

const DEFAULTS = {
  requestsPerSecond: 100,
  accessTokenHours: 1,
  activityDays: 90,
  namesInActivity: true,
  allowedEmailDomains: [],
  deletionPolicy: 'delete',
  localEdits: true,
  invitations: false,
}

const WRONG_DOMAINS = [
  'ada@contoso.com',
  'com',
  'contoso.com, contoso.org',
  '.com',
  '',
  '*.contoso.com',
  '10.0.0.1',
  '1.0x10',
  'con_toso.com',
  '-contoso.com',
  'contoso-.com',
  'contoso.com.',
  'con%74oso.com',
  'contoso.com/x',
]

describe('settings', () => {
  test('have defaults, and say what they mean', () => {
    expect(readSettings({})).toEqual(DEFAULTS)
    for (const setting of Object.values(TENANT_SETTINGS.shape)) {
      expect(setting.description).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('that cannot be are as if absent, and unknown ones are left out', () => {
    const settings = { requestsPerSecond: 5, accessTokenHours: 6, later: true }
    expect(readSettings(settings)).toEqual({ ...DEFAULTS, accessTokenHours: 6 })
  })

  test('are checked before they are kept', () => {
    expect(() => checkSettings({ later: 1, accessTokenHours: 6 })).not.toThrow()
    expect(() => checkSettings({ accessTokenHours: 7 })).toThrow(
      /^invalidValue: the setting accessTokenHours: .*6/,
    )
    const domains = ['contoso.com', 'Bücher.example', 'xn--mnchen-3ya.example', 'a1-b.co']
    const chosen = { allowedEmailDomains: domains, deletionPolicy: 'deactivate' }
    expect(() => checkSettings(chosen)).not.toThrow()
    expect(readSettings(chosen)).toEqual({ ...DEFAULTS, ...chosen })
    for (const [name, value] of [
      ['activityDays', 6],
      ['activityDays', 401],
      ['namesInActivity', 'no'],
      ['allowedEmailDomains', 'contoso.com'],
      ['deletionPolicy', 'hide'],
    ] as const) {
      expect(() => checkSettings({ [name]: value })).toThrow(`invalidValue: the setting ${name}: `)
    }
    const again = [...domains, 'Contoso.COM', 'xn--bcher-kva.example', 'MÜNCHEN.example']
    expect(readSettings({ allowedEmailDomains: again }).allowedEmailDomains).toEqual(domains)
    const many = Array.from({ length: 101 }, (_, n) => `d${n}.example`)
    expect(() =>
      checkSettings({ allowedEmailDomains: [...many.slice(1), 'D1.example'] }),
    ).not.toThrow()
    expect(() => checkSettings({ allowedEmailDomains: many })).toThrow(
      'the setting allowedEmailDomains: must have 100 domains at most',
    )
    for (const domain of WRONG_DOMAINS) {
      expect(() => checkSettings({ allowedEmailDomains: ['contoso.com', domain] })).toThrow(
        'the setting allowedEmailDomains.1: must be whole domains, such as contoso.com',
      )
    }
  })
})
