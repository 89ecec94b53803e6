import { odata, type TableClient } from '@azure/data-tables'
import type { ResourceType } from '../../scim/resource-type.ts'
import type { KeyRange } from '../keys.ts'
import { layoutOf, type StorageLayout } from '../layout.ts'
import type { Scope } from '../port.ts'
import { callStorage, storageStatus } from './failure.ts'
import type { Row } from './row.ts'
import type { Tables } from './tables.ts'

/** The rows of one partition of a table. */
export interface RowPartition extends Scope {
  readonly table: TableClient
}

/** A tenant's rows in one table, those of one layout among them. */
export interface Partition extends RowPartition {
  readonly layout: StorageLayout
}

/** A tenant's rows of one resource type. */
export interface ResourcePartition extends Partition {
  readonly resourceType: ResourceType
}

/** The tables that resources are in. */
export type ResourceTables = Pick<Tables, StorageLayout['table']>

/** The partition that holds a tenant's resources of a type. */
export function partitionOf(
  tables: ResourceTables,
  layouts: readonly StorageLayout[],
  { partitionKey, deadline }: Scope,
  resourceType: ResourceType,
): ResourcePartition {
  const layout = layoutOf(layouts, resourceType)
  return { table: tables[layout.table], layout, resourceType, partitionKey, deadline }
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
  readonly condition?: string | undefined
}

/** One answer of the service. */
export interface RowPage {
  readonly rows: readonly Row[]
  /** Whether the service has not come to the end of the range. */
  readonly more: boolean
}

/** Reads a row; undefined when there is none. */
export async function readRow(
  { table, partitionKey, deadline }: RowPartition,
  rowKey: string,
  select?: readonly string[],
): Promise<Row | undefined> {
  const queryOptions = select === undefined ? {} : { select: [...select] }
  try {
    return await callStorage(deadline, (abortSignal) =>
      table.getEntity(partitionKey, rowKey, { queryOptions, abortSignal }),
    )
  } catch (error) {
    if (storageStatus(error) === 404) return undefined
    throw error
  }
}

/** Reads a range of rows answer by answer, in the order of their keys, to its end. */
export async function* readRows(
  { table, partitionKey, deadline }: RowPartition,
  { range, pageSize = MAX_PAGE_SIZE, select, condition }: RangeQuery,
): AsyncGenerator<RowPage> {
  const keys = odata`PartitionKey eq ${partitionKey} and RowKey ge ${range.from} and RowKey lt ${range.to}`
  const queryOptions = {
    filter: condition === undefined ? keys : `${keys} and ${condition}`,
    ...(select === undefined ? {} : { select: [...select] }),
  }
  const { signal: abortSignal } = deadline
  const pages = table.listEntities({ queryOptions, abortSignal }).byPage({ maxPageSize: pageSize })
  for (;;) {
    const page = await callStorage(deadline, () => pages.next())
    if (page.done === true) return
    yield { rows: page.value, more: page.value.continuationToken !== undefined }
  }
}

/** Reads all rows of a range at once: for ranges that are known to be short. */
export async function readAllRows(
  partition: RowPartition,
  query: RangeQuery,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const page of readRows(partition, query)) rows.push(...page.rows)
  return rows
}
