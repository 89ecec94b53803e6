import { odata, type TableClient, type TransactionAction } from '@azure/data-tables'
import { NO_DEADLINE, type Deadline } from '../deadline.ts'
import type { EraseResources } from '../tenant-port.ts'
import { callStorage, storageStatus } from './failure.ts'
import { text } from './row.ts'
import type { Tables } from './tables.ts'

const TRANSACTION_SIZE = 100

/** Names a row. */
export interface Key {
  readonly partitionKey: string
  readonly rowKey: string
}

/** Removes a partition's rows from the tables `users` and `groups`. */
export function eraseTenantResources(tables: Pick<Tables, 'users' | 'groups'>): EraseResources {
  return async (partitionKey, isOver = () => false) => {
    const filter = odata`PartitionKey eq ${partitionKey}`
    const removed = await Promise.all([
      eraseRows(tables.users, filter, isOver),
      eraseRows(tables.groups, filter, isOver),
    ])
    return removed.reduce((sum, rows) => sum + rows, 0)
  }
}

/** Removes what the filter finds within one partition, until it finds nothing; tells how many rows that were. */
async function eraseRows(
  table: TableClient,
  filter: string,
  isOver: () => boolean,
): Promise<number> {
  let removed = 0
  for (;;) {
    const found = await erasePass(table, filter, isOver)
    removed += found
    if (found === 0 || isOver()) return removed
  }
}

async function erasePass(
  table: TableClient,
  filter: string,
  isOver: () => boolean,
): Promise<number> {
  const queryOptions = { filter, select: ['PartitionKey', 'RowKey'] }
  const pages = table.listEntities({ queryOptions }).byPage()
  let found = 0
  for (;;) {
    const page = await callStorage(NO_DEADLINE, () => pages.next())
    if (page.done === true || isOver()) return found
    const keys = page.value.map((row) => ({
      partitionKey: text(row, 'partitionKey'),
      rowKey: text(row, 'rowKey'),
    }))
    found += await eraseKeys(table, keys, isOver)
  }
}

/** Removes these rows of one partition and tells how many it came to; one that is gone is no error. */
export async function eraseKeys(
  table: TableClient,
  keys: readonly Key[],
  isOver: () => boolean = () => false,
): Promise<number> {
  let start = 0
  for (; start < keys.length && !isOver(); start += TRANSACTION_SIZE) {
    await eraseBatch(table, keys.slice(start, start + TRANSACTION_SIZE))
  }
  return Math.min(start, keys.length)
}

async function eraseBatch(table: TableClient, keys: readonly Key[]): Promise<void> {
  const actions = keys.map((key): TransactionAction => ['delete', { ...key }])
  try {
    await callStorage(NO_DEADLINE, () => table.submitTransaction(actions))
  } catch (error) {
    if (storageStatus(error) !== 404) throw error
    // One of them is gone (the answer was lost, or two of us are at it), and with it the whole transaction.
    for (const key of keys) await eraseRow(table, key)
  }
}

/**
 * Removes one row; one that is gone is no error.
 * @param etag that the row must have: one that has another stays.
 */
export async function eraseRow(
  table: TableClient,
  { partitionKey, rowKey }: Key,
  deadline: Deadline = NO_DEADLINE,
  etag = '*',
): Promise<void> {
  try {
    await callStorage(deadline, (abortSignal) =>
      table.deleteEntity(partitionKey, rowKey, { abortSignal, etag }),
    )
  } catch (error) {
    const status = storageStatus(error)
    if (status !== 404 && (status !== 412 || etag === '*')) throw error
  }
}
