import { odata } from '@azure/data-tables'
import { periodsAt } from '../counted.ts'
import { NO_DEADLINE } from '../deadline.ts'
import { countRangeBefore, journalRange } from '../keys.ts'
import type { TenantIdentity } from '../tenant-port.ts'
import { eraseKeys } from './erase.ts'
import { MAX_PAGE_SIZE, readRows, type RangeQuery, type RowPartition } from './partition.ts'
import { text } from './row.ts'
import type { Tables } from './tables.ts'

/** Rows of one partition that are older than a time. */
interface Old extends Pick<RangeQuery, 'range' | 'condition'> {
  readonly partition: RowPartition
}

/** See `ActivityStore.purge`. */
export async function purgeActivity(
  tables: Tables,
  tenant: TenantIdentity,
  before: Date,
  most: number,
): Promise<number> {
  let removed = 0
  for (const old of oldRows(tables, tenant, before)) {
    if (removed >= most) break
    removed += await eraseOld(old, most - removed)
  }
  return removed
}

function oldRows(
  { users, groups, tenants }: Tables,
  { id, partitionKey }: TenantIdentity,
  before: Date,
): readonly Old[] {
  const ofUsers = { table: users, partitionKey, deadline: NO_DEADLINE }
  const ofGroups = { ...ofUsers, table: groups }
  const ofTenant = { ...ofUsers, table: tenants, partitionKey: id }
  const range = journalRange({ until: before.getTime() - 1 })
  const { hour, day } = periodsAt(before)
  return [
    { partition: ofUsers, range },
    { partition: ofGroups, range },
    // A later tenant of the same id keeps its rows for as long as it likes.
    { partition: ofTenant, range, condition: odata`of eq ${partitionKey}` },
    { partition: ofUsers, range: countRangeBefore('stats', hour) },
    { partition: ofUsers, range: countRangeBefore('day', day) },
    { partition: ofUsers, range: countRangeBefore('people', day) },
  ]
}

async function eraseOld({ partition, ...query }: Old, most: number): Promise<number> {
  const { table, partitionKey } = partition
  const pageSize = Math.min(most, MAX_PAGE_SIZE)
  let removed = 0
  for await (const { rows } of readRows(partition, { ...query, pageSize, select: ['RowKey'] })) {
    const keys = rows
      .slice(0, most - removed)
      .map((row) => ({ partitionKey, rowKey: text(row, 'rowKey') }))
    removed += await eraseKeys(table, keys)
    if (removed >= most) break
  }
  return removed
}
