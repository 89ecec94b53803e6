import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ScimError } from '../../../lib/scim/errors.ts'
import type { OptionValues } from '../../../tools/tenant/command-line.ts'
import { describePlace, findPlace, type Place } from '../../../tools/tenant/place.ts'
import { aDesk } from './tenant-terminal.ts'

const DEVELOPMENT = 'UseDevelopmentStorage=true'
const WITH_KEY = 'AccountName=a;AccountKey=c2VjcmV0a2V5'
const ACCOUNT = `DefaultEndpointsProtocol=https;${WITH_KEY};EndpointSuffix=core.windows.net`
const AZURITE = `DefaultEndpointsProtocol=http;${WITH_KEY};TableEndpoint=http://127.0.0.1:1/a`
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
      given: true,
    })
  })

  test('where --endpoint says, with the Azure login', () => {
    const environment = { TABLES_CONNECTION_STRING: ACCOUNT }
    expect(find({ endpoint: ENDPOINT }, environment, FILES)).toEqual({
      tables: { kind: 'identity', endpoint: ENDPOINT },
      source: '--endpoint',
      given: true,
    })
  })

  test('where the environment says, before the files', () => {
    const environment = { TABLES_ENDPOINT: ENDPOINT, PUBLIC_BASE_URL: 'https://c.example/api/scim' }
    expect(find({}, environment, FILES)).toEqual({
      tables: { kind: 'identity', endpoint: ENDPOINT },
      publicBaseUrl: 'https://c.example/api/scim',
      source: 'the environment',
      given: false,
    })
  })

  test('where the running local host says, before local.settings.json', () => {
    expect(find({}, { TABLES_ENDPOINT: ' ' }, FILES)).toEqual(AT_LOCAL_HOST)
  })

  test.each([
    ['no file of a local host', undefined],
    ['one of another form', ['x']],
  ])('where local.settings.json says, with %s', (_, localHost) => {
    const files = { ...FILES, '.azurite/local-host.json': localHost }
    expect(find({}, {}, files)).toEqual({
      tables: { kind: 'connectionString', connectionString: DEVELOPMENT },
      publicBaseUrl: 'https://b.example/api/scim',
      source: 'local.settings.json',
      given: false,
    })
  })

  test('at the local host that has the --data, before all others', () => {
    const file = resolve('elsewhere', 'local-host.json')
    const environment = { TABLES_ENDPOINT: ENDPOINT }
    const files = { ...FILES, [file]: { ...LOCAL_HOST, connectionString: ACCOUNT } }
    expect(find({ data: 'elsewhere' }, environment, files)).toMatchObject({
      tables: { kind: 'connectionString', connectionString: ACCOUNT },
      source: 'npm start',
      given: true,
      file,
    })
  })

  test.each([
    ['no local.settings.json', undefined],
    ['one without Values', { IsEncrypted: false }],
    ['one with other Values', { Values: { FUNCTIONS_WORKER_RUNTIME: 'node' } }],
    ['one of another form', ['x']],
  ])('nowhere, with %s', (_, settings) => {
    expect(() => find({}, {}, { 'local.settings.json': settings })).toThrow(
      'nothing says where the tables are',
    )
  })
})

/** What is said of the place, with a tenant acme and a local host that runs. */
async function said(...args: readonly string[]): Promise<string | undefined> {
  const desk = aDesk()
  desk.environment = {}
  desk.files = { '.azurite/local-host.json': JSON.stringify(LOCAL_HOST) }
  await desk.run('create', 'acme')
  return (await desk.run(...args)).using
}

describe('which place it is', () => {
  test('is said when no option said it', async () => {
    expect(await said('list')).toBe("using npm start's tables, http://127.0.0.1:1/a")
  })

  test('is said before every delete, and not of other options', async () => {
    expect(await said('list', '--storage', ACCOUNT)).toBeUndefined()
    expect(await said('delete', 'acme', '--yes', '--storage', ACCOUNT)).toBe(
      'using the tables that --storage names, account a',
    )
  })

  test.each([
    [{ TABLES_ENDPOINT: ENDPOINT }, `the tables that the environment names, ${ENDPOINT}`],
    [
      { TABLES_CONNECTION_STRING: DEVELOPMENT },
      `the tables that the environment names, ${DEVELOPMENT}`,
    ],
  ])('has no secrets in it: %j', (environment, expected) => {
    expect(describePlace(find({}, environment, {}))).toBe(expected)
  })

  test('is named with its file when nobody answers there', async () => {
    const cause = Object.assign(new Error('x'), { name: 'RestError', code: 'ECONNREFUSED' })
    const desk = aDesk()
    desk.environment = {}
    desk.files = { '.azurite/local-host.json': JSON.stringify(LOCAL_HOST) }
    desk.store.summaries = () => Promise.reject(new ScimError('unavailable', 'x', { cause }))
    const { code, err } = await desk.run('list')
    expect([code, err]).toEqual([
      1,
      'the storage named by npm start in .azurite/local-host.json does not answer (ECONNREFUSED); ' +
        'npm start was killed: start it again, or remove that file',
    ])
  })
})

const AT_LOCAL_HOST = {
  tables: { kind: 'connectionString', connectionString: AZURITE },
  publicBaseUrl: 'http://localhost:7071/api/scim',
  source: 'npm start',
  given: false,
  file: '.azurite/local-host.json',
}

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
    ['plain http', { endpoint: 'http://a.example' }, {}, '^--endpoint must be an https URL'],
    ['no connection string', { storage: 'secret' }, {}, '^--storage is no connection string'],
    [
      'half of a connection string',
      { storage: WITH_KEY },
      {},
      '^--storage is a connection string without DefaultEndpointsProtocol',
    ],
    ['another path', { storage: ACCOUNT, url: 'https://a.example/x' }, {}, '/api/scim'],
    [
      'two places',
      {},
      { TABLES_ENDPOINT: ENDPOINT, TABLES_CONNECTION_STRING: ACCOUNT },
      '^the environment: .*not both',
    ],
    [
      'a wrong Tenant URL in the environment',
      { storage: ACCOUNT },
      { PUBLIC_BASE_URL: 'https://c.example/scim' },
      '^the environment: PUBLIC_BASE_URL must be the Tenant URL: https://c.example/api/scim$',
    ],
  ])('when it is %s, without the value', (_, options, environment, message) => {
    const refused = (): Place => find(options, environment, {})
    expect(refused).toThrow(new RegExp(message))
    expect(refused).not.toThrow(/secret|c2VjcmV0/)
  })

  test('with 2 when the option is the mistake, and without the name of a setting', async () => {
    const { code, err } = await aDesk().run('list', '--storage', 'nonsense')
    expect(code).toBe(2)
    expect(err).toMatch(/^--storage is no connection string: [^\n]*\nnpm run tenant -- --help/)
    expect(err).not.toContain('TABLES_CONNECTION_STRING')
  })

  test.each(['not a url', 'http://a.example', 'https://a.example/x', '', ' '])(
    'when --url is %j, with --url to blame',
    async (url) => {
      const { code, err } = await aDesk().run('create', 'acme', '--url', url)
      expect(code).toBe(2)
      expect(err).toMatch(/^--url must be the Tenant URL, https:.*\/api\/scim/)
    },
  )

  test('when no host runs with that --data', async () => {
    const { code, err } = await aDesk().run('list', '--data', 'elsewhere')
    expect(code).toBe(1)
    expect(err).toMatch(
      /^no npm start -- --data elsewhere is running: there is no .*local-host.json$/,
    )
  })

  test('when a file is no JSON', async () => {
    const desk = aDesk()
    desk.environment = {}
    desk.files = { 'local.settings.json': '{' }
    expect((await desk.run('list')).err).toBe('local.settings.json is no JSON')
  })
})
