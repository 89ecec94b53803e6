import { odata, type TableClient } from '@azure/data-tables'
import { NO_DEADLINE, type Deadline } from '../deadline.ts'
import { credentialKey, credentialIdOf, CREDENTIAL_RANGES, TENANT_KEY, tokenKey } from '../keys.ts'
import { changedCredential } from '../tenant-changes.ts'
import {
  isCredentialId,
  isTenantId,
  oldestFirst,
  type ChangeOptions,
  type Credential,
  type CredentialChange,
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
} from './tenants-rows.ts'
import { changeRow, getRow, query, wasWritten } from './tenants-table.ts'

/** One query for all rows, so one round trip: which kind it is of is not known before. */
export async function findCredential(
  table: TableClient,
  tenantId: string,
  credentialId: string,
  deadline?: Deadline,
): Promise<{ tenant?: Tenant; credential?: Credential }> {
  if (!isTenantId(tenantId) || !isCredentialId(credentialId)) return {}
  const [token, other] = [tokenKey(credentialId), credentialKey(credentialId)]
  const filter = odata`PartitionKey eq ${tenantId} and (RowKey eq ${TENANT_KEY} or RowKey eq ${token} or RowKey eq ${other})`
  const { tenant, credentials } = split(await query(table, filter, deadline))
  const [credential] = credentials
  return {
    ...(tenant === undefined ? {} : { tenant }),
    ...(credential === undefined ? {} : { credential }),
  }
}

/** The whole partition: it has nothing else. */
export async function findCredentials(
  table: TableClient,
  tenantId: string,
  deadline?: Deadline,
): Promise<{ tenant?: Tenant; credentials: readonly Credential[] }> {
  if (!isTenantId(tenantId)) return { credentials: [] }
  return split(await query(table, odata`PartitionKey eq ${tenantId}`, deadline))
}

export async function listCredentials(
  table: TableClient,
  tenantId: string,
): Promise<readonly Credential[]> {
  if (!isTenantId(tenantId)) return []
  const [tokens, others] = CREDENTIAL_RANGES
  const filter = odata`PartitionKey eq ${tenantId} and ((RowKey ge ${tokens.from} and RowKey lt ${tokens.to}) or (RowKey ge ${others.from} and RowKey lt ${others.to}))`
  return split(await query(table, filter)).credentials
}

function split(rows: readonly Row[]): { tenant?: Tenant; credentials: readonly Credential[] } {
  const tenant = rows.find((row) => row['rowKey'] === TENANT_KEY)
  const credentials = rows
    .filter((row) => credentialIdOf(text(row, 'rowKey')) !== undefined)
    .flatMap((row) => toCredential(row) ?? [])
  return {
    ...(tenant === undefined ? {} : { tenant: toTenant(tenant) }),
    credentials: oldestFirst(credentials),
  }
}

export async function insertCredential(
  table: TableClient,
  tenantId: string,
  credential: NewCredential,
): Promise<boolean> {
  if (!isCredentialId(credential.id)) throw new TypeError('not a credential id')
  if (!isTenantId(tenantId)) return false
  for (;;) {
    const tenant = await getRow(table, tenantId, TENANT_KEY)
    if (tenant === undefined || statusOf(tenant) === 'deleting') return false
    if (await insertCredentialOf(table, tenant, credential)) return true
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
  table: TableClient,
  tenantId: string,
  credentialId: string,
  change: (credential: Credential) => CredentialChange,
  options?: ChangeOptions,
): Promise<Credential | undefined> {
  const rowKey = await keyOf(table, tenantId, credentialId)
  if (rowKey === undefined) return undefined
  return changeRow<Credential>(
    {
      what: 'credential',
      read: () => getRow(table, tenantId, rowKey),
      parse: toCredential,
      change: (before) => changedCredential(before, change(before)),
      write: (after, etag) =>
        table.updateEntity({ ...changedColumns(after), partitionKey: tenantId, rowKey }, 'Merge', {
          etag,
        }),
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

async function keyOf(
  table: TableClient,
  tenantId: string,
  credentialId: string,
): Promise<string | undefined> {
  const { credential } = await findCredential(table, tenantId, credentialId)
  return credential === undefined ? undefined : credentialRowKey(credential)
}
