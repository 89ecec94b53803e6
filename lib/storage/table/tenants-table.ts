import { odata, type TableClient } from '@azure/data-tables'
import { unavailable } from '../../scim/errors.ts'
import { measureCalls } from '../calls.ts'
import { NO_DEADLINE, type Deadline } from '../deadline.ts'
import { checkVersion } from '../tenant-changes.ts'
import type { ChangeOptions } from '../tenant-port.ts'
import type { Key } from './erase.ts'
import { callStorage, storageStatus } from './failure.ts'
import { text, type Columns, type Entity, type Row } from './row.ts'

/** Reads a row; undefined when there is none. */
export async function getRow(
  table: TableClient,
  partitionKey: string,
  rowKey: string,
  deadline: Deadline = NO_DEADLINE,
): Promise<Row | undefined> {
  try {
    return await callStorage(deadline, (abortSignal) =>
      table.getEntity(partitionKey, rowKey, { abortSignal }),
    )
  } catch (error) {
    if (storageStatus(error) === 404) return undefined
    throw error
  }
}

/** Reads all rows that a filter finds. */
export async function query(
  table: TableClient,
  filter: string,
  deadline: Deadline = NO_DEADLINE,
): Promise<readonly Row[]> {
  return callStorage(deadline, async (abortSignal) => {
    const rows: Row[] = []
    const found = table.listEntities({ queryOptions: { filter }, abortSignal })
    for await (const row of found) rows.push(row)
    return rows
  })
}

/** The keys of all rows of a partition. */
export async function keysIn(table: TableClient, partitionKey: string): Promise<readonly string[]> {
  const queryOptions = { filter: odata`PartitionKey eq ${partitionKey}`, select: ['RowKey'] }
  return callStorage(NO_DEADLINE, async (abortSignal) => {
    const keys: string[] = []
    for await (const row of table.listEntities({ queryOptions, abortSignal })) {
      keys.push(text(row, 'rowKey'))
    }
    return keys
  })
}

/** Inserts a row. @returns false when its key is taken, be it by ourselves when an answer was lost. */
export async function wasInserted(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await callStorage(NO_DEADLINE, insert)
    return true
  } catch (error) {
    if (storageStatus(error) === 409) return false
    throw error
  }
}

/** Writes a row that exists, mostly one of an ETag. @returns false when it is gone or was changed. */
export async function wasWritten(write: () => Promise<unknown>): Promise<boolean> {
  return (await outcomeOf(write)) === 'written'
}

/** `uncertain`: refused, but an answer was lost before, so that it may be our own write that was in the way. */
async function outcomeOf(
  write: () => Promise<unknown>,
): Promise<'written' | 'refused' | 'uncertain'> {
  const meter = measureCalls()
  try {
    await meter.run(() => callStorage(NO_DEADLINE, write))
    return 'written'
  } catch (error) {
    const status = storageStatus(error)
    if (status !== 404 && status !== 412) throw error
    return meter.calls > 1 ? 'uncertain' : 'refused'
  }
}

/** Behind a write that may have been made: another version does not tell that it was not. */
function checkCertain(
  what: string,
  { version }: { readonly version: string },
  { ifMatch = version }: ChangeOptions,
): void {
  if (ifMatch === version) return
  throw unavailable(`It is not known whether the ${what} was changed. Read it again.`)
}

/** How something with a version is changed in its row. */
export interface RowChange<Value extends { readonly version: string }> {
  readonly table: TableClient
  /** For the error when it has another version. */
  readonly what: string
  readonly key: Key
  readonly parse: (row: Row) => Value | undefined
  /** The same object when nothing changes, else one of a new version. */
  readonly change: (value: Value) => Value
  /** What is written into the row. */
  readonly columns: (value: Value) => Columns
  /** The row that the change leaves in the journal; undefined for what is no change there. */
  readonly entry: (before: Value, after: Value) => Entity | undefined
}

/**
 * Changes what is in a row, on condition that the row is as it was read, so that no change of somebody else is undone.
 * A write whose answer was lost is recognised by the version that it made, or by its row in the journal.
 * @throws ScimError `preconditionFailed`; `unavailable` when it cannot be told whether the change was made before
 *   somebody else's.
 */
export async function changeRow<Value extends { readonly version: string }>(
  rowChange: RowChange<Value>,
  options: ChangeOptions = {},
): Promise<Value | undefined> {
  const { table, what, key, change, columns, entry } = rowChange
  let uncertain: Sent<Value> | undefined
  for (;;) {
    const read = await readForChange(rowChange)
    if (read === undefined) return undefined
    const { value: before, etag } = read
    const made = uncertain && (await madeOf(table, uncertain, before))
    if (made !== undefined) return made
    const isUnknown = uncertain !== undefined && uncertain.entry === undefined
    const check = isUnknown ? checkCertain : checkVersion
    check(what, before, options)
    const after = change(before)
    if (after === before) return before
    const sent = { after, entry: entry(before, after) }
    const entity = { ...columns(after), ...key }
    const outcome = await outcomeOf(() => sendChange(table, { entity, etag }, sent.entry))
    if (outcome === 'written') return after
    if (outcome === 'uncertain') uncertain = sent
  }
}

async function readForChange<Value extends { readonly version: string }>({
  table,
  key,
  parse,
}: RowChange<Value>): Promise<{ readonly value: Value; readonly etag: string } | undefined> {
  const row = await getRow(table, key.partitionKey, key.rowKey)
  const value = row === undefined ? undefined : parse(row)
  return row === undefined || value === undefined ? undefined : { value, etag: text(row, 'etag') }
}

/** A change of which nobody knows whether it was made. */
interface Sent<Value> {
  readonly after: Value
  readonly entry: Entity | undefined
}

async function sendChange(
  table: TableClient,
  { entity, etag }: { readonly entity: Entity; readonly etag: string },
  entry: Entity | undefined,
): Promise<void> {
  if (entry === undefined) {
    await table.updateEntity(entity, 'Merge', { etag })
    return
  }
  try {
    await table.submitTransaction([
      ['update', entity, 'Merge', { etag }],
      ['create', entry],
    ])
  } catch (error) {
    if (storageStatus(error) !== 409) throw error
    throw unavailable('Another change has the same place in the journal. Try again.', error)
  }
}

/**
 * What came of a change of which nobody knew; undefined when it was not made, and never will be: the row that it was to
 * change is another by now. Of one that the journal does not have nobody can tell.
 * @param now what is in the row.
 */
async function madeOf<Value extends { readonly version: string }>(
  table: TableClient,
  { after, entry }: Sent<Value>,
  now: Value,
): Promise<Value | undefined> {
  if (after.version === now.version) return now
  if (entry === undefined) return undefined
  const row = await getRow(table, entry.partitionKey, entry.rowKey)
  return row?.['version'] === after.version ? after : undefined
}
