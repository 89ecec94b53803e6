import { odata, type TableClient } from '@azure/data-tables'
import type { Orphan, PartitionStore } from '../tenant-port.ts'
import { eraseRow } from './erase.ts'
import { NO_DEADLINE } from '../deadline.ts'
import { callStorage, storageStatus } from './failure.ts'
import { text, type Row } from './row.ts'
import type { Tables } from './tables.ts'

/** Where findings are noted in the table `tenants`: an underscore begins no tenant's id. */
const NOTES = '_orphans'
const NOTE_PREFIX = 'partition:'

/** The partitions of the tables `users` and `groups`, and what was noted of those without a tenant. */
export function tablePartitions({ tenants, users, groups }: Tables): PartitionStore {
  return {
    async list() {
      const keys = await Promise.all([partitionsOf(users), partitionsOf(groups)])
      return [...new Set(keys.flat())].toSorted()
    },
    async next(after, count) {
      const tables = await Promise.all([
        partitionsOf(users, after, count),
        partitionsOf(groups, after, count),
      ])
      // What is behind the end of a list that was cut short may lack what the other table has before it.
      const ends = tables.flatMap((keys) => (keys.length < count ? [] : (keys.at(-1) ?? [])))
      const [end] = ends.toSorted()
      const keys = [...new Set(tables.flat())].toSorted()
      return end === undefined ? keys : keys.filter((key) => key <= end)
    },
    async count(partitionKey) {
      const rows = await Promise.all([rowsOf(users, partitionKey), rowsOf(groups, partitionKey)])
      return rows.reduce((sum, each) => sum + each, 0)
    },
    notes: () => readNotes(tenants),
    note: (orphan) => insertNote(tenants, orphan),
    forget: (partitionKey) =>
      eraseRow(tenants, { partitionKey: NOTES, rowKey: NOTE_PREFIX + partitionKey }),
  }
}

/** Goes from each partition's first row to what is behind the partition: one call for each, however many rows it has. */
async function partitionsOf(
  table: TableClient,
  after = '',
  most = Number.POSITIVE_INFINITY,
): Promise<readonly string[]> {
  const keys: string[] = []
  while (keys.length < most) {
    const row = await firstRow(table, odata`PartitionKey gt ${keys.at(-1) ?? after}`)
    if (row === undefined) break
    keys.push(text(row, 'partitionKey'))
  }
  return keys
}

/** The service may answer with a page without rows and still have some. */
async function firstRow(table: TableClient, filter: string): Promise<Row | undefined> {
  const queryOptions = { filter, select: ['PartitionKey'] }
  const pages = table.listEntities({ queryOptions }).byPage({ maxPageSize: 1 })
  for (;;) {
    const page = await callStorage(NO_DEADLINE, () => pages.next())
    if (page.done === true) return undefined
    const [row] = page.value
    if (row !== undefined) return row
  }
}

async function rowsOf(table: TableClient, partitionKey: string): Promise<number> {
  const queryOptions = { filter: odata`PartitionKey eq ${partitionKey}`, select: ['PartitionKey'] }
  const pages = table.listEntities({ queryOptions }).byPage()
  let rows = 0
  for (;;) {
    const page = await callStorage(NO_DEADLINE, () => pages.next())
    if (page.done === true) return rows
    rows += page.value.length
  }
}

async function readNotes(table: TableClient): Promise<readonly Orphan[]> {
  const queryOptions = { filter: odata`PartitionKey eq ${NOTES}` }
  return callStorage(NO_DEADLINE, async () => {
    const notes: Orphan[] = []
    for await (const row of table.listEntities({ queryOptions })) {
      const partitionKey = text(row, 'rowKey').slice(NOTE_PREFIX.length)
      const deleted = row['deleted'] === true ? { deleted: true } : {}
      notes.push({ partitionKey, found: text(row, 'found'), ...deleted })
    }
    return notes
  })
}

async function insertNote(
  table: TableClient,
  { partitionKey, found, deleted = false }: Orphan,
): Promise<void> {
  const key = { partitionKey: NOTES, rowKey: NOTE_PREFIX + partitionKey }
  const mark = deleted ? { deleted } : {}
  try {
    await callStorage(NO_DEADLINE, () => table.createEntity({ ...key, found, ...mark }))
  } catch (error) {
    if (storageStatus(error) !== 409) throw error
    if (deleted)
      await callStorage(NO_DEADLINE, () => table.upsertEntity({ ...key, ...mark }, 'Merge'))
  }
}
