import { connectionsOf, RECENT_DAYS, recentDays } from '../../lib/activity/connection.ts'
import { seenAttributes, type SeenAttributes } from '../../lib/activity/seen.ts'
import { tenantHealth, type TenantHealth } from '../../lib/activity/tenant-health.ts'
import type { ConnectionFacts } from '../../lib/storage/activity-port.ts'
import type { Credential, Tenant } from '../../lib/storage/tenant-port.ts'
import { readSettings } from '../../lib/tenants/settings.ts'
import type { Workplace } from './commands.ts'
import { columns, minute, printable } from './text.ts'

/** What a tenant's activity comes to. */
interface Overview {
  readonly health: TenantHealth
  readonly connections: readonly ConnectionFacts[]
  readonly attributes: SeenAttributes
  /** For how many days these are told. */
  readonly attributeDays: number
}

export async function overviewOf(
  { store, activity, now }: Workplace,
  tenant: Tenant,
  credentials: readonly Credential[],
): Promise<Overview> {
  const summary = await store.summary(tenant)
  const { activityDays } = readSettings(tenant.settings)
  const [health, { days, connections }] = await Promise.all([
    tenantHealth(activity, { tenant, summary, credentials }, now()),
    recentDays(activity, tenant, now(), activityDays),
  ])
  return {
    health,
    connections: connectionsOf(connections).items,
    attributes: seenAttributes(days),
    attributeDays: Math.min(RECENT_DAYS, activityDays),
  }
}

/** The overview in a few lines. */
export function overviewText(
  { health, connections, attributes, attributeDays }: Overview,
  credentials: readonly Credential[],
): string {
  const { state, reason, quarantineRisk } = health
  const { lastRequest = 'never', lastSuccess = 'never', lastRefusal = 'never' } = health
  const { requests, writes, writesRefused, writesFailed } = health.last24Hours
  const [all, written, failed] = [requests, writes, writesRefused + writesFailed].map((count) =>
    count.toLocaleString('en-US'),
  )
  const risk = quarantineRisk === 'none' ? '' : ` Quarantine risk, an estimate: ${quarantineRisk}.`
  const times = `${minute(lastRequest)}, last success ${minute(lastSuccess)}, last refusal of a credential ${minute(lastRefusal)}`
  return [
    `Health        ${state}: ${printable(reason)}${risk}`,
    `Last request  ${times}`,
    `24 hours      ${all} requests, ${written} writes, of which ${failed} were refused or failed`,
    ...attributeLines(attributes, attributeDays),
    ...(connections.length === 0 ? [] : ['', connectionTable(connections, credentials)]),
  ].join('\n')
}

function attributeLines(
  { items, more, warnings }: SeenAttributes,
  days: number,
): readonly string[] {
  if (items.length === 0) return []
  const count = (items.length + more).toLocaleString('en-US')
  const lines = warnings.map(({ detail }) => `              ${printable(detail)}`)
  return [`Attributes    ${count} have come in ${days} days`, ...lines]
}

/** A time, or that there was none. */
function time(at: string | undefined): string {
  return minute(at ?? 'never')
}

function connectionTable(
  connections: readonly ConnectionFacts[],
  credentials: readonly Credential[],
): string {
  const labels = new Map(credentials.map(({ id, label }) => [id, label]))
  const rows = connections.map((each) => [
    each.credentialId,
    labels.get(each.credentialId) ?? '',
    each.client ?? '',
    time(each.last),
    time(each.lastSuccess),
    each.lastRefusal === undefined
      ? 'never'
      : `${time(each.lastRefusal)} ${each.lastReason ?? ''}`.trimEnd(),
    time(each.lastProbe),
  ])
  const headings = ['USED', 'LABEL', 'CLIENT', 'LAST', 'LAST SUCCESS', 'LAST REFUSAL', 'TESTED']
  return columns([headings, ...rows])
}
