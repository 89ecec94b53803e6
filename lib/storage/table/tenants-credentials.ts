import { odata, type TableClient } from '@azure/data-tables'
import { NO_DEADLINE, type Deadline } from '../deadline.ts'
import { credentialKey, credentialIdOf, CREDENTIAL_RANGES, TENANT_KEY, tokenKey } from '../keys.ts'
import type { JournalFacts } from '../journal-entry.ts'
import { splitDefinitions } from '../definition-changes.ts'
import { changedCredential } from '../tenant-changes.ts'
import {
  oneEntry,
  toldOfCredential,
  toldOfNewCredential,
  type JournalSource,
} from '../tenant-journal.ts'
import {
  isCredentialId,
  isTenantId,
  oldestFirst,
  type ChangedBy,
  type ChangeOptions,
  type Credential,
  type CredentialChange,
  type DeclaredAttribute,
  type NewCredential,
  type Tenant,
} from '../tenant-port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { text, type Columns, type Row } from './row.ts'
import {
  changedColumns,
  credentialColumns,
  credentialRowKey,
  statusOf,
  toCredential,
  toTenant,
  toTenantJournalEntry,
} from './tenants-rows.ts'
import { definitionsIn, OF_DEFINITIONS, OF_LIVE_DEFINITIONS } from './tenants-definitions.ts'
import { changeRow, getRow, query, wasWritten } from './tenants-table.ts'

const OF_CREDENTIALS = CREDENTIAL_RANGES.map(
  ({ from, to }) => odata`(RowKey ge ${from} and RowKey lt ${to})`,
).join(' or ')

/** One query for all rows, so one round trip: which kind it is of is not known before. */
export async function findCredential(
  table: TableClient,
  tenantId: string,
  credentialId: string,
  deadline?: Deadline,
): Promise<{
  tenant?: Tenant
  credential?: Credential
  definitions?: readonly DeclaredAttribute[]
}> {
  if (!isTenantId(tenantId) || !isCredentialId(credentialId)) return {}
  const [token, other] = [tokenKey(credentialId), credentialKey(credentialId)]
  const own = odata`RowKey eq ${TENANT_KEY} or RowKey eq ${token} or RowKey eq ${other}`
  const filter = `${odata`PartitionKey eq ${tenantId}`} and (${own} or ${OF_LIVE_DEFINITIONS})`
  const {
    tenant,
    credentials,
    removed: _,
    ...declared
  } = split(await query(table, filter, deadline))
  const [credential] = credentials
  return {
    ...declared,
    ...(tenant === undefined ? {} : { tenant }),
    ...(credential === undefined ? {} : { credential }),
  }
}

/** All of the partition but the journal. */
export async function findCredentials(
  table: TableClient,
  tenantId: string,
  deadline?: Deadline,
): Promise<Found> {
  if (!isTenantId(tenantId)) return { credentials: [] }
  const partition = odata`PartitionKey eq ${tenantId}`
  const filter = `${partition} and (${odata`RowKey eq ${TENANT_KEY}`} or ${OF_CREDENTIALS} or ${OF_DEFINITIONS})`
  return split(await query(table, filter, deadline))
}

export async function listCredentials(
  table: TableClient,
  tenantId: string,
): Promise<readonly Credential[]> {
  if (!isTenantId(tenantId)) return []
  const filter = `${odata`PartitionKey eq ${tenantId}`} and (${OF_CREDENTIALS})`
  return split(await query(table, filter)).credentials
}

interface Found {
  readonly tenant?: Tenant
  readonly credentials: readonly Credential[]
  readonly definitions?: readonly DeclaredAttribute[]
  readonly removed?: readonly DeclaredAttribute[]
}

function split(rows: readonly Row[]): Found {
  const tenant = rows.find((row) => row['rowKey'] === TENANT_KEY)
  const credentials = rows
    .filter((row) => credentialIdOf(text(row, 'rowKey')) !== undefined)
    .flatMap((row) => toCredential(row) ?? [])
  return {
    ...(tenant === undefined ? {} : { tenant: toTenant(tenant) }),
    credentials: oldestFirst(credentials),
    ...splitDefinitions(definitionsIn(rows)),
  }
}

/** The table, and what entries in its journals are made with. */
export interface JournaledTable {
  readonly table: TableClient
  readonly source: JournalSource
}

export async function insertCredential(
  { table, source }: JournaledTable,
  tenantId: string,
  credential: NewCredential,
  by?: ChangedBy,
): Promise<boolean> {
  if (!isCredentialId(credential.id)) throw new TypeError('not a credential id')
  if (!isTenantId(tenantId)) return false
  const facts = oneEntry(source, by)(toldOfNewCredential(credential))
  for (;;) {
    const tenant = await getRow(table, tenantId, TENANT_KEY)
    if (tenant === undefined || statusOf(tenant) === 'deleting') return false
    if (await insertCredentialOf(table, tenant, credential, facts)) return true
  }
}

/**
 * The empty merge of the tenant's row makes the transaction fail when the tenant is gone, or not as it was read: then
 * somebody may have begun to delete it.
 * @returns false when it has to be read again.
 */
async function insertCredentialOf(
  table: TableClient,
  tenant: Row,
  credential: NewCredential,
  facts: JournalFacts,
): Promise<boolean> {
  const columns = credentialColumns(credential)
  const partitionKey = text(tenant, 'partitionKey')
  const rowKey = credentialRowKey(credential)
  const etag = text(tenant, 'etag')
  try {
    await callStorage(NO_DEADLINE, () =>
      table.submitTransaction([
        ['update', { partitionKey, rowKey: TENANT_KEY }, 'Merge', { etag }],
        ['create', { ...columns, partitionKey, rowKey }],
        ['create', toTenantJournalEntry(toTenant(tenant), facts)],
      ]),
    )
    return true
  } catch (error) {
    const status = storageStatus(error)
    if (status === 404) return false
    if (status !== 409 && status !== 412) throw error
    // It is ours when the answer to the SDK's first try was lost.
    const row = await getRow(table, partitionKey, rowKey)
    if (row !== undefined && isOurs(row, columns)) return true
    if (status === 409) throw error
    return false
  }
}

function isOurs(row: Row, columns: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(columns).every(([column, value]) => row[column] === value)
}

export async function updateCredential(
  { table, source }: JournaledTable,
  tenantId: string,
  credentialId: string,
  change: (credential: Credential) => CredentialChange,
  options?: ChangeOptions,
): Promise<Credential | undefined> {
  const { tenant, credential } = await findCredential(table, tenantId, credentialId)
  if (credential === undefined) return undefined
  const entryOf = oneEntry(source, options?.by)
  return changeRow<Credential>(
    {
      table,
      what: 'credential',
      key: { partitionKey: tenantId, rowKey: credentialRowKey(credential) },
      parse: toCredential,
      change: (before) => changedCredential(before, change(before)),
      columns: changedColumns,
      entry: (before, after) => {
        const told = toldOfCredential(before, after)
        // What a tenant has left that is gone is nobody's to read.
        return tenant && told && toTenantJournalEntry(tenant, entryOf(told))
      },
    },
    options,
  )
}

/** Notes something in a credential's row without making another version of it. */
export async function mergeIntoCredential(
  table: TableClient,
  tenantId: string,
  credentialId: string,
  columns: Columns,
): Promise<void> {
  if (!isTenantId(tenantId) || !isCredentialId(credentialId)) return
  // Tokens are the most by far; of the others the first write tells that there is no such token.
  for (const rowKey of [tokenKey(credentialId), credentialKey(credentialId)]) {
    const entity = { ...columns, partitionKey: tenantId, rowKey }
    if (await wasWritten(() => table.updateEntity(entity, 'Merge'))) return
  }
}
