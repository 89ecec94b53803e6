import type { TableClient } from '@azure/data-tables'
import { TENANT_KEY } from '../keys.ts'
import { isTenantId, type TenantIdentity, type TenantIndexes } from '../tenant-port.ts'
import { text } from './row.ts'
import { toTenant } from './tenants-rows.ts'
import { getRow, wasWritten } from './tenants-table.ts'

/** See TenantStore: on condition that the row is as it was read, since a later tenant may have the same id. */
export async function noteIndexes(
  table: TableClient,
  { id, partitionKey }: TenantIdentity,
  indexes: TenantIndexes,
): Promise<void> {
  while (isTenantId(id)) {
    const row = await getRow(table, id, TENANT_KEY)
    if (row === undefined || toTenant(row).partitionKey !== partitionKey) return
    const entity = { partitionKey: id, rowKey: TENANT_KEY, indexes: JSON.stringify(indexes) }
    const etag = text(row, 'etag')
    if (await wasWritten(() => table.updateEntity(entity, 'Merge', { etag }))) return
  }
}
