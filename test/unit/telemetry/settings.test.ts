import { expect, test } from 'vitest'
import { telemetrySettings } from '../../../lib/telemetry/settings.ts'

const CONNECTION = 'InstrumentationKey=1;IngestionEndpoint=https://x.example/'

test.each([{}, { APPLICATIONINSIGHTS_CONNECTION_STRING: ' ' }])(
  '%j sends nothing',
  (environment) => {
    expect(telemetrySettings(environment)).toBeUndefined()
  },
)

test('a connection string is enough', () => {
  const environment = { APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION }
  expect(telemetrySettings(environment)).toEqual({ connectionString: CONNECTION })
})

test.each([
  ['ClientId=abc;Authorization=AAD', { clientId: 'abc' }],
  [' authorization = aad ; clientid = abc ', { clientId: 'abc' }],
  ['Authorization=AAD', {}],
  ['ClientId=abc', undefined],
  ['Authorization=ApiKey;ClientId=abc', undefined],
  ['', undefined],
])('%s', (text, identity) => {
  const settings = telemetrySettings({
    APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: text,
  })
  expect(settings?.identity).toEqual(identity)
})

test('the app and its instance are called as Azure calls them', () => {
  const settings = telemetrySettings({
    APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION,
    WEBSITE_SITE_NAME: 'func-scim-prod',
    WEBSITE_INSTANCE_ID: 'instance-1',
  })
  expect(settings).toMatchObject({ app: 'func-scim-prod', instance: 'instance-1' })
})
