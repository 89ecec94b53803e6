import { odata, type TableClient } from '@azure/data-tables'
import type { ResourceType } from '../../scim/resource-type.ts'
import { partitionKey, type KeyRange } from '../keys.ts'
import { callStorage, storageStatus } from './failure.ts'
import type { Row } from './row.ts'
import type { Tables } from './tables.ts'

/** One tenant's rows for one resource type: a partition of the table `users` or `groups`. */
export interface Partition {
  readonly table: TableClient
  readonly tenantId: string
  readonly partitionKey: string
  readonly resourceType: ResourceType
}

/** The partition that holds a tenant's resources of a type. */
export function partitionOf(
  tables: Pick<Tables, 'users' | 'groups'>,
  tenantId: string,
  resourceType: ResourceType,
): Partition {
  const table = resourceType.name === 'User' ? tables.users : tables.groups
  return { table, tenantId, partitionKey: partitionKey(tenantId), resourceType }
}

/** Rows that Azure returns in one answer at most. */
export const MAX_PAGE_SIZE = 1000

/** What to read of a range of rows. */
export interface RangeQuery {
  readonly range: KeyRange
  /** Rows in one answer, 1 to MAX_PAGE_SIZE; the service may return fewer, or none, and still have more. */
  readonly pageSize?: number
  /** Columns by their names in the table (`RowKey`); all when absent. */
  readonly select?: readonly string[]
  /** A further condition, already escaped. */
  readonly condition?: string
}

/** One answer of the service. */
export interface RowPage {
  readonly rows: readonly Row[]
  /** Whether the service has not come to the end of the range. */
  readonly more: boolean
}

/** Reads a row; undefined when there is none. */
export async function readRow(
  { table, partitionKey: key }: Partition,
  rowKey: string,
  select?: readonly string[],
): Promise<Row | undefined> {
  const options = select === undefined ? {} : { queryOptions: { select: [...select] } }
  try {
    return await callStorage(() => table.getEntity(key, rowKey, options))
  } catch (error) {
    if (storageStatus(error) === 404) return undefined
    throw error
  }
}

/** Reads a range of rows answer by answer, in the order of their keys, to its end. */
export async function* readRows(
  { table, partitionKey: key }: Partition,
  { range, pageSize = MAX_PAGE_SIZE, select, condition }: RangeQuery,
): AsyncGenerator<RowPage> {
  const keys = odata`PartitionKey eq ${key} and RowKey ge ${range.from} and RowKey lt ${range.to}`
  const queryOptions = {
    filter: condition === undefined ? keys : `${keys} and ${condition}`,
    ...(select === undefined ? {} : { select: [...select] }),
  }
  const pages = table.listEntities({ queryOptions }).byPage({ maxPageSize: pageSize })
  for (;;) {
    const page = await callStorage(() => pages.next())
    if (page.done === true) return
    yield { rows: page.value, more: page.value.continuationToken !== undefined }
  }
}

/** Reads all rows of a range at once: for ranges that are known to be short. */
export async function readAllRows(
  partition: Partition,
  query: RangeQuery,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const page of readRows(partition, query)) rows.push(...page.rows)
  return rows
}
