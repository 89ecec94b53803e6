import type { RefusalReason } from '../../lib/auth/refused-credential.ts'
import type { LineHead, ManageFacts, RequestLine } from '../../lib/http/log.ts'
import { METRICS } from '../../lib/telemetry/metrics.ts'
import type { MaintenanceEvent } from '../../lib/tenants/maintenance-events.ts'
import type { MaintenanceReport } from '../../lib/tenants/maintenance.ts'
import { KINDS } from '../../lib/scim/errors.ts'
import { elementsOf, own, type JsonValue } from '../../lib/scim/json.ts'
import {
  at,
  type Deployment,
  type Finding,
  ofType,
  parseJson,
  placeOf,
  textsIn,
} from './deployment.ts'
import { kqlProblems } from './kql.ts'

/** Members of all shapes that an event may have. */
type Members<Event> = Event extends unknown ? keyof Event : never

/** What a line of the log may have. */
type LoggedMember =
  | keyof LineHead
  | keyof RequestLine
  | keyof ManageFacts
  | keyof MaintenanceReport
  | Members<MaintenanceEvent>
  | keyof FailureLine

/** That of a failure, as `logFailure` writes it. */
interface FailureLine {
  readonly event: 'failure' | 'missingTables'
  readonly name: string
  readonly code: string
  readonly statusCode: number
  readonly frames: readonly string[]
  /** What the storage said, where an error of ours was made of it; its members are the same. */
  readonly cause: Pick<FailureLine, 'name' | 'code' | 'statusCode'>
  /** Those that are missing. */
  readonly tables: readonly string[]
}

/** What queries may go by of the cause of a failure. */
export const CAUSE_MEMBERS: readonly (keyof FailureLine['cause'])[] = ['code', 'name', 'statusCode']

/** What queries may go by; the compiler of TypeScript refuses what the app does not log. */
export const QUERIED_MEMBERS: readonly LoggedMember[] = [
  'cause',
  'client',
  'code',
  'credential',
  'credentialKind',
  'days',
  'detail',
  'error',
  'event',
  'expires',
  'failures',
  'frames',
  'kind',
  'milliseconds',
  'name',
  'oauthError',
  'operation',
  'ran',
  'reason',
  'roundTrips',
  'status',
  'statusCode',
  'step',
  'storageCalls',
  'tables',
  'tenant',
]

export type LoggedEvent =
  LineHead['event'] | MaintenanceEvent['event'] | FailureLine['event'] | 'maintenance'

/** The texts that queries compare members with. */
interface Compared {
  readonly event: readonly LoggedEvent[]
  readonly reason: readonly RefusalReason[]
  readonly operation: readonly string[]
}

/** Those, and no others. */
export const COMPARED: Compared = {
  event: [
    'scim',
    'oauth',
    'manage',
    'maintenance',
    'maintenance failed',
    'credential expires',
    'failure',
    'missingTables',
  ],
  reason: ['unknown tenant'],
  operation: ['bulk'],
}

/** What queries may compare a status with: all that stands for an error. */
const STATUSES: ReadonlySet<number> = new Set(Object.values(KINDS).map(({ status }) => status))

/** How a query of metrics begins. */
const OF_METRICS = /^AppMetrics\n\| where Name in \(([^)]*)\)\n/

/** How a query of what is written to the account of the backups begins. */
const OF_BACKUPS = /^StorageBlobLogs\n/

/** How every other query begins: the host puts a line of the app into the message of a trace. */
const BEGINNING = `AppTraces
| where Message startswith '{"event":'
| extend line = parse_json(Message)
`

/** What of a line a query goes by. */
export function membersIn(query: string): readonly string[] {
  return [...query.matchAll(/\bline\.(\w+)/g)].map(([, member = '']) => member)
}

/** What of the cause. */
export function causeMembersIn(query: string): readonly string[] {
  return [...query.matchAll(/\bline\.cause\.(\w+)/g)].map(([, member = '']) => member)
}

/** Queries of the alerts and of the workbook that ask for what the app does not log, and alerts that reach nobody. */
export function queryFindings(deployment: Deployment): readonly Finding[] {
  const rules = ofType(deployment, 'Insights/scheduledQueryRules')
  const workbooks = ofType(deployment, 'Insights/workbooks')
  const groups = new Set(ofType(deployment, 'Insights/actionGroups').map(({ id }) => id))
  return [
    ...[...rules, ...workbooks].flatMap((resource) =>
      queriesOf(resource.text).flatMap((query) =>
        problems(query).map((says) => ({
          rule: 'queries',
          where: placeOf(deployment, resource),
          says,
        })),
      ),
    ),
    ...rules.flatMap((alert) =>
      dimensionProblems(alert.text).map((says) => ({
        rule: 'alerts',
        where: placeOf(deployment, alert),
        says,
      })),
    ),
    ...[...rules, ...ofType(deployment, 'Insights/metricAlerts')]
      .filter((alert) => {
        const actions = textsIn(at(alert, 'properties.actions') ?? null)
        return !actions.some((each) => groups.has(each))
      })
      .map((alert) => ({
        rule: 'alerts',
        where: placeOf(deployment, alert),
        says: 'it tells nobody',
      })),
  ]
}

/** An alert is told apart by columns, which its query has to have. */
function dimensionProblems(alert: JsonValue): readonly string[] {
  const criteria = elementsOf(own(own(own(alert, 'properties'), 'criteria'), 'allOf'))
  return criteria.flatMap((criterion) => {
    const query = textOf(own(criterion, 'query'))
    if (kqlProblems(query).length > 0) return []
    const columns = elementsOf(own(criterion, 'dimensions')).map((each) =>
      textOf(own(each, 'name')),
    )
    const missing = columns.filter(
      (column) => kqlProblems(`${query}| project ${column}`).length > 0,
    )
    return missing.map((column) => `the query has no column "${column}" to tell apart by`)
  })
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Of an alert, and of a workbook, whose items are JSON in a text. */
function queriesOf(resource: JsonValue): readonly string[] {
  const properties = own(resource, 'properties')
  const serialized = own(properties, 'serializedData')
  const holder = typeof serialized === 'string' ? parseJson(serialized) : properties
  return membersNamed('query', holder ?? null)
}

function membersNamed(name: string, value: JsonValue): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]: [string, JsonValue]) =>
    key === name && typeof each === 'string' ? [each] : membersNamed(name, each),
  )
}

function problems(query: string): readonly string[] {
  const known: readonly string[] = QUERIED_MEMBERS
  const [, metrics] = OF_METRICS.exec(query) ?? []
  if (metrics !== undefined) {
    return [
      ...namesIn(metrics)
        .filter((name) => !Object.hasOwn(METRICS, name))
        .map((name) => `no metric is called "${name}"`),
      ...kqlProblems(query).map((problem) => `the query is wrong: ${problem}`),
    ]
  }
  if (OF_BACKUPS.test(query)) {
    return kqlProblems(query).map((problem) => `the query is wrong: ${problem}`)
  }
  return [
    query.startsWith(BEGINNING) ? '' : 'the query does not begin with reading the lines',
    ...membersIn(query)
      .filter((member) => !known.includes(member))
      .map((member) => `no line of the log has "${member}"`),
    ...causeMembersIn(query)
      .filter((member) => !CAUSE_MEMBERS.some((each) => each === member))
      .map((member) => `no cause of a failure has "${member}"`),
    ...comparisonsIn(query)
      .filter(([member, text]) => !valuesOf(member).includes(text))
      .map(([member, text]) => `"${member}" of a line is never "${text}"`),
    ...statusesIn(query)
      .filter((status) => !STATUSES.has(status))
      .map((status) => `no error is answered with ${status}`),
    ...kqlProblems(query).map((problem) => `the query is wrong: ${problem}`),
  ].filter((problem) => problem !== '')
}

function valuesOf(member: string): readonly string[] {
  return member === 'event' || member === 'reason' || member === 'operation' ? COMPARED[member] : []
}

/** `tostring(line.event) in ('scim', 'oauth')`: the member, and each text that it is compared with. */
function comparisonsIn(query: string): readonly (readonly [member: string, text: string])[] {
  const comparisons = query.matchAll(
    /tostring\(line\.(\w+)\) (?:==|!=|in|!in) (\([^)]*\)|'[^']*')/g,
  )
  return [...comparisons].flatMap(([, member = '', texts = '']) =>
    namesIn(texts).map((text) => [member, text] as const),
  )
}

/** `toint(line.status) == 429`, `status in (401, 403)`: the numbers. */
function statusesIn(query: string): readonly number[] {
  const comparisons = query.matchAll(/\bstatus\)? (?:>=?|<=?|==|!=|in|!in) (\([\d, ]+\)|\d+)/g)
  return [...comparisons].flatMap(([, numbers = '']) => (numbers.match(/\d+/g) ?? []).map(Number))
}

function namesIn(texts: string): readonly string[] {
  return [...texts.matchAll(/'([^']*)'/g)].map(([, text = '']) => text)
}
