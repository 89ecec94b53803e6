import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { isObject } from '../../lib/scim/json.ts'
import { bundle, importsOf, writeBundle } from '../bundle.ts'
import { startFunctionApp } from '../local-host/function-app.ts'
import { functionFiles, ROOT } from '../local-host/function-files.ts'
import {
  FunctionsCore,
  type HttpReturnValue,
  type HttpTriggerData,
  provideFunctionsCore,
} from '../local-host/functions-core.ts'
import { invoke } from '../local-host/invocation.ts'
import { StartError } from '../local-host/lifetime.ts'
import { loadFunctions } from '../local-host/loaded-functions.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { openStores } from './stores.ts'

/** In a folder of its own: Node.js remembers for each folder what a name was resolved to, and each build has its own core. */
const IN_MEMORY = 'in-memory/functions.cjs'
const IN_MEMORY_SOURCE = 'tools/bench/in-memory-app.ts'

/**
 * Builds what is measured into a folder: what `npm run build` makes, and beside it the same functions on stores in memory,
 * which the app itself cannot be told to take.
 * @param root the project's folder, this one or that of another version; nothing need be installed in it.
 * @throws StartError after esbuild has said what is wrong
 */
export async function buildForBench(root: string, directory: string): Promise<void> {
  const folder = resolve(root)
  if (!existsSync(join(folder, 'functions'))) {
    throw new StartError(`${root} is no folder of this project: there is no "functions" in it`)
  }
  await writeBundle(directory, folder)
  const own = join(folder, IN_MEMORY_SOURCE)
  const source = await readFile(existsSync(own) ? own : join(ROOT, IN_MEMORY_SOURCE), 'utf8')
  await bundle(join(directory, IN_MEMORY), {
    source: source + importsOf(functionFiles(folder)),
    resolveDir: join(folder, 'tools/bench'),
  })
}

/** A built app in this process, whose functions are called as the worker calls them. */
export interface LoadedBuild {
  /** Creates a tenant and gives its Secret Token. */
  readonly createCredential: (tenantId: string) => Promise<string>
  /** Runs one function; undefined when it returned nothing. */
  readonly call: (name: string, http: HttpTriggerData) => Promise<HttpReturnValue | undefined>
}

/**
 * Loads what `buildForBench` made, once in a process for each place.
 * @param connectionString of the tables; absent: stores in memory.
 * @throws StartError when the folder has no such build
 */
export async function loadBuild(
  directory: string,
  connectionString: string | undefined,
): Promise<LoadedBuild> {
  const main = connectionString === undefined ? IN_MEMORY : await mainOf(directory)
  const file = join(resolve(directory), main)
  if (!existsSync(file)) {
    throw new StartError(`there is no ${file}; npm run bench -- build <folder> <into> makes it`)
  }
  // The app finds its storage by the settings.
  process.env['TABLES_CONNECTION_STRING'] = connectionString ?? 'UseDevelopmentStorage=true'
  delete process.env['TABLES_ENDPOINT']
  delete process.env['PUBLIC_BASE_URL']
  const core = new FunctionsCore(() => undefined)
  const stopProviding = provideFunctionsCore(core)
  const exported: unknown = createRequire(import.meta.url)(file)
  stopProviding()
  const app = await startFunctionApp(core, directory)
  const routes = new Map(
    loadFunctions(core.functions, ROUTE_PREFIX).routes.map((route) => [
      route.function.metadata.name,
      route,
    ]),
  )
  return {
    createCredential:
      connectionString === undefined
        ? credentialMaker(exported)
        : await tableCredentialMaker(connectionString),
    async call(name, http) {
      const route = routes.get(name)
      if (route === undefined) throw new Error(`there is no function ${name}`)
      return invoke(app, route, { http })
    },
  }
}

/** What the worker requires: the file that package.json names. */
async function mainOf(directory: string): Promise<string> {
  const manifest = join(directory, 'package.json')
  const parsed: unknown = existsSync(manifest) ? JSON.parse(await readFile(manifest, 'utf8')) : {}
  const main = isObject(parsed) ? parsed['main'] : undefined
  return typeof main === 'string' ? main : 'functions.cjs'
}

type CredentialMaker = LoadedBuild['createCredential']

function credentialMaker(exported: unknown): CredentialMaker {
  const make =
    typeof exported === 'object' && exported !== null && 'createCredential' in exported
      ? exported.createCredential
      : undefined
  if (typeof make !== 'function') throw new StartError('the build in memory makes no credentials')
  return async (tenantId) => {
    const secretToken: unknown = await make(tenantId)
    return String(secretToken)
  }
}

async function tableCredentialMaker(connectionString: string): Promise<CredentialMaker> {
  const { tenants } = await openStores(connectionString)
  return async (tenantId) => {
    const now = new Date()
    // The built app keeps to the tenant's rate, and requests are repeated faster than its default.
    await createTenant(tenants, { id: tenantId, settings: { requestsPerSecond: 1000 }, now })
    return (await issueToken(tenants, tenantId, { now })).secretToken
  }
}
