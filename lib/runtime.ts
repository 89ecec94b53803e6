import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Refusals } from './activity/refusals.ts'
import { withUnwritten } from './activity/unwritten.ts'
import { withUnwrittenSummaries } from './activity/unwritten-summaries.ts'
import { Uses } from './activity/uses.ts'
import { attributeWork } from './attribute-work.ts'
import { createAuthenticator, type ResourceTypesOf } from './auth/authenticate.ts'
import { authenticationParts, keySourceOf } from './authentication.ts'
import { ENVIRONMENT, LOCAL_BASE_URL, oauthKeysOf, readConfig, settingWarnings } from './config.ts'
import { isOnAzure } from './on-azure.ts'
import { tenantDomain } from './manage/tenant-domain.ts'
import { refuseUnguarded } from './manage/unguarded.ts'
import type { HandlerRuntime } from './http/endpoint.ts'
import type { FetchText } from './oauth/fetch-text.ts'
import type { KeySource } from './oauth/signing-key.ts'
import { applicationSources } from './people/application-source.ts'
import { tenantTypes, unfilledIndexes } from './people/tenant-types.ts'
import { peopleTypeOf } from './scim/types-of-people.ts'
import { defaultResourceTypes } from './scim/default-resource-types.ts'
import { LIMITS } from './scim/limits.ts'
import { idOf } from './scim/resource-id.ts'
import type { ResourceType } from './scim/resource-type.ts'
import { countResources } from './service/count-resources.ts'
import { directoryOf } from './service/directory.ts'
import { Turns } from './service/turns.ts'
import { measureCalls } from './storage/calls.ts'
import { deadlineIn, inTime, NO_DEADLINE, type Deadline } from './storage/deadline.ts'
import { letOthersRun } from './storage/event-loop.ts'
import type { ActivityStore } from './storage/activity-port.ts'
import type { MembershipStore, ResourceStore, Scope } from './storage/port.ts'
import type { TeamStore } from './storage/team-port.ts'
import { newVersion } from './storage/tenant-changes.ts'
import { awaitingTables, prepareTables } from './storage/table/missing-tables.ts'
import { tableStores } from './storage/table/stores.ts'
import { openTables, type Tables } from './storage/table/tables.ts'
import type {
  EraseResources,
  MaintenanceStore,
  PartitionStore,
  TenantSettings,
  TenantStore,
} from './storage/tenant-port.ts'
import { countInto } from './telemetry/metrics.ts'
import { telemetrySettings } from './telemetry/settings.ts'
import { Telemetry } from './telemetry/telemetry.ts'
import { RequestRates } from './http/request-rates.ts'
import { changedBy } from './tenants/changed-by.ts'
import { randomText } from './tenants/random-text.ts'
import { RUN_SECONDS, runMaintenance, type MaintenanceParts } from './tenants/maintenance.ts'
import { readSettings } from './tenants/settings.ts'

/** The stores that a runtime works on. */
export interface Stores {
  readonly resources: ResourceStore
  readonly memberships: MembershipStore
  /** What is made by hand beside the groups. */
  readonly teams: TeamStore
  readonly tenants: TenantStore
  /** What happened; and where requests are noted. */
  readonly activity: ActivityStore
  readonly erase: EraseResources
  readonly partitions: PartitionStore
  readonly maintenance: MaintenanceStore
  /** The names of tables that are missing; absent for stores that have none. */
  readonly missingTables?: (deadline: Deadline) => Promise<readonly string[]>
}

/** No request waits for the tables, unless they are missing: then for so long at most. */
const PREPARATION_MILLISECONDS = 10_000

/** As whoever manages tenants is told. */
const OAUTH_NEEDS = 'the settings PUBLIC_BASE_URL and KEY_VAULT_KEY_ID'

let built: Promise<HandlerRuntime> | undefined

let telemetry: Telemetry | undefined

/**
 * The app's one runtime. It is built from the settings at the first call; after a failure the next call tries again.
 * @throws ConfigError when settings are missing or wrong.
 */
export function runtime(): Promise<HandlerRuntime> {
  built ??= build().catch((error: unknown) => {
    built = undefined
    throw error
  })
  return built
}

/** Sets the runtime that the functions work with, such as one on stores in memory; undefined: build it anew. */
export function setRuntime(replacement: HandlerRuntime | undefined): void {
  built = replacement === undefined ? undefined : Promise.resolve(replacement)
}

/**
 * Builds the runtime when the app starts.
 * @throws ConfigError whose one message names every setting that is missing or wrong.
 */
export async function checkSettings(): Promise<void> {
  await runtime()
}

/** Before the app stops: what is counted and not sent yet goes out, or is given up. */
export async function endRuntime(): Promise<void> {
  await Promise.all([writeCounts(), telemetry?.end()])
}

/** Counts from now on, where there is an Application Insights that the sums can go to. */
function startTelemetry(): Telemetry | undefined {
  const settings = telemetrySettings(ENVIRONMENT)
  if (settings === undefined || telemetry !== undefined) return telemetry
  telemetry = new Telemetry(async () => {
    const { createSender } = await import('./telemetry/application-insights.ts')
    return createSender(settings)
  })
  countInto(telemetry)
  return telemetry
}

/**
 * Warns on stderr, once, of what the settings leave to chance. Tables that are missing are created meanwhile: to wait for
 * a look at them would make each cold start longer.
 */
async function build(): Promise<HandlerRuntime> {
  const config = readConfig()
  for (const warning of settingWarnings(config)) process.emitWarning(warning)
  const tables = await openTables(config.tables)
  const keys = oauthKeysOf(config)
  const counting = startTelemetry()
  const stores = awaitingTables(tableStores(tables), prepare(tables))
  return createRuntime(stores, {
    ...config,
    localBaseUrl: isOnAzure(ENVIRONMENT) ? undefined : ENVIRONMENT[LOCAL_BASE_URL],
    ...(keys === undefined ? {} : { keySource: keySourceOf(keys) }),
    notesActivity: true,
    onAnswer: () => counting?.answered(),
  })
}

/** Never rejects: what is missing is told by each request that needs it, too. */
async function prepare(tables: Tables): Promise<void> {
  const deadline = deadlineIn(PREPARATION_MILLISECONDS, () => new Date())
  const problem = await prepareTables(tables, deadline)
  if (problem !== undefined) process.emitWarning(problem)
}

/** So long the end of the app may wait for what is noted. */
const END_MILLISECONDS = 1500

/** Writes what was counted of requests and is not written yet: the app ends in order. Never rejects. */
async function writeCounts(): Promise<void> {
  const app = await built?.catch(() => undefined)
  await app?.activity?.uses.writeAll(END_MILLISECONDS)
}

/** What a runtime may have otherwise than the app. */
export interface RuntimeOptions {
  readonly publicBaseUrl?: string
  /** The Tenant URL of the local host. */
  readonly localBaseUrl?: string | undefined
  /** The page for customers that discovery links to. */
  readonly documentationUrl?: string
  /** The keys that sign access tokens; OAuth is off when absent. */
  readonly keySource?: KeySource
  /** Gets the key sets of others. */
  readonly fetchText?: FetchText
  /** The URN of the people extension; the default one when absent. */
  readonly peopleUrn?: string
  /** The resource types of a tenant; when absent those that every tenant has, with what it has declared. */
  readonly resourceTypesOf?: ResourceTypesOf
  /** How many requests a second a tenant with such settings may send; as they say when absent. */
  readonly requestsPerSecond?: (settings: TenantSettings) => number
  /** Whether the requests of tenants are noted. */
  readonly notesActivity?: boolean
  /** Called after each request, and after each run of the maintenance. */
  readonly onAnswer?: () => void
  /** The clock; the system's when absent. */
  readonly now?: () => Date
}

/** A runtime on the given stores. */
export function createRuntime(
  stores: Stores,
  {
    publicBaseUrl,
    localBaseUrl,
    documentationUrl,
    keySource,
    fetchText,
    peopleUrn,
    resourceTypesOf,
    requestsPerSecond = (settings) => readSettings(settings).requestsPerSecond,
    notesActivity = false,
    onAnswer,
    now = () => new Date(),
  }: RuntimeOptions = {},
): HandlerRuntime {
  const { tenants } = stores
  const activity = notesActivity ? activityOf(stores, now) : undefined
  const resourceTypes = defaultResourceTypes(peopleUrn)
  const typesOf = tenantTypes(resourceTypes)
  const newDeadline = (): Deadline => deadlineIn(LIMITS.requestSeconds * 1000, now)
  const service = serviceParts(stores, now, newDeadline)
  const setup = { publicBaseUrl, localBaseUrl, keySource, fetchText, now }
  const { kinds, oauth } = authenticationParts(tenants, setup)
  return {
    ...(publicBaseUrl === undefined ? {} : { publicBaseUrl }),
    ...(documentationUrl === undefined ? {} : { documentationUrl }),
    ...(oauth === undefined ? {} : { oauth }),
    ...(activity === undefined ? {} : { activity }),
    authenticate: createAuthenticator({
      store: tenants,
      now,
      newDeadline,
      resourceTypesOf:
        resourceTypesOf ?? ((tenant, definitions) => typesOf(definitions, unfilledIndexes(tenant))),
      kinds,
    }),
    rates: new RequestRates(now),
    requestsPerSecond,
    defaultResourceTypes: resourceTypes,
    service,
    sign,
    missingTables: missingIn(stores, now),
    manage: {
      ...manageParts(told(stores, activity?.uses), resourceTypes, publicBaseUrl, oauth),
      ...applicationSources({ service, ...stores, sign, typesOf, resourceTypes }),
    },
    maintain: (tell) =>
      runMaintenance({
        ...maintenanceParts(stores, resourceTypes),
        ...attributeWork(stores.resources, resourceTypes, now),
        ...runOf(now),
        tell,
      }).finally(onAnswer),
    measure: (work) => measure(() => work().finally(onAnswer)),
  }
}

function missingIn(
  { missingTables = async () => [] }: Stores,
  now: () => Date,
): HandlerRuntime['missingTables'] {
  return async (milliseconds) => {
    const deadline = deadlineIn(milliseconds, now)
    return inTime(deadline, missingTables(deadline))
  }
}

/** One run of the maintenance that begins now. */
function runOf(now: () => Date): Pick<MaintenanceParts, 'now' | 'pause' | 'until'> {
  return {
    now,
    pause: async (milliseconds) => pause(milliseconds),
    until: new Date(now().getTime() + RUN_SECONDS * 1000),
  }
}

async function measure<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; calls: number; roundTrips: number }> {
  const meter = measureCalls()
  const result = await meter.run(work)
  return { result, calls: meter.calls, roundTrips: meter.roundTrips }
}

const INSTANCE_LENGTH = 8

function activityOf({ activity }: Stores, now: () => Date): HandlerRuntime['activity'] {
  const options = { now, newInstance: () => randomText(INSTANCE_LENGTH) }
  return { uses: new Uses(activity, options), refusals: new Refusals(activity, options) }
}

/** The stores with what this instance has counted and not written yet, for those who ask how it goes. */
function told(stores: Stores, uses: Uses | undefined): Stores {
  if (uses === undefined) return stores
  const { tenants, activity } = stores
  return {
    ...stores,
    activity: withUnwritten(activity, uses),
    tenants: withUnwrittenSummaries(tenants, uses),
  }
}

/** What the verbs work with, whosever request it is. */
function serviceParts(
  { resources, memberships }: Stores,
  now: () => Date,
  newDeadline: () => Deadline,
): HandlerRuntime['service'] {
  return {
    store: resources,
    memberships,
    turns: new Turns(),
    now,
    random: Math.random,
    newId: (resourceType) => idOf(resourceType, randomUUID()),
    newVersion,
    newDeadline,
    pause: async (milliseconds) => pause(milliseconds),
    letOthersRun,
  }
}

/** What the maintenance asks of the stores: it works through the types that every tenant has. */
function maintenanceParts(
  {
    resources,
    tenants,
    erase,
    partitions,
    maintenance,
    activity,
  }: Omit<Stores, 'memberships' | 'teams' | 'missingTables'>,
  resourceTypes: readonly ResourceType[],
): Omit<MaintenanceParts, 'now' | 'pause' | 'until' | 'tell' | 'takeOut' | 'fillIndexes'> {
  return {
    store: tenants,
    runs: maintenance,
    partitions,
    erase,
    activity,
    sweep: (partitionKey) => resources.sweep(scopeOf(partitionKey), resourceTypes),
    async countPeople(partitionKey) {
      const scope = scopeOf(partitionKey)
      const counts = await countResources(resources, scope, resourceTypes)
      return { users: counts.get('/Users') ?? 0, groups: counts.get('/Groups') ?? 0 }
    },
  }
}

function manageParts(
  stores: Stores,
  resourceTypes: readonly ResourceType[],
  publicBaseUrl: string | undefined,
  oauth: HandlerRuntime['oauth'],
): Omit<HandlerRuntime['manage'], 'peopleOf' | 'teamsOf'> {
  const issuing = {
    ownHost: publicBaseUrl === undefined ? undefined : new URL(publicBaseUrl).hostname,
    oauthNeeds: oauth === undefined ? OAUTH_NEEDS : undefined,
  }
  const { countPeople } = maintenanceParts(stores, resourceTypes)
  const { activity, resources } = stores
  const directory = directoryOf(resources, resourceTypes)
  const peopleType = peopleTypeOf(resourceTypes)
  return {
    activity: { store: activity, directory, sign },
    domainOf: (by) => tenantDomain(changedBy(stores.tenants, by), peopleType, countPeople, issuing),
    guard: (arrival) => refuseUnguarded({ environment: ENVIRONMENT, ...arrival }),
  }
}

/** The text's authentication code under the key. */
function sign(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

function scopeOf(partitionKey: string): Scope {
  return { partitionKey, deadline: NO_DEADLINE }
}
