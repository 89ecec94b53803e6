import type * as z from 'zod'
import { connectionsOf, isConnectionPosition, recentDays } from '../activity/connection.ts'
import type { Directory } from '../activity/directory.ts'
import { readLog, readNew, type LogParts, type LogQuery } from '../activity/log.ts'
import { readPosition } from '../activity/position.ts'
import { seenAttributes } from '../activity/seen.ts'
import { STATISTICS, statisticsOf } from '../activity/statistics.ts'
import { tenantHealth } from '../activity/tenant-health.ts'
import { detail, quote } from '../scim/detail.ts'
import { ScimError } from '../scim/errors.ts'
import type { ActivityStore, ConnectionFacts } from '../storage/activity-port.ts'
import { isTenantId, type Credential, type Tenant } from '../storage/tenant-port.ts'
import { readSettings } from '../tenants/settings.ts'
import type {
  ACTIVITY,
  CONNECTIONS,
  HEALTH,
  SEEN_ATTRIBUTES,
  STATISTICS_ANSWER,
} from './activity-answers.ts'
import { invalidRequest } from './check.ts'
import type { Input, ManageContext, ManageResult } from './operation.ts'
import type {
  ACTIVITY_PARAMETERS,
  CONNECTION_PARAMETERS,
  QuerySchema,
  STATISTICS_PARAMETERS,
} from './query.ts'
import { noTenant } from './tenants.ts'

/** What the activity of tenants is read with. */
export interface ActivitySource {
  readonly store: ActivityStore
  readonly directory: Directory
  /** The text's authentication code under the key, as base64url. */
  readonly sign: (key: string, text: string) => string
}

type ActivityInput<Query extends QuerySchema> = Input<Query, z.ZodType>

export async function readActivity(
  context: ManageContext,
  { id, query }: ActivityInput<typeof ACTIVITY_PARAMETERS>,
): Promise<ManageResult> {
  const { cursor, after, since: _since, until: _until, ...filter } = query
  const position = after === undefined ? undefined : readPosition(after)
  checkPlace(query, position !== undefined)
  const parts = await logParts(context, id)
  const range = { ...filter, ...rangeOf(query) }
  const page =
    position === undefined ? paged(parts, range, cursor) : readNew(parts, range, position)
  const body: z.output<typeof ACTIVITY> = await page
  return { status: 200, body: { ...body } }
}

/** @throws Problem `invalid-request` for a cursor that is not of this query. */
async function paged(
  parts: LogParts,
  query: LogQuery,
  cursor: string | undefined,
): Promise<z.output<typeof ACTIVITY>> {
  try {
    return await readLog(parts, query, cursor)
  } catch (error) {
    if (!(error instanceof ScimError) || error.kind !== 'invalidCursor') throw error
    const what = detail`must be the nextCursor of an answer to the same parameters, not ${quote(cursor ?? '')}`
    throw invalidRequest([{ path: ['cursor'], what }], 'query')
  }
}

/** @throws Problem `invalid-request` for parameters that say two things. */
function checkPlace(
  { after, cursor, since, until }: z.output<typeof ACTIVITY_PARAMETERS>,
  isPosition: boolean,
): void {
  if (after === undefined) return
  if (!isPosition) {
    const what = detail`must be the position of an answer, not ${quote(after)}`
    throw invalidRequest([{ path: ['after'], what }], 'query')
  }
  if (cursor === undefined && since === undefined && until === undefined) return
  const what = detail`says where it begins: leave cursor, since and until out`
  throw invalidRequest([{ path: ['after'], what }], 'query')
}

/** @throws Problem `invalid-request` for an end before the beginning. */
function rangeOf({ since, until }: z.output<typeof ACTIVITY_PARAMETERS>): {
  readonly since?: number
  readonly until?: number
} {
  const [begin, end] = [since, until].map((time) =>
    time === undefined ? undefined : Date.parse(time),
  )
  if (begin !== undefined && end !== undefined && begin > end) {
    const what = detail`must not be before since, ${quote(since ?? '')}`
    throw invalidRequest([{ path: ['until'], what }], 'query')
  }
  return {
    ...(begin === undefined ? {} : { since: begin }),
    ...(end === undefined ? {} : { until: end }),
  }
}

async function logParts(context: ManageContext, id: string): Promise<LogParts> {
  const { tenant, credentials } = await requireAll(context, id)
  const { store, directory, sign } = context.activity
  return {
    store,
    directory,
    tenant,
    sign: (text) => sign(tenant.signingKey, text),
    labels: new Map(credentials.map(({ id: credentialId, label }) => [credentialId, label])),
    withNames: readSettings(tenant.settings).namesInActivity,
    now: context.now,
  }
}

export async function readHealth(
  context: ManageContext,
  { id }: ActivityInput<QuerySchema>,
): Promise<ManageResult> {
  const { domain, activity, now } = context
  const { tenant, credentials } = await requireAll(context, id)
  const summary = await domain.summary(tenant)
  const health = await tenantHealth(activity.store, { tenant, summary, credentials }, now)
  const body: z.output<typeof HEALTH> = {
    ...health,
    asOf: now.toISOString(),
    ...(summary?.nextExpiry === undefined ? {} : { nextExpiry: summary.nextExpiry }),
  }
  return { status: 200, body: { ...body } }
}

export async function readStatistics(
  context: ManageContext,
  { id, query }: ActivityInput<typeof STATISTICS_PARAMETERS>,
): Promise<ManageResult> {
  const { now } = context
  const { step } = query
  const { milliseconds, most, usual } = STATISTICS[step]
  const to = query.to === undefined ? now.getTime() : Date.parse(query.to)
  const usually = Math.max(0, to - (usual - 1) * milliseconds)
  const from = query.from === undefined ? usually : Date.parse(query.from)
  checkYears('from', from, query.from)
  checkYears('to', to, query.to)
  if (from > to || to - from >= most * milliseconds) {
    const what = detail`must not be behind to, nor ${most} ${step}s or more before it`
    throw invalidRequest([{ path: ['from'], what }], 'query')
  }
  const { tenant } = await requireAll(context, id)
  const { store } = context.activity
  const body: z.output<typeof STATISTICS_ANSWER> = await statisticsOf(store, tenant, {
    step,
    from,
    to,
  })
  return { status: 200, body: { ...body } }
}

/** The last millisecond whose year has four digits, whatever its zone. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** @throws Problem `invalid-request` for a time that no step can begin at. */
function checkYears(name: string, time: number, sent = ''): void {
  if (time >= 0 && time <= LAST_MOMENT) return
  const what = detail`must be in the years 1970 to 9999 (UTC), not ${quote(sent)}`
  throw invalidRequest([{ path: [name], what }], 'query')
}

export async function readConnections(
  context: ManageContext,
  { id, query: { after } }: ActivityInput<typeof CONNECTION_PARAMETERS>,
): Promise<ManageResult> {
  if (after !== undefined && !isConnectionPosition(after)) {
    const what = detail`must be the position of an answer, not ${quote(after)}`
    throw invalidRequest([{ path: ['after'], what }], 'query')
  }
  const { tenant, credentials } = await requireAll(context, id)
  const { store } = context.activity
  const { activityDays } = readSettings(tenant.settings)
  const { since, connections } = await recentDays(store, tenant, context.now, activityDays)
  const labels = new Map(credentials.map((each) => [each.id, each.label]))
  const { items, position } = connectionsOf(connections, after)
  const body: z.output<typeof CONNECTIONS> = {
    since,
    items: items.map((facts) => shownConnection(facts, labels)),
    position,
  }
  return { status: 200, body: { ...body } }
}

function shownConnection(
  { credentialId: credential, lastProbe, ...facts }: ConnectionFacts,
  labels: ReadonlyMap<string, string>,
): z.output<typeof CONNECTIONS>['items'][number] {
  const label = labels.get(credential) ?? ''
  return {
    credential,
    ...(label === '' ? {} : { label }),
    ...facts,
    ...(lastProbe === undefined ? {} : { lastTestConnection: lastProbe }),
  }
}

export async function readSeenAttributes(
  context: ManageContext,
  { id }: ActivityInput<QuerySchema>,
): Promise<ManageResult> {
  const { tenant } = await requireAll(context, id)
  const { activityDays } = readSettings(tenant.settings)
  const { store } = context.activity
  const { since, days } = await recentDays(store, tenant, context.now, activityDays)
  const body: z.output<typeof SEEN_ATTRIBUTES> = { since, ...seenAttributes(days) }
  return { status: 200, body: { ...body } }
}

/** Tenant and credentials by one read. @throws Problem `not-found`. */
async function requireAll(
  { domain }: ManageContext,
  id: string,
): Promise<{ readonly tenant: Tenant; readonly credentials: readonly Credential[] }> {
  const { tenant, credentials = [] } = isTenantId(id) ? await domain.findCredentials(id) : {}
  return tenant === undefined ? noTenant(id) : { tenant, credentials }
}
