import { randomUUID } from 'node:crypto'
import type { TransactionAction } from '@azure/data-tables'
import { journalPosition } from '../../journal-position.ts'
import { SYSTEM, type Change, type JournalNote, type JournalOperation } from '../../port.ts'
import { newVersion } from '../../tenant-changes.ts'
import { eraseRow } from '../erase.ts'
import type { RowPartition } from '../partition.ts'
import { text, type Columns, type Entity, type Row } from '../row.ts'
import { submit } from '../transaction.ts'

/** Asks in a transaction that a row is as it was read. */
export function asRead(
  { partitionKey }: RowPartition,
  rowKey: string,
  etag = '',
): TransactionAction {
  return ['update', { partitionKey, rowKey }, 'Merge', { etag }]
}

/** Puts a row in the place of another that is as it was read, or of none. */
export function inPlaceOf(row: Row | undefined, entity: Entity): TransactionAction {
  if (row === undefined) return ['create', entity]
  return ['update', entity, 'Replace', { etag: text(row, 'etag') }]
}

/** Writes some columns of a row that is as it was read, and leaves the others. */
export function rewritten(row: Row, columns: Columns): TransactionAction {
  const [partitionKey, rowKey] = [text(row, 'partitionKey'), text(row, 'rowKey')]
  return ['update', { partitionKey, rowKey, ...columns }, 'Merge', { etag: text(row, 'etag') }]
}

/** Writes rows, if all are as they were read: the next look tells. */
export function writing(
  partition: RowPartition,
  ...actions: readonly TransactionAction[]
): () => Promise<unknown> {
  return () => submit(partition, actions)
}

/** Removes rows, each if it is as it was read. */
export function erasing(
  { table, partitionKey, deadline }: RowPartition,
  ...rows: readonly (Row | undefined)[]
): () => Promise<unknown> {
  return async () => {
    for (const row of rows) {
      if (row === undefined) continue
      await eraseRow(
        table,
        { partitionKey, rowKey: text(row, 'rowKey') },
        deadline,
        text(row, 'etag'),
      )
    }
  }
}

/** A change that nobody has asked for: what is mended is told in the journal where an application follows it. */
export function mendingChange(operation: JournalOperation, note: JournalNote): Change {
  const lastModified = new Date().toISOString()
  return {
    position: journalPosition(lastModified, Math.random),
    stamp: { version: newVersion(), lastModified },
    operation,
    requestId: `check ${randomUUID()}`,
    author: SYSTEM,
    note,
  }
}
