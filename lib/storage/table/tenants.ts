import { odata, type TableClient, type TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import { NO_DEADLINE } from '../deadline.ts'
import { definitionStore } from '../definition-changes.ts'
import { SUMMARIES, TENANT_KEY } from '../keys.ts'
import { changedTenant, concernsSummary } from '../tenant-changes.ts'
import { oneEntry, toldOfNewTenant, toldOfTenant, type JournalSource } from '../tenant-journal.ts'
import {
  isTenantId,
  type ChangedBy,
  type ChangeOptions,
  type Tenant,
  type TenantChange,
  type TenantStore,
} from '../tenant-port.ts'
import { eraseKeys, type Key } from './erase.ts'
import { callStorage } from './failure.ts'
import { text } from './row.ts'
import type { Tables } from './tables.ts'
import {
  findCredential,
  findCredentials,
  insertCredential,
  listCredentials,
  mergeIntoCredential,
  updateCredential,
  type JournaledTable,
} from './tenants-credentials.ts'
import { tableDefinitionRows } from './tenants-definitions.ts'
import { noteIndexes } from './tenants-indexes.ts'
import { releaseIssuers, tableAccessKeys, tableIssuers } from './tenants-keys.ts'
import { tenantColumns, toTenant, toTenantJournalEntry, warningColumns } from './tenants-rows.ts'
import {
  claimSummary,
  dropSummary,
  getTenant,
  listSummaries,
  noteActivity,
  summaryFor,
  syncSummary,
} from './tenants-summaries.ts'
import { changeRow, getRow, keysIn, query, wasInserted, wasWritten } from './tenants-table.ts'

/** Tenants that are read at the same time. */
const AT_ONCE = 8

/**
 * Tenants in the table `tenants`: a partition has one tenant's row, those of its credentials and attributes, and their journal;
 * partitions that are no tenant's have what is told of all of them.
 */
export function tableTenantStore(
  { tenants: table }: Pick<Tables, 'tenants'>,
  source: JournalSource = {},
): TenantStore {
  const journaled = { table, source }
  return {
    findCredential: (tenantId, credentialId, deadline) =>
      findCredential(table, tenantId, credentialId, deadline),
    findCredentials: (tenantId, deadline) => findCredentials(table, tenantId, deadline),
    get: (tenantId) => getTenant(table, tenantId),
    summary: (tenant) => summaryFor(table, tenant),
    summaries: (summaryQuery) => listSummaries(table, summaryQuery),
    list: () => listTenants(table),
    ids: () => tenantIds(table),
    create: (tenant, by) => insertTenant(journaled, tenant, by),
    update: (tenantId, change, options) => updateTenant(journaled, tenantId, change, options),
    noteActivity: (tenant, activity, deadline) => noteActivity(table, tenant, activity, deadline),
    noteIndexes: (tenant, indexes) => noteIndexes(table, tenant, indexes),
    repairSummary: ({ id, partitionKey }, facts) => syncSummary(table, id, { partitionKey, facts }),
    dropSummary: (summary) => dropSummary(table, summary),
    delete: (tenant) => deleteTenantRows(table, tenant),
    credentials: (tenantId) => listCredentials(table, tenantId),
    addCredential: (tenantId, credential, by) =>
      insertCredential(journaled, tenantId, credential, by),
    updateCredential: (tenantId, credentialId, change, options) =>
      updateCredential(journaled, tenantId, credentialId, change, options),
    touchCredential: (tenantId, credentialId, at) =>
      mergeIntoCredential(table, tenantId, credentialId, { lastUsed: at }),
    noteWarning: (tenantId, credentialId, warning) =>
      mergeIntoCredential(table, tenantId, credentialId, warningColumns(warning)),
    ...definitionStore(tableDefinitionRows(journaled), source),
    ...tableIssuers(table),
    ...tableAccessKeys(table),
  }
}

async function listTenants(table: TableClient): Promise<readonly Tenant[]> {
  const ids = await keysIn(table, SUMMARIES)
  const tenants = await inParallel(ids, AT_ONCE, (id) => getTenant(table, id))
  return tenants.filter((tenant) => tenant !== undefined)
}

/** A summary may have the same RowKey, in a partition that is no tenant's. */
async function tenantIds(table: TableClient): Promise<readonly string[]> {
  const queryOptions = { filter: odata`RowKey eq ${TENANT_KEY}`, select: ['PartitionKey'] }
  const ids = await callStorage(NO_DEADLINE, async () => {
    const keys: string[] = []
    for await (const row of table.listEntities({ queryOptions })) {
      keys.push(text(row, 'partitionKey'))
    }
    return keys
  })
  return ids.filter(isTenantId).toSorted()
}

/** The summary comes first: a tenant that no list has could not be found to be deleted. */
async function insertTenant(
  { table, source }: JournaledTable,
  tenant: Tenant,
  by?: ChangedBy,
): Promise<boolean> {
  const { id } = tenant
  if (!isTenantId(id)) throw new TypeError('not a tenant id')
  if (!(await claimSummary(table, tenant))) return false
  const entity = { ...tenantColumns(tenant), partitionKey: id, rowKey: TENANT_KEY }
  const entry = toTenantJournalEntry(tenant, oneEntry(source, by)(toldOfNewTenant(tenant)))
  const rows: TransactionAction[] = [
    ['create', entity],
    ['create', entry],
  ]
  if (await wasInserted(() => table.submitTransaction(rows))) return true
  // It is ours when the answer to the SDK's first try was lost.
  if ((await getTenant(table, id))?.signingKey === tenant.signingKey) return true
  await syncSummary(table, id)
  return false
}

async function updateTenant(
  { table, source }: JournaledTable,
  tenantId: string,
  change: (tenant: Tenant) => TenantChange,
  options?: ChangeOptions,
): Promise<Tenant | undefined> {
  if (!isTenantId(tenantId)) return undefined
  const entryOf = oneEntry(source, options?.by)
  let isSummaryConcerned = false
  const after = await changeRow<Tenant>(
    {
      table,
      what: 'tenant',
      key: { partitionKey: tenantId, rowKey: TENANT_KEY },
      parse: toTenant,
      change(before) {
        const wanted = change(before)
        isSummaryConcerned = concernsSummary(wanted)
        return changedTenant(before, wanted)
      },
      columns: tenantColumns,
      entry(before, changed) {
        const told = toldOfTenant(before, changed)
        return told && toTenantJournalEntry(changed, entryOf(told))
      },
    },
    options,
  )
  // Also when nothing changed: an earlier change may have been interrupted before its summary was written.
  if (isSummaryConcerned) await syncSummary(table, tenantId)
  return after
}

/**
 * Credentials are read before the tenant's row. So what was found belongs to the tenant that has the row then, or to
 * nobody: a later tenant's credentials are written behind its row. After the row is gone it looks again. The summary goes
 * at the very end: by it an interrupted deletion is found.
 */
async function deleteTenantRows(
  table: TableClient,
  tenant: Pick<Tenant, 'id' | 'partitionKey' | 'signingKey'>,
): Promise<void> {
  if (!isTenantId(tenant.id)) return
  await releaseIssuers(table, tenant.partitionKey)
  await deleteOwnRows(table, tenant)
  await dropSummary(table, tenant)
}

async function deleteOwnRows(
  table: TableClient,
  { id, signingKey }: Pick<Tenant, 'id' | 'signingKey'>,
): Promise<void> {
  for (;;) {
    const others = await otherKeys(table, id)
    const row = await getRow(table, id, TENANT_KEY)
    if (row !== undefined && row['signingKey'] !== signingKey) return
    await eraseKeys(table, others)
    if (row === undefined && others.length === 0) return
    if (row === undefined) continue
    const etag = text(row, 'etag')
    await wasWritten(() => table.deleteEntity(id, TENANT_KEY, { etag }))
  }
}

/** The keys of all rows of a tenant but its own. */
async function otherKeys(table: TableClient, tenantId: string): Promise<readonly Key[]> {
  const rows = await query(table, odata`PartitionKey eq ${tenantId} and RowKey ne ${TENANT_KEY}`)
  return rows.map((row) => ({ partitionKey: tenantId, rowKey: text(row, 'rowKey') }))
}
