import type { TransactionAction } from '@azure/data-tables'
import { bucketOf, bucketOfCounterKey, BUCKETS, counterKey, counterRange } from '../keys.ts'
import { movedLevels, type LevelMove } from '../levels.ts'
import { levelColumns, levelsIn, type KnownLevels } from './level-columns.ts'
import { readRow, readAllRows, type Partition } from './partition.ts'
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
  const row = await readRow(partition, rowKey)
  if (row !== undefined) return counterIn(row)
  return {
    rowKey,
    count: 0,
    levels: partition.layout.counted === undefined ? undefined : new Map(),
  }
}

/** The counter in a row. */
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
  throw new TypeError(`the counter ${text(row, 'rowKey')} has no number`)
}
