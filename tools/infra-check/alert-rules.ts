import { ROUTE_PREFIX } from '../../lib/http/routes.ts'
import { elementsOf, own, type JsonValue } from '../../lib/scim/json.ts'
import { conditionsOf } from './alert-conditions.ts'
import {
  at,
  type Deployment,
  type Finding,
  ofType,
  placeOf,
  type Resource,
  textAt,
  textsIn,
} from './deployment.ts'
import { minutesOf } from './duration.ts'

/** When an alert fires. */
interface Alert {
  readonly operator: 'GreaterThan' | 'LessThan'
  readonly threshold: number
  /** What it measures, where it is no query; Azure takes a name that there is not, and the alert never fires. */
  readonly metric?: string
  /** Comparisons with numbers that its query makes. */
  readonly limits?: readonly string[]
}

/** Every alert; a test holds the numbers to those that docs/operations.md tells. */
export const ALERTS: Readonly<Record<string, Alert>> = {
  'server-errors': { operator: 'GreaterThan', threshold: 5 },
  'maintenance-missing': { operator: 'LessThan', threshold: 1 },
  'backup-missing': { operator: 'LessThan', threshold: 1 },
  'slow-requests': {
    operator: 'GreaterThan',
    threshold: 0,
    limits: ['requests >= 20', 'p95 > 3000'],
  },
  'refused-credentials': {
    operator: 'GreaterThan',
    threshold: 0,
    limits: ['refused > 50', 'refused > 1', 'answered == 0'],
  },
  'throttled-tenants': { operator: 'GreaterThan', threshold: 0, limits: ['refused > 100'] },
  'expiring-credentials': { operator: 'GreaterThan', threshold: 0 },
  'host-errors': {
    operator: 'GreaterThan',
    threshold: 50,
    metric: 'Microsoft.Web/sites Http5xx',
  },
  'storage-availability': {
    operator: 'LessThan',
    threshold: 99.9,
    metric: 'Microsoft.Storage/storageAccounts Availability',
  },
  'storage-throttled': {
    operator: 'GreaterThan',
    threshold: 20,
    metric: 'Microsoft.Storage/storageAccounts Transactions',
  },
}

/** From how many places the health URL has to fail. */
export const FAILED_LOCATIONS = 2

/** The values of the dimensions that alerts go by, as the storage names them. */
const DIMENSION_VALUES: Readonly<Record<string, readonly string[]>> = {
  ResponseType: [
    'Success',
    'SuccessWithThrottling',
    'AuthorizationError',
    'NetworkError',
    'ClientAccountBandwidthThrottlingError',
    'ClientAccountRequestThrottlingError',
    'ClientThrottlingError',
    'ClientTimeoutError',
    'ClientOtherError',
    'ServerBusyError',
    'ServerTimeoutError',
    'ServerOtherError',
  ],
}

/** The one route that answers whoever asks. */
export const HEALTH_PATH: string = `/${ROUTE_PREFIX}/health`

/** Whether the alerts fire when they should, and the test from outside calls what there is. */
export function alertFindings(deployment: Deployment): readonly Finding[] {
  const alerts = [
    ...ofType(deployment, 'Insights/scheduledQueryRules'),
    ...ofType(deployment, 'Insights/metricAlerts'),
  ]
  return [
    ...alerts.flatMap((alert) =>
      [...problemsOf(alert.name, at(alert, 'properties.criteria')), ...gapsOf(alert)].map(
        (says) => ({
          rule: 'alerts',
          where: placeOf(deployment, alert),
          says,
        }),
      ),
    ),
    ...ofType(deployment, 'Insights/scheduledQueryRules').flatMap((alert) =>
      weakened(alert.name, textAt(alert, 'properties.criteria.allOf.0.query')).map((says) => ({
        rule: 'conditions',
        where: placeOf(deployment, alert),
        says,
      })),
    ),
    ...ofType(deployment, 'Insights/webtests')
      .filter((test) => pathOf(at(test, 'properties.Request.RequestUrl')) !== HEALTH_PATH)
      .map((test) => ({
        rule: 'alerts',
        where: placeOf(deployment, test),
        says: `it must call ${HEALTH_PATH}`,
      })),
  ]
}

/** What happens between two windows nobody sees. */
function gapsOf(alert: Resource): readonly string[] {
  const window = minutesOf(textAt(alert, 'properties.windowSize')) ?? 0
  const every = minutesOf(textAt(alert, 'properties.evaluationFrequency')) ?? Infinity
  return window < every ? [`it looks back ${window} minutes, and that every ${every}`] : []
}

function problemsOf(resourceName: string, criteria: JsonValue | undefined): readonly string[] {
  const locations = own(criteria, 'failedLocationCount')
  if (locations !== undefined) {
    if (locations === FAILED_LOCATIONS) return []
    return [`failedLocationCount must be ${FAILED_LOCATIONS}, not ${JSON.stringify(locations)}`]
  }
  const [, alert] =
    Object.entries(ALERTS).find(([name]) => resourceName.startsWith(`${name}-`)) ?? []
  if (alert === undefined) return ['nobody says when it has to fire']
  return elementsOf(own(criteria, 'allOf')).flatMap((criterion) =>
    differences(alert, criterion).concat(
      elementsOf(own(criterion, 'dimensions')).flatMap(unknownValues),
    ),
  )
}

function differences(alert: Alert, criterion: JsonValue): readonly string[] {
  const query = own(criterion, 'query')
  const metric = `${textOf(own(criterion, 'metricNamespace'))} ${textOf(own(criterion, 'metricName'))}`
  const expected: readonly (readonly [string, JsonValue, JsonValue | undefined])[] = [
    ['operator', alert.operator, own(criterion, 'operator')],
    ['threshold', alert.threshold, own(criterion, 'threshold')],
    typeof query === 'string'
      ? ['what its query asks for', (alert.limits ?? []).join(', '), limitsIn(query).join(', ')]
      : ['metricName', alert.metric ?? '', metric],
  ]
  return expected
    .filter(([, value, given]) => value !== given)
    .map(
      ([name, value, given]) =>
        `${name} must be ${JSON.stringify(value)}, not ${JSON.stringify(given)}`,
    )
}

/** A query that asks for less, or for more, than its alert is for. */
function weakened(resourceName: string, query: string): readonly string[] {
  const name = resourceName.split('-').slice(0, 2).join('-')
  const expected = conditionsOf(name)
  const given = conditionsIn(query)
  return [
    ...expected
      .filter((each) => !given.includes(each))
      .map((each) => `its query must ask: ${each}`),
    ...given.filter((each) => !expected.includes(each)).map((each) => `its query asks: ${each}`),
  ]
}

/** What its lines have to be, and what it counts. */
function conditionsIn(query: string): readonly string[] {
  // Every query of the app's lines begins with three lines of its own.
  const asked = query.startsWith('AppTraces\n') ? query.split('\n').slice(3).join('\n') : query
  const conditions = [
    ...asked.matchAll(/^\| where (.*)$/gm),
    ...asked.matchAll(/countif\(((?:[^()]|\([^()]*\))*)\)/g),
  ]
  return conditions.map(([, condition = '']) => condition)
}

/** `refused > 100`: a column of the query's own, compared with a number. */
function limitsIn(query: string): readonly string[] {
  return [...query.matchAll(/\b\w+ (?:>=?|<=?|==|!=) \d+/g)].map(([limit]) => limit)
}

function unknownValues(dimension: JsonValue): readonly string[] {
  const known = DIMENSION_VALUES[textOf(own(dimension, 'name'))]
  if (known === undefined) return []
  return textsIn(own(dimension, 'values') ?? null)
    .filter((value) => !known.includes(value))
    .map((value) => `${textOf(own(dimension, 'name'))} is never "${value}"`)
}

/** Of a URL whose host perhaps only Azure knows: `[format('https://{0}{1}', …, '/api/health')]`. */
function pathOf(url: JsonValue | undefined): string {
  const text = textOf(url)
  if (!text.startsWith('[')) return URL.parse(text)?.pathname ?? ''
  return /'(\/[^']*)'\)\]$/.exec(text)?.[1] ?? ''
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
