import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readConfig, SETTING_NAMES } from '../../lib/config.ts'

const AZURITE =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;'

describe('readConfig', () => {
  test.each([
    'UseDevelopmentStorage=true',
    'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1',
    AZURITE,
  ])('takes %s', (connectionString) => {
    expect(readConfig({ TABLES_CONNECTION_STRING: connectionString, TABLES_ENDPOINT: '' })).toEqual(
      {
        tables: { kind: 'connectionString', connectionString },
      },
    )
  })

  test('takes an endpoint for the managed identity and the Tenant URL without its last slash', () => {
    expect(
      readConfig({
        TABLES_ENDPOINT: 'https://people.table.core.windows.net',
        PUBLIC_BASE_URL: 'https://scim.example.com/api/scim/',
      }),
    ).toEqual({
      tables: { kind: 'identity', endpoint: 'https://people.table.core.windows.net' },
      publicBaseUrl: 'https://scim.example.com/api/scim',
    })
  })

  test('names everything that is missing or wrong in one message', () => {
    expect(() =>
      readConfig({
        TABLES_CONNECTION_STRING: 'nonsense',
        TABLES_ENDPOINT: 'http://people.table.core.windows.net',
        PUBLIC_BASE_URL: 'https://scim.example.com/',
      }),
    ).toThrow(/TABLES_CONNECTION_STRING .*TABLES_ENDPOINT .*PUBLIC_BASE_URL /)
    expect(() => readConfig({})).toThrow(/TABLES_ENDPOINT or TABLES_CONNECTION_STRING must be set/)
  })

  test.each<[settings: Record<string, string>, named: string]>([
    [{ TABLES_CONNECTION_STRING: AZURITE.replace('127.0.0.1', 'people.example') }, 'loopback'],
    [{ TABLES_CONNECTION_STRING: AZURITE, TABLES_ENDPOINT: 'https://people.example' }, 'not both'],
    [
      { TABLES_CONNECTION_STRING: AZURITE, PUBLIC_BASE_URL: 'http://people.example/api/scim' },
      'PUBLIC_BASE_URL',
    ],
    [
      { TABLES_CONNECTION_STRING: AZURITE, PUBLIC_BASE_URL: 'https://h/api/scim?tenant=1' },
      'PUBLIC_BASE_URL',
    ],
    [{ TABLES_CONNECTION_STRING: AZURITE.replace('http://127', 'ftp://127') }, 'loopback'],
    [
      {
        TABLES_CONNECTION_STRING:
          'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://people.example',
      },
      'loopback',
    ],
    ...['ftp://localhost/api/scim', 'file://localhost/api/scim', 'localhost:7071/api/scim'].map(
      (url): [Record<string, string>, string] => [
        { TABLES_CONNECTION_STRING: AZURITE, PUBLIC_BASE_URL: url },
        'PUBLIC_BASE_URL must be the Tenant URL',
      ],
    ),
  ])('refuses %o', (settings, named) => {
    expect(() => readConfig(settings)).toThrow(named)
  })

  test('does not repeat a secret in its message', () => {
    const settings = {
      TABLES_CONNECTION_STRING: 'AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=ftp://x',
    }
    expect(() => readConfig(settings)).toThrow(/^(?!.*c2VjcmV0)/s)
  })

  test('local.settings.example.json has exactly these settings, and what the Functions host wants', () => {
    const file = z
      .object({ Values: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync('local.settings.example.json', 'utf8')))
    const hosts = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage']
    expect(Object.keys(file.Values).toSorted()).toEqual([...SETTING_NAMES, ...hosts].toSorted())
    expect(() => readConfig(file.Values)).not.toThrow()
  })
})
