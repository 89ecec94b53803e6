import * as z from 'zod'
import { SCIM_PATH } from './http/routes.ts'
import { isLoopback } from './loopback.ts'
import { isOnAzure } from './on-azure.ts'
import { extensionUrnProblem } from './scim/extension-urn.ts'
import { URN } from './scim/urn.ts'
import type { TableConnection } from './storage/table/tables.ts'

/** What the app reads from its settings; every key is in local.settings.example.json and in the README. */
export interface Config {
  readonly tables: TableConnection
  /** The Tenant URL, without a slash at its end; absent: taken from each request. */
  readonly publicBaseUrl?: string
  /** The Key Vault key that signs access tokens. */
  readonly keyVaultKeyId?: string
  /** In emulation, and without the other: the file of the keys that sign access tokens. */
  readonly oauthKeyFile?: string
  /** The page for customers that discovery links to. */
  readonly documentationUrl?: string
  /** The URN of the people extension. */
  readonly peopleUrn?: string
}

/** Where the keys are that sign access tokens. */
export type SigningKeys =
  | { readonly kind: 'vault'; readonly keyId: string }
  | { readonly kind: 'file'; readonly file: string }

/** What is wrong with a setting: its name and this, put together, are a sentence. */
export interface SettingProblem {
  readonly setting: string
  readonly problem: string
}

/** The settings as one message: what is wrong with each of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly SettingProblem[]

  constructor(problems: readonly SettingProblem[]) {
    const sentences = problems.map(({ setting, problem }) => `${setting} ${problem}`)
    super(`The settings are not right. ${sentences.join('; ')}.`)
    this.problems = problems
  }
}

const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional()

/** Extensions that every tenant has beside that of people. */
const OTHER_EXTENSIONS = [URN.enterpriseUser]

const SETTINGS = z
  .object({
    TABLES_CONNECTION_STRING: optionalText.superRefine((text, context) => {
      const problem = text === undefined ? undefined : connectionStringProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
    TABLES_ENDPOINT: optionalText.refine(
      (text) => text === undefined || isHttps(text),
      'must be an https URL, such as https://<account>.table.core.windows.net',
    ),
    PUBLIC_BASE_URL: optionalText.superRefine((text, context) => {
      if (text === undefined || isTenantUrl(text)) return
      context.addIssue({ code: 'custom', message: `must be the Tenant URL: ${rightUrl(text)}` })
    }),
    KEY_VAULT_KEY_ID: optionalText.refine(
      (text) => text === undefined || isKeyId(text),
      'must be the id of a key in Key Vault, https://<vault>.vault.azure.net/keys/<name>',
    ),
    OAUTH_KEY_FILE: optionalText,
    DOCUMENTATION_URL: optionalText.refine(
      (text) => text === undefined || isHttps(text),
      'must be an https URL: the page that tells your customers how to connect',
    ),
    PEOPLE_EXTENSION_URN: optionalText.superRefine((text, context) => {
      const problem = text === undefined ? undefined : extensionUrnProblem(text, OTHER_EXTENSIONS)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
  })
  .refine(
    (settings) =>
      (settings.TABLES_CONNECTION_STRING === undefined) !==
      (settings.TABLES_ENDPOINT === undefined),
    {
      path: ['TABLES_ENDPOINT'],
      message:
        'or TABLES_CONNECTION_STRING must be set, and not both: where Table Storage is, by managed identity or by connection string',
    },
  )

/** Where the local host says what its Tenant URL is; no setting of the app. */
export const LOCAL_BASE_URL = 'LOCAL_TENANT_URL'

/** Where the app's settings come from. */
export const ENVIRONMENT: Readonly<Record<string, string | undefined>> = process.env

/** The names of all settings; a test compares them with local.settings.example.json and the README. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS.shape)

/** Those for use on one's own machine: what is deployed has an identity, and its keys in Key Vault. */
export const LOCAL_SETTING_NAMES: readonly string[] = [
  'TABLES_CONNECTION_STRING',
  'OAUTH_KEY_FILE',
] satisfies (keyof typeof SETTINGS.shape)[]

/**
 * Reads the settings, from the environment unless others are given.
 * @throws ConfigError whose one message names every setting that is missing or wrong.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = ENVIRONMENT,
): Config {
  const parsed = SETTINGS.safeParse(environment)
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path, message }) => {
        return { setting: path.join('.'), problem: message }
      }),
    )
  }
  const { TABLES_CONNECTION_STRING, TABLES_ENDPOINT, PUBLIC_BASE_URL } = parsed.data
  const { KEY_VAULT_KEY_ID, OAUTH_KEY_FILE, DOCUMENTATION_URL, PEOPLE_EXTENSION_URN } = parsed.data
  return {
    tables:
      TABLES_CONNECTION_STRING === undefined
        ? { kind: 'identity', endpoint: TABLES_ENDPOINT ?? '' }
        : { kind: 'connectionString', connectionString: TABLES_CONNECTION_STRING },
    ...(PUBLIC_BASE_URL === undefined
      ? {}
      : { publicBaseUrl: PUBLIC_BASE_URL.replace(/\/+$/, '') }),
    ...(KEY_VAULT_KEY_ID === undefined ? {} : { keyVaultKeyId: KEY_VAULT_KEY_ID }),
    ...(OAUTH_KEY_FILE === undefined ? {} : { oauthKeyFile: OAUTH_KEY_FILE }),
    ...(DOCUMENTATION_URL === undefined ? {} : { documentationUrl: DOCUMENTATION_URL }),
    ...(PEOPLE_EXTENSION_URN === undefined ? {} : { peopleUrn: PEOPLE_EXTENSION_URN }),
  }
}

/** Beside what the local host keeps. */
const KEY_FILE = '.azurite/oauth-keys.json'

/** Where the keys of OAuth are: in Key Vault; in emulation, where there is none, in a file. */
export function signingKeysOf({
  keyVaultKeyId: keyId,
  oauthKeyFile: file = KEY_FILE,
  tables,
}: Config): SigningKeys | undefined {
  if (keyId !== undefined) return { kind: 'vault', keyId }
  return isEmulated(tables) ? { kind: 'file', file } : undefined
}

/** Those, where OAuth is on: outside emulation it needs the one Tenant URL that access tokens are made for, too. */
export function oauthKeysOf(config: Config): SigningKeys | undefined {
  const isOn = config.publicBaseUrl !== undefined || isEmulated(config.tables)
  return isOn ? signingKeysOf(config) : undefined
}

/** Whether the tables are on this machine: plain http is taken for loopback only. */
function isEmulated(tables: TableConnection): boolean {
  if (tables.kind !== 'connectionString') return false
  const parts = connectionStringParts(tables.connectionString)
  const endpoint = parts?.get('tableendpoint') ?? ''
  return parts?.get('usedevelopmentstorage')?.toLowerCase() === 'true' || isLoopback(endpoint)
}

/**
 * What the operator should know of settings that the app starts with all the same, a line each: for the log of the start.
 * @param environment tells whether this is Azure, which sets WEBSITE_INSTANCE_ID and WEBSITE_SITE_NAME.
 */
export function settingWarnings(
  { publicBaseUrl }: Pick<Config, 'publicBaseUrl'>,
  environment: Readonly<Record<string, string | undefined>> = ENVIRONMENT,
): readonly string[] {
  if (!isOnAzure(environment) || publicBaseUrl !== undefined) return []
  return [
    `PUBLIC_BASE_URL is not set: Location and meta.location name whatever host a request was sent to. Set it to the Tenant URL, https://<host>${SCIM_PATH}.`,
  ]
}

/** What the SDK would throw at, or would send in plain text; names parts only, as a value may be a key. */
function connectionStringProblem(text: string): string | undefined {
  const parts = connectionStringParts(text)
  if (parts === undefined) {
    return 'is no connection string: that consists of name=value with semicolons between them'
  }
  const part = (name: string): string => parts.get(name.toLowerCase()) ?? ''
  if (part('UseDevelopmentStorage').toLowerCase() === 'true') {
    const proxy = part('DevelopmentStorageProxyUri')
    if (proxy === '' || isLoopback(proxy)) return undefined
    return 'has a DevelopmentStorageProxyUri that is not on loopback'
  }
  const missing = wantedParts(part).filter((name) => part(name) === '')
  const problems = [
    missing.length === 0 ? '' : `is a connection string without ${missing.join(' and ')}`,
    isSafe(endpointOf(part)) ? '' : 'is for no https endpoint (plain http only on loopback)',
    missing.length > 0 || namesAccount(part) ? '' : 'has a TableEndpoint that names no account',
  ]
  return problems.filter((problem) => problem !== '').join(', and ') || undefined
}

/** Gives the value of a part, empty when it is absent. */
type Part = (name: string) => string

/** With a signature the account is in the endpoint. */
function wantedParts(part: Part): readonly string[] {
  const hasKey = part('AccountKey') !== ''
  if (!hasKey && part('SharedAccessSignature') !== '') return ['TableEndpoint']
  const withKey = ['DefaultEndpointsProtocol', 'AccountName', 'AccountKey']
  return part('TableEndpoint') === '' ? [...withKey, 'EndpointSuffix'] : withKey
}

function endpointOf(part: Part): string {
  const endpoint = part('TableEndpoint')
  if (endpoint !== '') return endpoint
  const protocol = part('DefaultEndpointsProtocol')
  return `${protocol === '' ? 'https' : protocol}://account.example`
}

/** An endpoint names it in its host, `<account>.table.…`, or as the first part of its path. */
function namesAccount(part: Part): boolean {
  const endpoint = part('TableEndpoint')
  if (part('AccountName') !== '' || !URL.canParse(endpoint)) return true
  const { hostname, pathname } = new URL(endpoint)
  return hostname.split('.')[1] === 'table' || pathname.length > 1
}

/** The values by their names in lower case, the first of each name; undefined when it consists of something else. */
function connectionStringParts(text: string): ReadonlyMap<string, string> | undefined {
  const parts = new Map<string, string>()
  for (const each of text.split(';').map((piece) => piece.trim())) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(each) ?? []
    if (each !== '' && (name === undefined || value === undefined)) return undefined
    const key = (name ?? '').toLowerCase()
    if (value !== undefined && !parts.has(key)) parts.set(key, value)
  }
  return parts
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:'
}

function isSafe(text: string): boolean {
  return isHttps(text) || isLoopback(text)
}

/** With the key's version behind it, or without. */
function isKeyId(text: string): boolean {
  if (!isHttps(text)) return false
  const { pathname, search, hash } = new URL(text)
  return /^\/keys\/[0-9A-Za-z-]+(?:\/[0-9a-f]{32})?\/?$/.test(pathname) && search + hash === ''
}

/** RFC 7644 §1.3: the base URI holds no query string. */
function isTenantUrl(text: string): boolean {
  if (!isSafe(text)) return false
  const { pathname, search } = new URL(text)
  return pathname.replace(/\/+$/, '') === SCIM_PATH && search === ''
}

/** The Tenant URL that a wrong one can only mean; of an origin alone, as credentials may stand before the host. */
function rightUrl(text: string): string {
  if (isSafe(text)) return new URL(text).origin + SCIM_PATH
  return `https://<host>${SCIM_PATH} (plain http only on loopback)`
}
