import { healthOf, type Health } from '../../lib/activity/health.ts'
import { tenantHealth } from '../../lib/activity/tenant-health.ts'
import { inParallel } from '../../lib/in-parallel.ts'
import type { TenantStatus, TenantStore, TenantSummary } from '../../lib/storage/tenant-port.ts'
import { UsageError } from '../command-line.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { columns, minute, type Outcome, TENANT_HEADINGS } from './text.ts'

const PAGE = 999

/** Tenants that are looked into, each by two calls. */
const MOST_EXAMINED = 200

const AT_ONCE = 8

const STATUSES: readonly TenantStatus[] = ['enabled', 'disabled', 'deleting']

/** What a summary tells beyond what every tenant has; a column that nobody fills is left out. */
const MORE: readonly (readonly [heading: string, cell: (summary: TenantSummary) => string])[] = [
  ['REFERENCE', ({ reference = '' }) => reference],
  ['USERS', ({ users }) => users?.toLocaleString('en-US') ?? ''],
  ['GROUPS', ({ groups }) => groups?.toLocaleString('en-US') ?? ''],
  ['LAST REQUEST', ({ lastRequest = '' }) => minute(lastRequest)],
  ['LAST SUCCESS', ({ lastSuccess = '' }) => minute(lastSuccess)],
  ['LAST REFUSAL', ({ lastRefusal = '' }) => minute(lastRefusal)],
  ['NEXT EXPIRY', ({ nextExpiry = '' }) => minute(nextExpiry)],
]

/**
 * Lists tenants by their summaries, those alone that have the operand in id, name or reference, case ignored.
 * @throws UsageError
 */
export async function listTenants(
  workplace: Workplace,
  [text]: readonly string[],
  { status }: OptionValues,
): Promise<Outcome> {
  const found = await summariesOf(workplace.store, {
    ...(text === undefined ? {} : { q: text.trim() }),
    ...(status === undefined ? {} : { status: statusOf(status) }),
  })
  const healths = await healthsOf(workplace, found)
  const tenants = found.map((summary) =>
    Object.assign(shownSummary(summary), { health: healths.get(summary.id) }),
  )
  const isFiltered = text !== undefined || status !== undefined
  return { text: table(found, healths, isFiltered), json: { tenants } }
}

/** By tenant. Of many it is told by what the list has: whether they fail is not in it. */
async function healthsOf(
  workplace: Workplace,
  found: readonly TenantSummary[],
): Promise<ReadonlyMap<string, Health>> {
  const { now, say, activity } = workplace
  const isMany = found.length > MOST_EXAMINED
  if (isMany) {
    say(`of more than ${String(MOST_EXAMINED)} tenants STATE does not tell who is failing`)
  }
  const healths = await inParallel(found, AT_ONCE, async (summary) => {
    const { id, status } = summary
    if (isMany) return [id, healthOf({ status, activity: summary, now: now() })] as const
    const about = { tenant: summary, summary }
    const { state, reason, quarantineRisk } = await tenantHealth(activity, about, now())
    return [id, { state, reason, quarantineRisk }] as const
  })
  return new Map(healths)
}

function shownSummary(summary: TenantSummary): Omit<TenantSummary, 'partitionKey'> {
  const { partitionKey: _, ...shown } = summary
  return shown
}

function statusOf(text: string): TenantStatus {
  const status = STATUSES.find((each) => each === text)
  if (status !== undefined) return status
  throw new UsageError(`--status must be one of ${STATUSES.join(', ')}, not "${text}"`)
}

async function summariesOf(
  store: TenantStore,
  query: { readonly q?: string; readonly status?: TenantStatus },
): Promise<readonly TenantSummary[]> {
  const found: TenantSummary[] = []
  let behind: { readonly after?: string } = {}
  for (;;) {
    const { items, next } = await store.summaries({ ...query, ...behind, count: PAGE })
    found.push(...items)
    if (next === undefined) return found
    behind = { after: next }
  }
}

function table(
  summaries: readonly TenantSummary[],
  healths: ReadonlyMap<string, Health>,
  isFiltered: boolean,
): string {
  if (summaries.length === 0) {
    return isFiltered ? 'there is no such tenant' : 'there is no tenant yet; create <id> makes one'
  }
  const more = MORE.filter(([, cell]) => summaries.some((each) => cell(each) !== ''))
  const rows = summaries.map((summary) => {
    const { id, name, status, created } = summary
    const state = healths.get(id)?.state ?? ''
    return [id, name, status, minute(created), state, ...more.map(([, cell]) => cell(summary))]
  })
  return columns([[...TENANT_HEADINGS, 'STATE', ...more.map(([heading]) => heading)], ...rows])
}
