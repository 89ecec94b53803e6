import * as z from 'zod'
import { SCIM_PATH } from './http/routes.ts'
import { isLoopback } from './loopback.ts'
import type { TableConnection } from './storage/table/tables.ts'

/** What the app reads from its settings; every key is in local.settings.example.json and in the README. */
export interface Config {
  readonly tables: TableConnection
  /** The Tenant URL, without a slash at its end; absent: taken from each request. */
  readonly publicBaseUrl?: string
}

/** The settings as one message: what is wrong with each of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional()

const SETTINGS = z
  .object({
    TABLES_CONNECTION_STRING: optionalText.refine(
      (text) => text === undefined || isConnectionString(text),
      'is no connection string of a storage account (plain http only on loopback)',
    ),
    TABLES_ENDPOINT: optionalText.refine(
      (text) => text === undefined || isHttps(text),
      'must be an https URL, such as https://<account>.table.core.windows.net',
    ),
    PUBLIC_BASE_URL: optionalText.refine(
      (text) => text === undefined || isTenantUrl(text),
      `must be the Tenant URL: https://<host>${SCIM_PATH} (plain http only on loopback)`,
    ),
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

/** The names of all settings; a test compares them with local.settings.example.json and the README. */
export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS.shape)

/**
 * Reads the settings, from the environment unless others are given.
 * @throws ConfigError whose one message names every setting that is missing or wrong.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const parsed = SETTINGS.safeParse(environment)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
    throw new ConfigError(`The settings are not right. ${problems.join('; ')}.`)
  }
  const { TABLES_CONNECTION_STRING, TABLES_ENDPOINT, PUBLIC_BASE_URL } = parsed.data
  return {
    tables:
      TABLES_CONNECTION_STRING === undefined
        ? { kind: 'identity', endpoint: TABLES_ENDPOINT ?? '' }
        : { kind: 'connectionString', connectionString: TABLES_CONNECTION_STRING },
    ...(PUBLIC_BASE_URL === undefined
      ? {}
      : { publicBaseUrl: PUBLIC_BASE_URL.replace(/\/+$/, '') }),
  }
}

function isConnectionString(text: string): boolean {
  if (/^UseDevelopmentStorage=true/i.test(text)) {
    return isLoopback(/DevelopmentStorageProxyUri=([^;]+)/i.exec(text)?.[1] ?? 'http://localhost')
  }
  if (!/AccountName=/i.test(text) && !/TableEndpoint=/i.test(text)) return false
  if (!/(?:AccountKey|SharedAccessSignature)=/i.test(text)) return false
  return isSafe(/TableEndpoint=([^;]+)/i.exec(text)?.[1] ?? 'https://default.example')
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:'
}

function isSafe(text: string): boolean {
  return isHttps(text) || isLoopback(text)
}

/** RFC 7644 §1.3: the base URI holds no query string. */
function isTenantUrl(text: string): boolean {
  if (!isSafe(text)) return false
  const { pathname, search } = new URL(text)
  return pathname.replace(/\/+$/, '') === SCIM_PATH && search === ''
}
