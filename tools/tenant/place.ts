import { ConfigError, readConfig, type Config } from '../../lib/config.ts'
import { SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject } from '../../lib/scim/json.ts'
import type { OptionValues } from './command-line.ts'

/** Where a command works, and who said so. */
export interface Place extends Config {
  readonly source: string
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

const NOWHERE =
  'nothing says where the tables are: give --endpoint https://<account>.table.core.windows.net (after az login) or ' +
  '--storage "<connection string>", set TABLES_ENDPOINT or TABLES_CONNECTION_STRING, or keep npm start running'

/**
 * Where the tables are: the options, else the environment, else local.settings.json, else the local host that runs.
 * @throws PlaceError in one line.
 */
export function findPlace(options: OptionValues, surroundings: Surroundings): Place {
  const { environment, readText } = surroundings
  const candidates: readonly (readonly [string, () => Settings])[] = [
    [options.storage === undefined ? '--endpoint' : '--storage', () => fromOptions(options)],
    ['the environment', () => environment],
    ['local.settings.json', () => fromLocalSettings(readText('local.settings.json'))],
    ['npm start', () => fromLocalHost(readText('.azurite/local-host.json'))],
  ]
  for (const [source, read] of candidates) {
    const settings = read()
    if (isBlank(settings['TABLES_ENDPOINT']) && isBlank(settings['TABLES_CONNECTION_STRING'])) {
      continue
    }
    const url = options.url ?? environment['PUBLIC_BASE_URL'] ?? settings['PUBLIC_BASE_URL']
    return { ...checked(source, { ...settings, PUBLIC_BASE_URL: withPath(url) }), source }
  }
  throw new PlaceError(NOWHERE)
}

function checked(source: string, settings: Settings): Config {
  try {
    return readConfig(settings)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new PlaceError(`${source}: ${error.message}`, { cause: error })
  }
}

function fromOptions(options: OptionValues): Settings {
  return { TABLES_CONNECTION_STRING: options.storage, TABLES_ENDPOINT: options.endpoint }
}

function fromLocalSettings(text: string | undefined): Settings {
  const values = own(parsed('local.settings.json', text), 'Values')
  return {
    TABLES_CONNECTION_STRING: ownText(values, 'TABLES_CONNECTION_STRING'),
    TABLES_ENDPOINT: ownText(values, 'TABLES_ENDPOINT'),
    PUBLIC_BASE_URL: ownText(values, 'PUBLIC_BASE_URL'),
  }
}

function fromLocalHost(text: string | undefined): Settings {
  const written = parsed('.azurite/local-host.json', text)
  return {
    TABLES_CONNECTION_STRING: ownText(written, 'connectionString'),
    PUBLIC_BASE_URL: ownText(written, 'baseUrl'),
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
