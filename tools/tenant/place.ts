import { resolve } from 'node:path'
import { ConfigError, readConfig, type Config, type SettingProblem } from '../../lib/config.ts'
import { SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject } from '../../lib/scim/json.ts'
import { UsageError } from '../command-line.ts'
import type { OptionValues } from './command-line.ts'

/** Where a command works, and who said so. */
export interface Place extends Config {
  readonly source: string
  /** An option said so, nothing that lies around. */
  readonly given: boolean
  /** The file that the running local host has written, when that is the source. */
  readonly file?: string
}

/** Nothing, or something wrong, says where the tables are. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError'
}

type Settings = Readonly<Record<string, string | undefined>>

/** What the tool can look at. */
export interface Surroundings {
  readonly environment: Settings
  /** The text of a file of the project, undefined when there is none. */
  readonly readText: (path: string) => string | undefined
}

const LOCAL_HOST = '.azurite/local-host.json'

const NOWHERE =
  'nothing says where the tables are: set TABLES_ENDPOINT or give --endpoint https://<account>.table.core.windows.net (after az login), ' +
  'set TABLES_CONNECTION_STRING, give --storage "<connection string>" of an emulator, or keep npm start running (--data DIRECTORY if it has that)'

interface Candidate {
  readonly source: string
  readonly given: boolean
  readonly file?: string
  readonly read: () => Settings
}

/**
 * Where the tables are: the options, else the environment, else the local host that runs, else local.settings.json,
 * which may be no more than a copy of the example.
 * @throws PlaceError, UsageError in one line.
 */
export function findPlace(options: OptionValues, surroundings: Surroundings): Place {
  const { environment } = surroundings
  if (options.url !== undefined) checkUrl(options.url)
  for (const { read, ...candidate } of candidates(options, surroundings)) {
    const settings = read()
    if (isBlank(settings['TABLES_ENDPOINT']) && isBlank(settings['TABLES_CONNECTION_STRING'])) {
      continue
    }
    const url = options.url ?? environment['PUBLIC_BASE_URL']
    const sources = {
      tables: candidate.source,
      url: url === undefined ? candidate.source : 'the environment',
    }
    const publicBaseUrl = withPath(url ?? settings['PUBLIC_BASE_URL'])
    const config = checked(sources, {
      ...settings,
      ...appSettings(environment),
      PUBLIC_BASE_URL: publicBaseUrl,
    })
    return { ...config, ...candidate }
  }
  throw new PlaceError(NOWHERE)
}

/**
 * Which key signs access tokens, and what the people extension is called, no option says, and it is no secret: the
 * environment goes before what lies around.
 */
function appSettings(environment: Settings): Settings {
  return Object.fromEntries(
    APP_SETTINGS.flatMap((name) => {
      const value = environment[name]
      return isBlank(value) ? [] : [[name, value]]
    }),
  )
}

const APP_SETTINGS = ['KEY_VAULT_KEY_ID', 'OAUTH_KEY_FILE', 'PEOPLE_EXTENSION_URN'] as const

function candidates(
  options: OptionValues,
  { environment, readText }: Surroundings,
): readonly Candidate[] {
  const { storage, endpoint, data } = options
  if (data !== undefined) {
    const file = resolve(data, 'local-host.json')
    const read = (): Settings => fromLocalHost(file, readText(file) ?? notRunning(data, file))
    return [{ source: 'npm start', given: true, file, read }]
  }
  if (storage !== undefined || endpoint !== undefined) {
    const settings = { TABLES_CONNECTION_STRING: storage, TABLES_ENDPOINT: endpoint }
    const source = storage === undefined ? '--endpoint' : '--storage'
    if (isBlank(storage ?? endpoint)) throw new UsageError(`${source} is empty`)
    return [{ source, given: true, read: () => settings }]
  }
  return [
    { source: 'the environment', given: false, read: () => environment },
    {
      source: 'npm start',
      given: false,
      file: LOCAL_HOST,
      read: () => fromLocalHost(LOCAL_HOST, readText(LOCAL_HOST)),
    },
    {
      source: 'local.settings.json',
      given: false,
      read: () => fromLocalSettings(readText('local.settings.json')),
    },
  ]
}

/** Whose tables are used and where they are, without what is secret in a connection string. */
export function describePlace({ tables, source }: Place): string {
  const whose = source === 'npm start' ? "npm start's tables" : `the tables that ${source} names`
  return `${whose}, ${addressOf(tables)}`
}

function addressOf(tables: Config['tables']): string {
  if (tables.kind === 'identity') return tables.endpoint
  const { connectionString } = tables
  const endpoint = /TableEndpoint=([^;?]+)/i.exec(connectionString)?.[1]
  const account = /AccountName=([^;]+)/i.exec(connectionString)?.[1]
  return endpoint ?? (account === undefined ? 'UseDevelopmentStorage=true' : `account ${account}`)
}

function notRunning(data: string, file: string): never {
  throw new PlaceError(`no npm start -- --data ${data} is running: there is no ${file}`)
}

function checkUrl(url: string): void {
  try {
    const storage = 'UseDevelopmentStorage=true'
    const settings = { TABLES_CONNECTION_STRING: storage, PUBLIC_BASE_URL: withPath(url) }
    if (readConfig(settings).publicBaseUrl !== undefined) return
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
  }
  const right = `https://<host>${SCIM_PATH} (plain http only on loopback)`
  throw new UsageError(`--url must be the Tenant URL, ${right}, not "${url}"`)
}

/** Who said where the tables are, and who said which the Tenant URL is. */
interface Sources {
  readonly tables: string
  readonly url: string
}

function checked(sources: Sources, settings: Settings): Config {
  try {
    return readConfig(settings)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const blamed = error.problems.map((each) => blame(sources, each))
    const message = blamed.join('; ')
    const ofOption = blamed.some((each) => each.startsWith('--'))
    throw ofOption ? new UsageError(message) : new PlaceError(message, { cause: error })
  }
}

/** Names what the operator wrote: an option stands for the setting that it gives. */
function blame({ tables, url }: Sources, { setting, problem }: SettingProblem): string {
  const source = sourceOf(setting, { tables, url })
  return source.startsWith('--') ? `${source} ${problem}` : `${source}: ${setting} ${problem}`
}

function sourceOf(setting: string, { tables, url }: Sources): string {
  if (setting === 'PUBLIC_BASE_URL') return url
  // An option never says it.
  const ofApp = APP_SETTINGS.some((name) => name === setting)
  return ofApp && tables.startsWith('--') ? 'the environment' : tables
}

function fromLocalSettings(text: string | undefined): Settings {
  const values = own(parsed('local.settings.json', text), 'Values')
  return {
    TABLES_CONNECTION_STRING: ownText(values, 'TABLES_CONNECTION_STRING'),
    TABLES_ENDPOINT: ownText(values, 'TABLES_ENDPOINT'),
    PUBLIC_BASE_URL: ownText(values, 'PUBLIC_BASE_URL'),
    KEY_VAULT_KEY_ID: ownText(values, 'KEY_VAULT_KEY_ID'),
    OAUTH_KEY_FILE: ownText(values, 'OAUTH_KEY_FILE'),
    PEOPLE_EXTENSION_URN: ownText(values, 'PEOPLE_EXTENSION_URN'),
  }
}

function fromLocalHost(file: string, text: string | undefined): Settings {
  const written = parsed(file, text)
  return {
    TABLES_CONNECTION_STRING: ownText(written, 'connectionString'),
    PUBLIC_BASE_URL: ownText(written, 'baseUrl'),
    OAUTH_KEY_FILE: ownText(written, 'oauthKeyFile'),
  }
}

function parsed(path: string, text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PlaceError(`${path} is no JSON`, { cause: error })
  }
}

function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function ownText(value: unknown, name: string): string | undefined {
  const text = own(value, name)
  return typeof text === 'string' ? text : undefined
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === ''
}

/** A host alone stands for its Tenant URL. */
function withPath(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url) || new URL(url).pathname !== '/') return url
  return new URL(url).origin + SCIM_PATH
}
