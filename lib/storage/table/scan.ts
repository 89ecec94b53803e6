import { odata } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { workThrough } from '../event-loop.ts'
import { rangeBehind, resourceRange, shareBefore, slicesOf, type KeyRange } from '../keys.ts'
import type { StorageLayout } from '../layout.ts'
import type { Matches } from '../page.ts'
import type { RowCondition } from '../query.ts'
import { fromEntity } from './entity.ts'
import { inOrder } from './in-order.ts'
import { MAX_PAGE_SIZE, readAllRows, readRows, type ResourcePartition } from './partition.ts'
import { text, type Row } from './row.ts'

/** Ranges read at the same time; as many answers are held in memory. */
const RANGES_AT_ONCE = 8

/** How full a range should be of what one answer holds, so that most ranges take one answer. */
const FILL = 0.7

/** What to scan for. */
export interface ScanQuery {
  /** A position; resources behind it only. */
  readonly after?: string | undefined
  readonly conditions?: readonly RowCondition[]
  /** How many resources are wanted first, when it is not all. */
  readonly firstPageSize?: number
}

/**
 * All resources of a partition in the order of their ids. The first answer is read alone: it may be all there is, or all
 * that is wanted. How far it reaches tells how densely ids lie, and so how to cut the rest into ranges that are read
 * side by side. Nothing but the answers under way is held.
 */
export async function* scanResources(partition: ResourcePartition, query: ScanQuery): Matches {
  const { layout } = partition
  const { after, conditions = [], firstPageSize = MAX_PAGE_SIZE } = query
  const condition = toOData(conditions)
  const range = resourceRange(layout, after)
  let rest: KeyRange | undefined
  let share = 0
  for await (const page of readRows(partition, { range, pageSize: firstPageSize, condition })) {
    yield await resourcesIn(partition, page.rows)
    const last = page.rows.at(-1)
    if (last === undefined || !page.more) continue
    rest = rangeBehind(range, text(last, 'rowKey'))
    share = shareOf(layout, range, rest) / page.rows.length
    break
  }
  if (rest === undefined) return
  const slices = slicesOf(layout, rest, share * MAX_PAGE_SIZE * FILL)
  yield* inOrder(slices, RANGES_AT_ONCE, async (slice) =>
    resourcesIn(partition, await readAllRows(partition, { range: slice, condition })),
  )
}

/** The share of all possible ids that lies between the starts of two ranges. */
function shareOf(layout: StorageLayout, from: KeyRange, to: KeyRange): number {
  return shareBefore(layout, to.from) - shareBefore(layout, from.from)
}

async function resourcesIn(
  { resourceType, deadline }: ResourcePartition,
  rows: readonly Row[],
): Promise<readonly StoredResource[]> {
  return workThrough(rows, deadline, (row) => fromEntity(resourceType, row))
}

function toOData(conditions: readonly RowCondition[]): string | undefined {
  if (conditions.length === 0) return undefined
  // Azure takes 15 comparisons in a filter, three of which are the range's; what is left out is matched in memory.
  return conditions.slice(0, 8).map(comparison).join(' and ')
}

/** The SDK's tag quotes a text only behind text of the template. */
const OPERATIONS = {
  eq: (value: string | boolean) => odata` eq ${value}`,
  ge: (value: string | boolean) => odata` ge ${value}`,
  le: (value: string | boolean) => odata` le ${value}`,
} as const

function comparison({ column, operator, value }: RowCondition): string {
  return column + OPERATIONS[operator](value)
}
