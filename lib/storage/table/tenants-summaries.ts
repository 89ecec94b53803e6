import { odata, type TableClient } from '@azure/data-tables'
import { NO_DEADLINE, type Deadline } from '../deadline.ts'
import { SUMMARIES, TENANT_KEY } from '../keys.ts'
import { summaryOf } from '../tenant-changes.ts'
import {
  isTenantId,
  summaryMatches,
  type SummaryFacts,
  type SummaryPage,
  type SummaryQuery,
  type Tenant,
  type TenantActivity,
  type TenantIdentity,
  type TenantSummary,
} from '../tenant-port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { MAX_PAGE_SIZE } from './partition.ts'
import { text } from './row.ts'
import { activityColumns, summaryEntity, toSummary, toTenant } from './tenants-rows.ts'
import { getRow, wasInserted, wasWritten } from './tenants-table.ts'

/** A summary as it was read. */
interface Read {
  readonly summary: TenantSummary
  readonly etag: string
}

/** The rows of `_tenants`, whatever tenant of that id they are of. */
async function readSummary(table: TableClient, tenantId: string): Promise<Read | undefined> {
  if (!isTenantId(tenantId)) return undefined
  const row = await getRow(table, SUMMARIES, tenantId)
  return row === undefined ? undefined : { summary: toSummary(row), etag: text(row, 'etag') }
}

export async function getTenant(table: TableClient, tenantId: string): Promise<Tenant | undefined> {
  if (!isTenantId(tenantId)) return undefined
  const row = await getRow(table, tenantId, TENANT_KEY)
  return row === undefined ? undefined : toTenant(row)
}

/** The summary, when it is of this tenant. */
export async function summaryFor(
  table: TableClient,
  { id, partitionKey }: TenantIdentity,
): Promise<TenantSummary | undefined> {
  const { summary } = (await readSummary(table, id)) ?? {}
  return summary?.partitionKey === partitionKey ? summary : undefined
}

/**
 * One page. Without `q` the service finds no row in vain; with it all of the partition may have to be read, a thousand
 * rows in a call.
 */
export async function listSummaries(
  table: TableClient,
  summaryQuery: SummaryQuery,
): Promise<SummaryPage> {
  const { q, status, after, count } = summaryQuery
  const conditions = [
    odata`PartitionKey eq ${SUMMARIES}`,
    ...(after === undefined ? [] : [odata`RowKey gt ${after}`]),
    ...(status === undefined ? [] : [odata`status eq ${status}`]),
  ]
  const maxPageSize = q === undefined ? Math.min(count + 1, MAX_PAGE_SIZE) : MAX_PAGE_SIZE
  const pages = table
    .listEntities({ queryOptions: { filter: conditions.join(' and ') } })
    .byPage({ maxPageSize })
  const found: TenantSummary[] = []
  while (found.length <= count) {
    const page = await callStorage(NO_DEADLINE, () => pages.next())
    if (page.done === true) break
    found.push(...page.value.map(toSummary).filter((each) => summaryMatches(each, summaryQuery)))
  }
  const items = found.slice(0, count)
  const last = items.at(-1)
  return { items, ...(found.length > count && last !== undefined ? { next: last.id } : {}) }
}

/**
 * Writes the summary of a tenant that is about to be created. One that is there is replaced when there is no such tenant:
 * a creation or a deletion was interrupted, or somebody is creating it at this moment; whoever loses that race puts the
 * winner's back.
 * @returns false when there is such a tenant.
 */
export async function claimSummary(table: TableClient, tenant: Tenant): Promise<boolean> {
  const entity = summaryEntity(summaryOf(tenant))
  for (;;) {
    if (await wasInserted(() => table.createEntity(entity))) return true
    const found = await readSummary(table, tenant.id)
    if (found?.summary.partitionKey === tenant.partitionKey) return true
    if ((await getTenant(table, tenant.id)) !== undefined) return false
    if (found === undefined) continue
    const { etag } = found
    if (await wasWritten(() => table.updateEntity(entity, 'Replace', { etag }))) return true
  }
}

/**
 * Makes the summary of a tenant from its row, which is read behind the summary: so whoever changes the row later writes
 * the summary later, too.
 * @param partitionKey that of the tenant that is meant; any when absent.
 */
export async function syncSummary(
  table: TableClient,
  tenantId: string,
  { partitionKey, facts }: { readonly partitionKey?: string; readonly facts?: SummaryFacts } = {},
): Promise<void> {
  for (;;) {
    const found = await readSummary(table, tenantId)
    const tenant = await getTenant(table, tenantId)
    if (tenant === undefined) return
    if (partitionKey !== undefined && tenant.partitionKey !== partitionKey) return
    const entity = summaryEntity(summaryOf(tenant, found?.summary, facts))
    if (found === undefined) {
      if (await wasInserted(() => table.createEntity(entity))) return
      continue
    }
    const { etag } = found
    if (await wasWritten(() => table.updateEntity(entity, 'Replace', { etag }))) return
  }
}

/** See TenantStore. One call: whose summary it is, is left to those who read it. */
export async function noteActivity(
  table: TableClient,
  tenant: TenantIdentity,
  activity: TenantActivity,
  deadline: Deadline = NO_DEADLINE,
): Promise<void> {
  const columns = activityColumns(tenant, activity)
  if (!isTenantId(tenant.id) || Object.keys(columns).length === 0) return
  const entity = { ...columns, partitionKey: SUMMARIES, rowKey: tenant.id }
  try {
    await callStorage(deadline, (abortSignal) =>
      table.updateEntity(entity, 'Merge', { abortSignal }),
    )
  } catch (error) {
    if (storageStatus(error) !== 404) throw error
  }
}

/** See TenantStore. The summary is read before the tenant, so one that is being created is not taken for missing. */
export async function dropSummary(
  table: TableClient,
  { id, partitionKey }: TenantIdentity,
): Promise<boolean> {
  for (;;) {
    const found = await readSummary(table, id)
    const tenant = await getTenant(table, id)
    if (tenant?.partitionKey === partitionKey) return false
    if (found?.summary.partitionKey !== partitionKey) return true
    const { etag } = found
    if (await wasWritten(() => table.deleteEntity(SUMMARIES, id, { etag }))) return true
  }
}
