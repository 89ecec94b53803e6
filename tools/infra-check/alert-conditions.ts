import { KINDS, type ErrorKind } from '../../lib/scim/errors.ts'
import type { LoggedEvent } from './query-rules.ts'

/** Every condition of each alert's query, by what the app logs: with one that is weaker it fires for nothing, or never. */
const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  'server-errors': [
    eventIn('scim', 'oauth', 'manage'),
    `${status('>=', 'internal')} and ${status('!=', 'notImplemented')}`,
  ],
  'maintenance-missing': [
    `${event('maintenance')} and tobool(line.ran) and toint(line.failures) == 0`,
  ],
  // What is written last, once all is there: tools/upload-backup.sh.
  'backup-missing': [
    "OperationName in ('PutBlob', 'PutBlockList')",
    "StatusText == 'Success'",
    "Uri contains '/backups/manifests/'",
  ],
  'slow-requests': [
    `${eventIn('scim', 'oauth', 'manage')} and tostring(line.operation) != 'bulk'`,
    'requests >= 20 and p95 > 3000',
  ],
  'refused-credentials': [
    `${eventIn('scim', 'oauth')} and isnotempty(line.tenant)`,
    "tostring(line.reason) != 'unknown tenant'",
    status('==', 'unauthorized'),
    'toint(line.status) < 400',
    'refused > 50 or (refused > 1 and answered == 0)',
  ],
  'throttled-tenants': [
    `${eventIn('scim', 'oauth')} and ${status('==', 'tooManyRequests')}`,
    'refused > 100',
  ],
  'expiring-credentials': [event('credential expires')],
}

export function conditionsOf(alert: string): readonly string[] {
  return CONDITIONS[alert] ?? []
}

function event(name: LoggedEvent): string {
  return `tostring(line.event) == '${name}'`
}

function eventIn(...names: readonly LoggedEvent[]): string {
  return `tostring(line.event) in (${names.map((name) => `'${name}'`).join(', ')})`
}

function status(operator: '==' | '!=' | '>=', kind: ErrorKind): string {
  return `toint(line.status) ${operator} ${KINDS[kind].status}`
}
