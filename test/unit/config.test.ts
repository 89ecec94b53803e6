import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  oauthKeysOf,
  readConfig,
  SETTING_NAMES,
  settingWarnings,
  signingKeysOf,
} from '../../lib/config.ts'
import { BODY_LIMIT } from '../../tools/local-host/body-limit.ts'
import { openTables } from '../../lib/storage/table/tables.ts'

const AZURITE =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;'

describe('readConfig', () => {
  test.each([
    'UseDevelopmentStorage=true',
    'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1',
    AZURITE,
    'defaultendpointsprotocol=https;accountname=a;accountkey=a2V5;endpointsuffix=core.windows.net',
    'TableEndpoint=https://a.table.core.windows.net;SharedAccessSignature=sv=2024&sig=x%3D',
    'TableEndpoint=http://127.0.0.1:10002/a/;SharedAccessSignature=sig=x',
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

  test('takes the URN of the people extension', () => {
    const peopleUrn = 'urn:ietf:params:scim:schemas:extension:northwind:2.0:User'
    const given = { TABLES_CONNECTION_STRING: AZURITE, PEOPLE_EXTENSION_URN: ` ${peopleUrn} ` }
    expect(readConfig(given)).toMatchObject({ peopleUrn })
    expect(readConfig({ ...given, PEOPLE_EXTENSION_URN: '' })).not.toHaveProperty('peopleUrn')
  })

  test.each([
    [
      'northwind',
      'must be the URN of an extension, urn:ietf:params:scim:schemas:extension:<product>',
    ],
    ['urn:ietf:params:scim:schemas:core:2.0:User', 'must be the URN of an extension, urn:ietf:'],
    [
      'urn:ietf:params:scim:schemas:extension:Enterprise:2.0:User',
      'must not be read as the URN of another schema, urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    ],
  ])('says what is wrong with the PEOPLE_EXTENSION_URN %s', (urn, right) => {
    const read = (): unknown =>
      readConfig({ TABLES_CONNECTION_STRING: AZURITE, PEOPLE_EXTENSION_URN: urn })
    expect(read).toThrow(`PEOPLE_EXTENSION_URN ${right}`)
  })

  test.each([
    ['https://people.example', 'https://people.example/api/scim.'],
    ['https://people.example:8443/scim/', 'https://people.example:8443/api/scim.'],
    ['https://people.example/api/scim?tenant=1', 'https://people.example/api/scim.'],
    ['https://ada:secret@people.example', 'https://people.example/api/scim.'],
    ['http://localhost:7071', 'http://localhost:7071/api/scim.'],
    ['http://people.example', 'https://<host>/api/scim (plain http only on loopback).'],
    ['people.example', 'https://<host>/api/scim (plain http only on loopback).'],
  ])('says that PUBLIC_BASE_URL %s must be %s', (url, right) => {
    const read = (): unknown =>
      readConfig({ TABLES_CONNECTION_STRING: AZURITE, PUBLIC_BASE_URL: url })
    expect(read).toThrow(`PUBLIC_BASE_URL must be the Tenant URL: ${right}`)
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

  test.each([
    ['AccountName=a;AccountKey=a2V5', 'without DefaultEndpointsProtocol and EndpointSuffix'],
    ['DefaultEndpointsProtocol=https;AccountKey=a2V5', 'without AccountName and EndpointSuffix'],
    [AZURITE.replace('devstoreaccount1;', ';'), 'without AccountName.'],
    [AZURITE.replace('AccountKey=a2V5;', ''), 'without AccountKey.'],
    ['SharedAccessSignature=sig=x', 'without TableEndpoint.'],
    [
      'TableEndpoint=https://a.example;SharedAccessSignature=s',
      'TableEndpoint that names no account',
    ],
    [`${AZURITE}devstoreaccount1`, 'is no connection string: that consists of name=value'],
    ['=x', 'is no connection string: that consists of name=value'],
    [
      'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net',
      'is for no https endpoint (plain http only on loopback)',
    ],
    [
      'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;TableEndpoint=a.example',
      'is for no https endpoint',
    ],
  ])('says of %s that it is %s', (connectionString, problem) => {
    const read = (): unknown => readConfig({ TABLES_CONNECTION_STRING: connectionString })
    expect(read).toThrow(`TABLES_CONNECTION_STRING`)
    expect(read).toThrow(problem)
    expect(read).not.toThrow(/a2V5|sig=x/)
  })

  test.each([
    'UseDevelopmentStorage=true',
    AZURITE,
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net',
    'TableEndpoint=https://a.table.core.windows.net;SharedAccessSignature=sv=2024&sig=x%3D',
    'TableEndpoint=http://127.0.0.1:10002/a/;SharedAccessSignature=sig=x',
  ])('takes nothing that the SDK cannot read: %s', async (connectionString) => {
    const { tables } = readConfig({ TABLES_CONNECTION_STRING: connectionString })
    await expect(openTables(tables)).resolves.toHaveProperty('users')
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
    const hosts = ['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage', BODY_LIMIT]
    expect(Object.keys(file.Values).toSorted()).toEqual([...SETTING_NAMES, ...hosts].toSorted())
    expect(() => readConfig(file.Values)).not.toThrow()
  })
})

describe('the keys of OAuth', () => {
  const keyId = 'https://people.vault.azure.net/keys/scim'
  const azure = { TABLES_ENDPOINT: 'https://people.table.core.windows.net' }
  const url = { PUBLIC_BASE_URL: 'https://scim.example/api/scim' }
  const vault = { kind: 'vault', keyId }

  test.each<[string, Record<string, string>, object | undefined]>([
    ['on Azure with both settings', { ...azure, ...url, KEY_VAULT_KEY_ID: keyId }, vault],
    ['on Azure without a key', { ...azure, ...url }, undefined],
    ['on Azure with a file', { ...azure, ...url, OAUTH_KEY_FILE: 'keys.json' }, undefined],
    ['on Azure without a Tenant URL', { ...azure, KEY_VAULT_KEY_ID: keyId }, undefined],
    [
      'with an account by its key',
      {
        TABLES_CONNECTION_STRING:
          'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net',
        ...url,
      },
      undefined,
    ],
    [
      'in emulation',
      { TABLES_CONNECTION_STRING: AZURITE },
      { kind: 'file', file: '.azurite/oauth-keys.json' },
    ],
    [
      'in emulation with a file',
      { TABLES_CONNECTION_STRING: 'UseDevelopmentStorage=true', OAUTH_KEY_FILE: 'keys.json' },
      { kind: 'file', file: 'keys.json' },
    ],
    [
      'in emulation with a vault',
      { TABLES_CONNECTION_STRING: AZURITE, KEY_VAULT_KEY_ID: keyId },
      vault,
    ],
  ])('%s', (_case, settings, keys) => {
    expect(oauthKeysOf(readConfig(settings))).toEqual(keys)
  })

  test('can be rotated without a Tenant URL', () => {
    expect(signingKeysOf(readConfig({ ...azure, KEY_VAULT_KEY_ID: keyId }))).toEqual(vault)
  })

  test.each([keyId, `${keyId}/`, `${keyId}/${'0123456789abcdef'.repeat(2)}`])('takes %s', (id) => {
    expect(readConfig({ ...azure, KEY_VAULT_KEY_ID: id }).keyVaultKeyId).toBe(id)
  })

  test.each([
    'people',
    'http://people.vault.azure.net/keys/scim',
    'https://people.vault.azure.net/secrets/scim',
    'https://people.vault.azure.net/keys/',
    'https://people.vault.azure.net/keys/scim/newest',
    `${keyId}?version=1`,
  ])('refuses %s', (id) => {
    expect(() => readConfig({ ...azure, KEY_VAULT_KEY_ID: id })).toThrow(
      'KEY_VAULT_KEY_ID must be the id of a key in Key Vault, https://<vault>',
    )
  })

  test('refuses a page for customers that is not https', () => {
    expect(() => readConfig({ ...azure, DOCUMENTATION_URL: 'vendor.example' })).toThrow(
      'DOCUMENTATION_URL must be an https URL: the page that tells',
    )
  })
})

test('npm keeps no logs, which would have what stands on a command line', () => {
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^logs-max=0$/m)
})

describe('settingWarnings', () => {
  const publicBaseUrl = 'https://scim.example/api/scim'

  test.each([
    ['on Azure without PUBLIC_BASE_URL', {}, { WEBSITE_INSTANCE_ID: 'a1' }, 1],
    ['on another plan of it', {}, { WEBSITE_SITE_NAME: 'people' }, 1],
    ['on Azure with it', { publicBaseUrl }, { WEBSITE_INSTANCE_ID: 'a1' }, 0],
    ['elsewhere', {}, { WEBSITE_INSTANCE_ID: '' }, 0],
  ])('%s', (_case, config, environment, count) => {
    const warnings = settingWarnings(config, environment)
    expect(warnings).toHaveLength(count)
    for (const warning of warnings) expect(warning).toMatch(/^PUBLIC_BASE_URL is not set: [^\n]*$/)
  })
})
