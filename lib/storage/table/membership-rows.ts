import { odata, type TableClient } from '@azure/data-tables'
import type { Member } from '../../scim/resource.ts'
import { partitionKey, type KeyRange } from '../keys.ts'
import { callStorage, storageStatus } from './failure.ts'
import { text, type Row } from './row.ts'

/** The most rows that an answer holds, on Azure too. */
export const PAGE_SIZE = 1000

/** The named columns of a row; undefined when there is no such row. */
export async function readRow(
  table: TableClient,
  tenantId: string,
  rowKey: string,
  columns: string[],
): Promise<Row | undefined> {
  try {
    const queryOptions = { select: columns }
    return await callStorage(() =>
      table.getEntity(partitionKey(tenantId), rowKey, { queryOptions }),
    )
  } catch (error) {
    if (storageStatus(error) === 404) return undefined
    throw error
  }
}

/** A page as it was read: it may be empty although more follow. */
export interface RowPage {
  readonly rows: readonly Row[]
  readonly isLast: boolean
}

/** The named columns of a range's rows in the order of keys, page by page. */
export async function* readPages(
  table: TableClient,
  tenantId: string,
  { from, to }: KeyRange,
  columns: string[],
): AsyncGenerator<RowPage> {
  const filter = odata`PartitionKey eq ${partitionKey(tenantId)} and RowKey ge ${from} and RowKey lt ${to}`
  const pages = table
    .listEntities({ queryOptions: { filter, select: columns } })
    .byPage({ maxPageSize: PAGE_SIZE })
  for (;;) {
    const page = await callStorage(() => pages.next())
    if (page.done === true) return
    yield { rows: page.value, isLast: page.value.continuationToken === undefined }
  }
}

/** The columns that make a member. */
export const MEMBER_COLUMNS = ['memberId', 'memberType']

/** The member that a row of a group's members is about. */
export function toMember(row: Row): Member {
  return { value: text(row, 'memberId'), type: row['memberType'] === 'Group' ? 'Group' : 'User' }
}
