import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import {
  bucketOf,
  bucketOfCounterKey,
  bucketRanges,
  BUCKETS,
  counterKey,
  counterRange,
} from '../keys.ts'
import { movedLevels, type LevelMove } from '../levels.ts'
import { UnreadableRow } from '../unreadable-row.ts'
import { fromEntity } from './entity.ts'
import { levelColumns, levelsIn, type KnownLevels } from './level-columns.ts'
import {
  readAllRows,
  readRow,
  readRows,
  type Partition,
  type ResourcePartition,
} from './partition.ts'
import { text, type Row } from './row.ts'

/**
 * How many resources there are is kept by 256 counters, each for the ids that begin with the same two hexadecimal
 * digits: random ids spread the writes, and the counters lead to the n-th resource without reading those before it.
 */
export interface Counter {
  readonly rowKey: string
  readonly count: number
  readonly levels: KnownLevels
  /** Absent for a counter that has not been written yet. */
  readonly etag?: string
}

/** Reads the counter that counts the resource with this id. */
export async function readCounter(partition: Partition, id: string): Promise<Counter> {
  const rowKey = counterKey(partition.layout, bucketOf(id))
  return counterAt(partition, rowKey, await readRow(partition, rowKey))
}

/** The counter under a key; a row that there is not has counted nobody. */
export function counterAt({ layout }: Partition, rowKey: string, row: Row | undefined): Counter {
  if (row !== undefined) return counterIn(row)
  return { rowKey, count: 0, levels: layout.counted === undefined ? undefined : new Map() }
}

/** The resources that a counter counts, as they are read. */
export async function* countedBy(
  partition: ResourcePartition,
  rowKey: string,
): AsyncGenerator<StoredResource> {
  for await (const row of countedRows(partition, rowKey)) {
    const stored = fromEntity(partition.resourceType, row)
    if (stored !== undefined) yield stored
  }
}

/** Their rows, and what is left of deleted ones. */
export async function* countedRows(partition: Partition, rowKey: string): AsyncGenerator<Row> {
  const { layout } = partition
  const ranges = bucketRanges(layout, bucketOfCounterKey(layout, rowKey))
  const [first, last] = [ranges[0], ranges.at(-1)]
  if (first === undefined || last === undefined) return
  const range = { from: first.from, to: last.to }
  for await (const { rows } of readRows(partition, { range })) yield* rows
}

/** The counter in a row. @throws UnreadableRow */
export function counterIn(row: Row): Counter {
  const [rowKey, etag] = [text(row, 'rowKey'), text(row, 'etag')]
  return { rowKey, count: countIn(row), levels: levelsIn(row), etag }
}

/** Writes the counter, changed by `by` and a move of levels, if nobody else has written it since it was read. */
export function countAction(
  { partitionKey }: Partition,
  { rowKey, count, levels, etag }: Counter,
  by: 1 | 0 | -1,
  move: LevelMove = {},
): TransactionAction {
  const moved = typeof levels === 'object' ? movedLevels(levels, move) : levels
  const entity = {
    partitionKey,
    rowKey,
    count: Math.max(0, count + by),
    ...levelColumns(moved),
  }
  return etag === undefined ? ['create', entity] : ['update', entity, 'Replace', { etag }]
}

/** Reads all counters: the number of resources in each bucket. */
export async function readCounters(partition: Partition): Promise<readonly number[]> {
  const { layout } = partition
  const counts = Array.from({ length: BUCKETS }, () => 0)
  const query = { range: counterRange(layout), select: ['RowKey', 'count'] }
  for (const row of await readAllRows(partition, query)) {
    counts[bucketOfCounterKey(layout, text(row, 'rowKey'))] = countIn(row)
  }
  return counts
}

function countIn(row: Row): number {
  const count = row['count']
  if (typeof count === 'number') return count
  throw new UnreadableRow(row, 'count', 'number')
}
