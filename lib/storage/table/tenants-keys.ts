import { odata, type TableClient } from '@azure/data-tables'
import { isObject } from '../../scim/json.ts'
import { ACCESS_KEYS, accessKeyKey, issuerKey, ISSUERS } from '../keys.ts'
import { claimOf, oldestKeyFirst } from '../tenant-changes.ts'
import type { AccessKey, IssuerClaim, TenantStore } from '../tenant-port.ts'
import { UnreadableRow } from '../unreadable-row.ts'
import { optionalText, parsedJson, text, type Row } from './row.ts'
import { getTenant } from './tenants-summaries.ts'
import { getRow, query, wasInserted, wasWritten } from './tenants-table.ts'

/** Who may use the tokens of which Entra tenant: one row of `_issuers` each. */
export function tableIssuers(
  table: TableClient,
): Pick<TenantStore, 'claimIssuer' | 'releaseIssuer' | 'issuerOf'> {
  return {
    claimIssuer: (entraTenantId, partitionKey) => claimIssuer(table, entraTenantId, partitionKey),
    releaseIssuer: (entraTenantId, partitionKey) =>
      releaseRow(table, issuerKey(entraTenantId), partitionKey),
    async issuerOf(entraTenantId, deadline) {
      const row = await getRow(table, ISSUERS, issuerKey(entraTenantId), deadline)
      return row === undefined ? undefined : toClaim(row)
    },
  }
}

/** A claim of a tenant that is gone, which an interrupted deletion or issue has left, counts for nothing. */
async function claimIssuer(
  table: TableClient,
  entraTenantId: string,
  partitionKey: string,
): Promise<boolean> {
  const rowKey = issuerKey(entraTenantId)
  const { tenantId } = claimOf(partitionKey)
  const entity = { partitionKey: ISSUERS, rowKey, tenantId, partition: partitionKey }
  for (;;) {
    if (await wasInserted(() => table.createEntity(entity))) return true
    const row = await getRow(table, ISSUERS, rowKey)
    if (row === undefined) continue
    const claim = toClaim(row)
    if (claim.partitionKey === partitionKey) return true
    const owner = await getTenant(table, claim.tenantId)
    if (owner?.partitionKey === claim.partitionKey) return false
    const etag = text(row, 'etag')
    if (await wasWritten(() => table.updateEntity(entity, 'Replace', { etag }))) return true
  }
}

async function releaseRow(table: TableClient, rowKey: string, partitionKey: string): Promise<void> {
  for (;;) {
    const row = await getRow(table, ISSUERS, rowKey)
    if (row === undefined || toClaim(row).partitionKey !== partitionKey) return
    const etag = text(row, 'etag')
    if (await wasWritten(() => table.deleteEntity(ISSUERS, rowKey, { etag }))) return
  }
}

/** Gives up all that the tenant of a partition claims. */
export async function releaseIssuers(table: TableClient, partitionKey: string): Promise<void> {
  const filter = odata`PartitionKey eq ${ISSUERS} and partition eq ${partitionKey}`
  for (const row of await query(table, filter)) {
    await releaseRow(table, text(row, 'rowKey'), partitionKey)
  }
}

function toClaim(row: Row): IssuerClaim {
  return { tenantId: text(row, 'tenantId'), partitionKey: text(row, 'partition') }
}

/** The public keys of access tokens: rows of `_keys`. */
export function tableAccessKeys(
  table: TableClient,
): Pick<TenantStore, 'accessKeys' | 'addAccessKey' | 'retireAccessKey'> {
  return {
    async accessKeys(deadline) {
      const rows = await query(table, odata`PartitionKey eq ${ACCESS_KEYS}`, deadline)
      return oldestKeyFirst(rows.flatMap((row) => toAccessKey(row) ?? []))
    },
    async addAccessKey({ kid, jwk, use, created }) {
      const columns = { kid, jwk: JSON.stringify(jwk), use, created }
      const entity = { partitionKey: ACCESS_KEYS, rowKey: accessKeyKey(kid), ...columns }
      if (await wasInserted(() => table.createEntity(entity))) return true
      // It is ours when the answer to the SDK's first try was lost, or somebody has added it before.
      return (await getRow(table, ACCESS_KEYS, entity.rowKey))?.['jwk'] === columns.jwk
    },
    retireAccessKey: (kid, at) => retire(table, accessKeyKey(kid), at),
  }
}

async function retire(table: TableClient, rowKey: string, at: string): Promise<boolean> {
  for (;;) {
    const row = await getRow(table, ACCESS_KEYS, rowKey)
    if (row === undefined) return false
    if (optionalText(row, 'retired') !== undefined) return true
    const entity = { partitionKey: ACCESS_KEYS, rowKey, retired: at }
    const etag = text(row, 'etag')
    if (await wasWritten(() => table.updateEntity(entity, 'Merge', { etag }))) return true
  }
}

/** Undefined for a key of another use. */
function toAccessKey(row: Row): AccessKey | undefined {
  const use = text(row, 'use')
  if (use !== 'access') return undefined
  const retired = optionalText(row, 'retired')
  const jwk = parsedJson(row, 'jwk', text(row, 'jwk'))
  if (!isObject(jwk)) throw new UnreadableRow(row, 'jwk', 'object')
  return {
    kid: text(row, 'kid'),
    jwk,
    use,
    created: text(row, 'created'),
    ...(retired === undefined ? {} : { retired }),
  }
}
