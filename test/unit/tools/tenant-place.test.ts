import { describe, expect, test } from 'vitest'
import type { OptionValues } from '../../../tools/tenant/command-line.ts'
import { findPlace, type Place } from '../../../tools/tenant/place.ts'
import { aDesk } from './tenant-terminal.ts'

const DEVELOPMENT = 'UseDevelopmentStorage=true'
const ACCOUNT = 'AccountName=a;AccountKey=c2VjcmV0a2V5'
const AZURITE = `${ACCOUNT};TableEndpoint=http://127.0.0.1:1/a`
const ENDPOINT = 'https://a.table.core.windows.net'

function find(
  options: OptionValues,
  environment: Record<string, string>,
  files: Record<string, unknown>,
): Place {
  const readText = (path: string): string | undefined =>
    files[path] === undefined ? undefined : JSON.stringify(files[path])
  return findPlace(options, { environment, readText })
}

const LOCAL_SETTINGS = {
  IsEncrypted: false,
  Values: { TABLES_CONNECTION_STRING: DEVELOPMENT, PUBLIC_BASE_URL: 'https://b.example/api/scim' },
}
const LOCAL_HOST = { connectionString: AZURITE, baseUrl: 'http://localhost:7071/api/scim' }
const FILES = { 'local.settings.json': LOCAL_SETTINGS, '.azurite/local-host.json': LOCAL_HOST }

describe('the tables are', () => {
  test('where --storage says, before all others', () => {
    const environment = { TABLES_ENDPOINT: ENDPOINT }
    expect(find({ storage: ACCOUNT }, environment, FILES)).toEqual({
      tables: { kind: 'connectionString', connectionString: ACCOUNT },
      source: '--storage',
    })
  })

  test('where --endpoint says, with the Azure login', () => {
    const environment = { TABLES_CONNECTION_STRING: ACCOUNT }
    expect(find({ endpoint: ENDPOINT }, environment, FILES)).toEqual({
      tables: { kind: 'identity', endpoint: ENDPOINT },
      source: '--endpoint',
    })
  })

  test('where the environment says, before the files', () => {
    const environment = { TABLES_ENDPOINT: ENDPOINT, PUBLIC_BASE_URL: 'https://c.example/api/scim' }
    expect(find({}, environment, FILES)).toEqual({
      tables: { kind: 'identity', endpoint: ENDPOINT },
      publicBaseUrl: 'https://c.example/api/scim',
      source: 'the environment',
    })
  })

  test('where local.settings.json says', () => {
    expect(find({}, { TABLES_ENDPOINT: ' ' }, FILES)).toEqual({
      tables: { kind: 'connectionString', connectionString: DEVELOPMENT },
      publicBaseUrl: 'https://b.example/api/scim',
      source: 'local.settings.json',
    })
  })

  test.each([
    ['no local.settings.json', undefined],
    ['one without Values', { IsEncrypted: false }],
    ['one with other Values', { Values: { FUNCTIONS_WORKER_RUNTIME: 'node' } }],
    ['one of another form', ['x']],
  ])('at the local host, with %s', (_, settings) => {
    const files = { ...FILES, 'local.settings.json': settings }
    expect(find({}, {}, files)).toEqual({
      tables: { kind: 'connectionString', connectionString: AZURITE },
      publicBaseUrl: 'http://localhost:7071/api/scim',
      source: 'npm start',
    })
  })
})

describe('the Tenant URL', () => {
  test.each([
    ['--url', { url: 'https://u.example' }, { PUBLIC_BASE_URL: 'https://e.example/api/scim' }, 'u'],
    ['the environment', {}, { PUBLIC_BASE_URL: 'https://e.example/api/scim' }, 'e'],
  ])('is what %s says', (_, options, environment, host) => {
    const { publicBaseUrl } = find(options, environment, FILES)
    expect(publicBaseUrl).toBe(`https://${host}.example/api/scim`)
  })

  test('gets its path when the local host tells its origin only', () => {
    const local = { ...LOCAL_HOST, baseUrl: 'http://localhost:7071' }
    const { publicBaseUrl } = find({}, {}, { '.azurite/local-host.json': local })
    expect(publicBaseUrl).toBe('http://localhost:7071/api/scim')
  })
})

describe('refused in one line', () => {
  test('when nothing says where, with what can be given', async () => {
    const desk = aDesk()
    desk.environment = {}
    const { code, out, err } = await desk.run('list')
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^nothing says where the tables are: .*--endpoint .*--storage .*npm start/)
    expect(err).not.toContain('\n')
  })

  test.each<readonly [string, OptionValues, Record<string, string>, string]>([
    ['plain http', { endpoint: 'http://a.example' }, {}, '--endpoint: .*https'],
    ['no connection string', { storage: 'secret' }, {}, '--storage: .*connection string'],
    ['another path', { storage: ACCOUNT, url: 'https://a.example/x' }, {}, '/api/scim'],
    [
      'two places',
      {},
      { TABLES_ENDPOINT: ENDPOINT, TABLES_CONNECTION_STRING: ACCOUNT },
      'the environment: .*not both',
    ],
  ])('when it is %s, without the value', (_, options, environment, message) => {
    const refused = (): Place => find(options, environment, {})
    expect(refused).toThrow(new RegExp(message))
    expect(refused).not.toThrow(/secret|c2VjcmV0/)
  })

  test('when a file is no JSON', async () => {
    const desk = aDesk()
    desk.environment = {}
    desk.files = { 'local.settings.json': '{' }
    expect((await desk.run('list')).err).toBe('local.settings.json is no JSON')
  })
})
