import { odata } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { rangeBehind, resourceRange, shareBefore, slicesOf, type KeyRange } from '../keys.ts'
import type { Matches } from '../page.ts'
import type { RowCondition } from '../query.ts'
import { fromEntity } from './entity.ts'
import { inOrder } from './in-order.ts'
import { MAX_PAGE_SIZE, readAllRows, readRows, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'

/** Ranges read at the same time; as many answers are held in memory. */
const RANGES_AT_ONCE = 8

/** How full a range should be of what one answer holds, so that most ranges take one answer. */
const FILL = 0.7

/** What to scan for. */
export interface ScanQuery {
  /** A position; resources behind it only. */
  readonly after?: string
  readonly conditions?: readonly RowCondition[]
  /** How many resources are wanted first, when it is not all. */
  readonly firstPageSize?: number
}

/**
 * All resources of a partition in the order of their ids. The first answer is read alone: it may be all there is, or all
 * that is wanted. How far it reaches tells how densely ids lie, and so how to cut the rest into ranges that are read
 * side by side. Nothing but the answers under way is held.
 */
export async function* scanResources(partition: Partition, query: ScanQuery): Matches {
  const { after, conditions = [], firstPageSize = MAX_PAGE_SIZE } = query
  const condition = toOData(conditions)
  const more = condition === undefined ? {} : { condition }
  const range = resourceRange(partition.resourceType, after)
  let rest: KeyRange | undefined
  let share = 0
  for await (const page of readRows(partition, { range, pageSize: firstPageSize, ...more })) {
    yield resourcesIn(page.rows)
    const last = page.rows.at(-1)
    if (last === undefined || !page.more) continue
    rest = rangeBehind(range, text(last, 'rowKey'))
    share = shareOf(partition, range, rest) / page.rows.length
    break
  }
  if (rest === undefined) return
  const slices = slicesOf(partition.resourceType, rest, share * MAX_PAGE_SIZE * FILL)
  yield* inOrder(slices, RANGES_AT_ONCE, async (slice) =>
    resourcesIn(await readAllRows(partition, { range: slice, ...more })),
  )
}

/** The share of all possible ids that lies between the starts of two ranges. */
function shareOf({ resourceType }: Partition, from: KeyRange, to: KeyRange): number {
  return shareBefore(resourceType, to.from) - shareBefore(resourceType, from.from)
}

function resourcesIn(rows: readonly Row[]): readonly StoredResource[] {
  return rows.map(fromEntity).filter((stored) => stored !== undefined)
}

function toOData(conditions: readonly RowCondition[]): string | undefined {
  if (conditions.length === 0) return undefined
  // Azure takes 15 comparisons in a filter, three of which are the range's; what is left out is matched in memory.
  return conditions.slice(0, 8).map(comparison).join(' and ')
}

/** The SDK's tag quotes a text only behind text of the template. */
const BOUNDS = {
  created: {
    ge: (value: string) => odata`created ge ${value}`,
    le: (value: string) => odata`created le ${value}`,
  },
  lastModified: {
    ge: (value: string) => odata`lastModified ge ${value}`,
    le: (value: string) => odata`lastModified le ${value}`,
  },
} as const

function comparison(condition: RowCondition): string {
  if (condition.column === 'active') return odata`active eq ${condition.value}`
  return BOUNDS[condition.column][condition.operator](condition.value)
}
