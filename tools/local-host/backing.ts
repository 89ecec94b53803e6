import { rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { styleText } from 'node:util'
import { ConfigError, readConfig, type Config } from '../../lib/config.ts'
import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { createTables, openTables } from '../../lib/storage/table/tables.ts'
import { tableTenantStore } from '../../lib/storage/table/tenants.ts'
import { UsageError } from '../command-line.ts'
import { startAzurite } from './azurite.ts'
import type { Options } from './command-line.ts'
import { checkData, emptyData, makeDirectory } from './data-directory.ts'
import { lockDirectory } from './data-lock.ts'
import { DEMO, demoToken } from './demo-tenant.ts'
import { ROOT } from './function-files.ts'
import type { Host, HostOptions } from './host.ts'
import type { HostKeys } from './host-keys.ts'
import { hostKeys } from './key-file.ts'
import { type Lifetime, StartError } from './lifetime.ts'
import { KEPT_AZURITE } from './parent.ts'
import { fileStatuses } from './timer-statuses.ts'

/** What the app needs to be of use: storage, named by the settings, and a tenant. */
export interface Backing {
  readonly config: Config
  readonly secretToken: string
  /** What keeps the token from working, and what helps. */
  readonly hint?: string
}

/**
 * Starts Azurite unless a table service is given, puts the settings into the environment, and creates what is missing
 * of the tables, the demo tenant and its token.
 * @throws StartError; ConfigError for a connection string that cannot be used
 */
export async function prepareBacking(
  options: Pick<Options, 'storage' | 'data' | 'fresh'>,
  lifetime: Lifetime,
): Promise<Backing> {
  const directory = dataDirectory(options)
  await inDirectory(directory, () => makeDirectory(directory))
  process.env['TABLES_CONNECTION_STRING'] =
    options.storage ?? process.env[KEPT_AZURITE] ?? (await startOwnAzurite(options, lifetime))
  delete process.env['TABLES_ENDPOINT']
  keepKeysIn(directory)
  const config = configOf(options)
  try {
    const tables = await openTables(config.tables, { retryOptions: { maxRetries: 1 } })
    await createTables(tables)
    const store = tableTenantStore(tables)
    const status = (await store.get(DEMO))?.status
    if (status === 'deleting') throw new StartError(deletingHint(options))
    const memory = {
      file: join(directory, 'demo-tokens.json'),
      storage: options.storage === undefined ? 'azurite' : tables.tenants.url,
    }
    const secretToken = await demoToken(store, memory, tell)
    return { config, secretToken, ...(status === 'disabled' && { hint: enableHint(options) }) }
  } catch (error) {
    if (error instanceof StartError) throw error
    const [reason] = String(error instanceof Error ? error.message : error).split('\n')
    throw new StartError(`the table service cannot be used: ${reason ?? ''}`, { cause: error })
  }
}

/** @throws UsageError when it is the option that is wrong; ConfigError */
function configOf({ storage }: Pick<Options, 'storage'>): Config {
  try {
    return readConfig()
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : []
    const its = problems.find(({ setting }) => setting === 'TABLES_CONNECTION_STRING')
    if (storage === undefined || its === undefined) throw error
    const others = problems.filter((problem) => problem !== its)
    const rest = others.map(({ setting, problem }) => `; ${setting} ${problem}`).join('')
    throw new UsageError(`--storage ${its.problem}${rest}`, { cause: error })
  }
}

/**
 * Starts the Azurite of the processes that `npm run dev` starts.
 * @returns its connection string; undefined when another table service is given.
 */
export async function keepAzurite(
  options: Pick<Options, 'storage' | 'data' | 'fresh'>,
  lifetime: Lifetime,
): Promise<string | undefined> {
  if (options.storage !== undefined) return undefined
  const directory = dataDirectory(options)
  await inDirectory(directory, () => makeDirectory(directory))
  return startOwnAzurite(options, lifetime)
}

/**
 * What the local host keeps for itself beside the data: its keys, and when the timers ran.
 * @throws StartError
 */
export function hostState(
  options: Pick<Options, 'data'>,
): Promise<Required<Pick<HostOptions, 'keys' | 'statuses'>>> {
  const directory = dataDirectory(options)
  return inDirectory(directory, async () => {
    return {
      keys: await hostKeys(join(directory, 'host-keys.json'), tell),
      statuses: await fileStatuses(join(directory, 'timers.json'), tell),
    }
  })
}

function tell(line: string): void {
  console.error(line)
}

/** The keys that sign access tokens are kept over starts; the app makes them when they are needed. */
function keepKeysIn(directory: string): void {
  const { OAUTH_KEY_FILE: file = '' } = process.env
  if (file.trim() === '') process.env['OAUTH_KEY_FILE'] = join(directory, 'oauth-keys.json')
}

async function startOwnAzurite(
  { data, fresh }: Pick<Options, 'data' | 'fresh'>,
  lifetime: Lifetime,
): Promise<string> {
  const directory = dataDirectory({ data })
  const unlock = await lockDirectory(directory)
  if (unlock === undefined) {
    throw new StartError(`${directory} is in use by another local host; stop it, or give --data`)
  }
  lifetime.atEnd(unlock)
  const tables = join(directory, 'tables')
  const azurite = await inDirectory(directory, async () => {
    await (fresh ? emptyData(tables) : checkData(tables, freshStart(data)))
    await makeDirectory(tables)
    return startAzurite(tables)
  })
  lifetime.atEnd(() => azurite.stop())
  void azurite.ended.then((reason) => lifetime.fail(new StartError(endedHint(reason, directory))))
  return azurite.connectionString
}

/**
 * Tells `npm run tenant` where the tables are while this runs. A given storage is not told: its connection string is a
 * secret, that of Azurite is not.
 */
export async function announce(
  options: Pick<Options, 'storage' | 'data'>,
  { config }: Backing,
  port: number,
  lifetime: Lifetime,
): Promise<void> {
  if (options.storage !== undefined || config.tables.kind !== 'connectionString') return
  const file = join(dataDirectory(options), 'local-host.json')
  const { connectionString } = config.tables
  const baseUrl = tenantUrl(config, port)
  const { oauthKeyFile } = config
  await writeFile(file, JSON.stringify({ connectionString, baseUrl, oauthKeyFile }, null, 2))
  lifetime.atEnd(() => rm(file, { force: true }))
}

async function inDirectory<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StartError) throw error
    const [reason] = String(error instanceof Error ? error.message : error).split('\n')
    throw new StartError(`the data cannot be kept in ${directory}: ${reason ?? ''}`, {
      cause: error,
    })
  }
}

function freshStart(data: string | undefined): string {
  return `npm start -- --fresh${data === undefined ? '' : ` --data "${data}"`}`
}

/** `npm run tenant` finds the tables of a running host, unless they are elsewhere. */
function enableHint({ storage, data }: Pick<Options, 'storage' | 'data'>): string {
  const place = data === undefined ? '' : ` --data "${data}"`
  const where = storage === undefined ? place : ' --storage "<connection string>"'
  return `The tenant ${DEMO} is disabled, its token is refused: npm run tenant -- enable ${DEMO}${where}`
}

function deletingHint({ storage }: Pick<Options, 'storage'>): string {
  const way =
    storage === undefined
      ? 'npm start -- --fresh starts with empty data'
      : `npm run tenant -- delete ${DEMO} finishes it`
  return `the deletion of the tenant ${DEMO} was interrupted; ${way}`
}

function endedHint(reason: string, directory: string): string {
  return `Azurite, where the tables are, has ended (${reason}); start again: what it had saved is in ${directory}`
}

function dataDirectory({ data }: { readonly data?: string | undefined }): string {
  return resolve(data ?? join(ROOT, '.azurite'))
}

function tenantUrl(config: Config, port: number): string {
  return config.publicBaseUrl ?? `http://localhost:${port}${SCIM_PATH}`
}

/** What to paste into an identity provider, and a command that shows that it works. */
export function entryPoints({ config, secretToken, hint }: Backing, port: number): string {
  const url = tenantUrl(config, port)
  return `Tenant URL    ${url}
Secret Token  ${secretToken}
curl -H "Authorization: Bearer ${secretToken}" "${url}/Users"${hint === undefined ? '' : `\n${hint}`}`
}

/** A line to try what a key guards; undefined when nothing is guarded. */
export function guardedEntryPoint(
  { routes }: Pick<Host, 'routes'>,
  { host }: HostKeys,
  port: number,
): string | undefined {
  if (!routes.some(({ authLevel }) => authLevel === 'function')) return undefined
  return `curl -H "x-functions-key: ${host}" "http://localhost:${port}/${ROUTE_PREFIX}/manage/tenants"`
}

/** What runs, where its data is, the port that a tunnel has to lead to, and how to stop: the last line of a start. */
export function ready(
  options: Pick<Options, 'storage' | 'data'>,
  { functions, port }: { readonly functions: number; readonly port: number },
): string {
  const directory = dataDirectory(options)
  const shown = relative(process.cwd(), directory)
  const place = shown === '' || shown.startsWith('..') ? directory : shown
  const data = options.storage === undefined ? `in ${place}` : 'where --storage says'
  const state = styleText(['bold', 'green'], 'Ready')
  return `${state}: ${functions} functions on http://localhost:${port}, their data ${data}. Ctrl-C ends it.`
}
