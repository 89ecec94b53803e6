import type { StoredResource } from '../../scim/resource.ts'
import { bucketRanges, resourceRange, type KeyRange } from '../keys.ts'
import { emptyPage } from '../page.ts'
import type { ResourcePage } from '../port.ts'
import { readCounters } from './counters.ts'
import { fromEntity, isTombstone } from './entity.ts'
import {
  MAX_PAGE_SIZE,
  readAllRows,
  readRows,
  type Partition,
  type ResourcePartition,
} from './partition.ts'
import { text } from './row.ts'

/** Resources that are rather read and passed over than looked for by their keys first. */
const MOST_PASSED_OVER = 200

/**
 * One page of all resources by index, without counting them: the counters say how many there are and in which bucket
 * the page starts; in a large bucket the keys alone are read, in 16 ranges side by side, to find the first one.
 * Three round trips at any depth.
 */
export async function countedPage(
  partition: ResourcePartition,
  startIndex: number,
  count: number,
): Promise<ResourcePage> {
  const counts = await readCounters(partition)
  const totalResults = counts.reduce((sum, inBucket) => sum + inBucket, 0)
  if (count === 0 || startIndex > totalResults) return { totalResults, resources: [] }
  const { range, passOver } = await findStart(partition, counts, startIndex - 1)
  return { totalResults, resources: await readResources(partition, range, passOver, count) }
}

/** Where a page starts: in `range`, behind so many resources. */
interface Start {
  readonly range: KeyRange
  readonly passOver: number
}

async function findStart(
  partition: Partition,
  counts: readonly number[],
  offset: number,
): Promise<Start> {
  const { layout } = partition
  let bucket = 0
  let inBucket = offset
  while (inBucket >= (counts[bucket] ?? 0) && bucket < counts.length - 1) {
    inBucket -= counts[bucket] ?? 0
    bucket += 1
  }
  const { to } = resourceRange(layout)
  const slices = bucketRanges(layout, bucket)
  const [first, last] = [slices[0], slices.at(-1)]
  if (inBucket <= MOST_PASSED_OVER) {
    return { range: { from: first?.from ?? to, to }, passOver: inBucket }
  }
  const keys = (await Promise.all(slices.map((slice) => liveKeys(partition, slice)))).flat()
  // Resources may have gone since they were counted: then the page starts in the next bucket.
  return { range: { from: keys[inBucket] ?? last?.to ?? to, to }, passOver: 0 }
}

async function liveKeys(partition: Partition, range: KeyRange): Promise<readonly string[]> {
  const rows = await readAllRows(partition, { range, select: ['RowKey', 'deleted'] })
  return rows.filter((row) => !isTombstone(row)).map((row) => text(row, 'rowKey'))
}

async function readResources(
  partition: ResourcePartition,
  range: KeyRange,
  passOver: number,
  count: number,
): Promise<readonly StoredResource[]> {
  const page = emptyPage(count)
  const pageSize = Math.min(MAX_PAGE_SIZE, passOver + count)
  let passed = 0
  for await (const { rows } of readRows(partition, { range, pageSize })) {
    for (const row of rows) {
      if (isTombstone(row)) continue
      passed += 1
      const stored = passed > passOver ? fromEntity(partition.resourceType, row) : undefined
      if (stored !== undefined && !page.add(stored)) break
    }
    if (page.isFull) break
  }
  return page.resources
}
