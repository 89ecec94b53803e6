import type { TenantStatus, TenantStore, TenantSummary } from '../../lib/storage/tenant-port.ts'
import { UsageError } from '../command-line.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { columns, minute, type Outcome, TENANT_HEADINGS } from './text.ts'

const PAGE = 999

const STATUSES: readonly TenantStatus[] = ['enabled', 'disabled', 'deleting']

/** What a summary tells beyond what every tenant has; a column that nobody fills is left out. */
const MORE: readonly (readonly [heading: string, cell: (summary: TenantSummary) => string])[] = [
  ['REFERENCE', ({ reference = '' }) => reference],
  ['USERS', ({ users }) => users?.toLocaleString('en-US') ?? ''],
  ['GROUPS', ({ groups }) => groups?.toLocaleString('en-US') ?? ''],
  ['LAST REQUEST', ({ lastRequest = '' }) => minute(lastRequest)],
  ['NEXT EXPIRY', ({ nextExpiry = '' }) => minute(nextExpiry)],
]

/**
 * Lists tenants by their summaries, those alone that have the operand in id, name or reference, case ignored.
 * @throws UsageError
 */
export async function listTenants(
  { store }: Workplace,
  [text]: readonly string[],
  { status }: OptionValues,
): Promise<Outcome> {
  const found = await summariesOf(store, {
    ...(text === undefined ? {} : { q: text.trim() }),
    ...(status === undefined ? {} : { status: statusOf(status) }),
  })
  const tenants = found.map(shownSummary)
  return { text: table(found, text !== undefined || status !== undefined), json: { tenants } }
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

function table(summaries: readonly TenantSummary[], isFiltered: boolean): string {
  if (summaries.length === 0) {
    return isFiltered ? 'there is no such tenant' : 'there is no tenant yet; create <id> makes one'
  }
  const more = MORE.filter(([, cell]) => summaries.some((each) => cell(each) !== ''))
  const rows = summaries.map((summary) => {
    const { id, name, status, created } = summary
    return [id, name, status, minute(created), ...more.map(([, cell]) => cell(summary))]
  })
  return columns([[...TENANT_HEADINGS, ...more.map(([heading]) => heading)], ...rows])
}
