import type { TransactionAction } from '@azure/data-tables'
import type { JournalFacts } from '../../lib/storage/journal-entry.ts'
import { journalKey } from '../../lib/storage/keys.ts'
import type { StorageLayout } from '../../lib/storage/layout.ts'
import type { MemoryState } from '../../lib/storage/memory/state.ts'
import type { Change, Scope } from '../../lib/storage/port.ts'
import { toJournalEntry } from '../../lib/storage/table/journal-row.ts'
import type { Tables } from '../../lib/storage/table/tables.ts'

/** A row of the journal. */
export interface JournalRow {
  readonly key: string
  readonly at: unknown
  readonly version: unknown
  readonly operation: unknown
  readonly request: unknown
}

/** Reads a tenant's journal in one table, the newest first. */
export type ReadJournal = (
  scope: Scope,
  table: StorageLayout['table'],
) => Promise<readonly JournalRow[]>

/** The row that a change leaves. */
export function journalRow({ position, stamp, operation, requestId }: Change): JournalRow {
  const { version, lastModified: at } = stamp
  return { key: journalKey(position), at, version, operation, request: requestId }
}

/** Rows in the order of the journal. */
export function newestFirst(rows: readonly JournalRow[]): readonly JournalRow[] {
  return rows.toSorted((one, other) => (one.key < other.key ? -1 : 1))
}

/** The journal of stores in memory. */
export function memoryJournal(state: MemoryState): ReadJournal {
  return async ({ partitionKey }, table) => {
    const { entries } = state.journal(partitionKey, { table })
    return newestFirst(
      Array.from(entries, ([position, { at, version, operation, requestId: request }]) => {
        return { key: journalKey(position), at, version, operation, request }
      }),
    )
  }
}

/** The journal in tables. */
export function tableJournal(tables: Tables): ReadJournal {
  return async ({ partitionKey }, table) => {
    const filter = `PartitionKey eq '${partitionKey}' and RowKey ge 'journal:' and RowKey lt 'journal:~'`
    const rows: JournalRow[] = []
    for await (const row of tables[table].listEntities({ queryOptions: { filter } })) {
      const { rowKey: key = '', at, version, operation, request } = row
      rows.push({ key, at, version, operation, request })
    }
    return rows
  }
}

/** Writes rows of changes into the journal in tables, a hundred at a time. */
export async function insertFacts(
  tables: Tables,
  tenant: Pick<Scope, 'partitionKey'>,
  facts: readonly JournalFacts[],
  table: StorageLayout['table'] = 'users',
): Promise<void> {
  for (let start = 0; start < facts.length; start += 100) {
    const rows = facts.slice(start, start + 100).map((each) => toJournalEntry(tenant, each))
    await tables[table].submitTransaction(rows.map((row): TransactionAction => ['create', row]))
  }
}
