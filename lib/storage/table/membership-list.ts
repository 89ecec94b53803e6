import type { Member } from '../../scim/resource.ts'
import { memberRange, type KeyRange } from '../keys.ts'
import { memberSlices } from '../membership-keys.ts'
import { inOrder } from './in-order.ts'
import { MEMBER_COLUMNS, toMember } from './membership-rows.ts'
import { readRows, type Partition } from './partition.ts'
import { readAmong } from './row.ts'

const RANGES_AT_ONCE = 8

/**
 * All members of a group in the order of their ids: one read for up to 1,000; the rest in ranges that are begun in
 * parallel, so that memory holds a few pages however large the group is.
 */
export async function* listMembers(
  partition: Partition,
  groupId: string,
): AsyncGenerator<readonly Member[]> {
  const query = { range: memberRange(groupId), select: MEMBER_COLUMNS }
  for await (const { rows, more } of readRows(partition, query)) {
    const members = readAmong(partition, query.range.from, () => rows.map(toMember))
    const last = members.at(-1)
    if (last === undefined) continue
    yield members
    if (more) yield* listBehind(partition, groupId, last)
    return
  }
}

async function* listBehind(
  partition: Partition,
  groupId: string,
  last: Member,
): AsyncGenerator<readonly Member[]> {
  const slices = memberSlices(groupId, last.value)
  const begin = async (range: KeyRange): Promise<BegunRange> => {
    const pages = readMembers(partition, groupId, range)
    return { first: await pages.next(), pages }
  }
  for await (const { first, pages } of inOrder(slices, RANGES_AT_ONCE, begin)) {
    if (first.done === true) continue
    yield first.value
    yield* pages
  }
}

/** A range whose first page was read; `pages` has the others. */
interface BegunRange {
  readonly first: IteratorResult<readonly Member[], void>
  readonly pages: AsyncGenerator<readonly Member[], void>
}

async function* readMembers(
  partition: Partition,
  groupId: string,
  range: KeyRange,
): AsyncGenerator<readonly Member[], void> {
  const { from } = memberRange(groupId)
  for await (const { rows } of readRows(partition, { range, select: MEMBER_COLUMNS })) {
    if (rows.length > 0) yield readAmong(partition, from, () => rows.map(toMember))
  }
}
