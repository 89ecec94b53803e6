import { inParallel } from '../../in-parallel.ts'
import { memberOfRange, rangeThrough, resourceKey, type KeyRange } from '../keys.ts'
import { compareInMemberOf, memberOfBehind, memberOfSpan } from '../membership-keys.ts'
import type { GroupsBehind } from '../port.ts'
import { PAIR_COLUMNS } from './membership-rows.ts'
import { readRow, readRows, type Partition, type RangeQuery } from './partition.ts'
import { text, type Row } from './row.ts'

const READS_AT_ONCE = 16
/** Up to so many rows or ranges are read one by one, all at once. */
const FEW = 3

/** The ids of the groups that one member is in. */
async function groupsOfMember(partition: Partition, memberId: string): Promise<readonly string[]> {
  const groupIds: string[] = []
  const query = { range: memberOfRange(memberId), select: PAIR_COLUMNS }
  for await (const { rows } of readRows(partition, query)) {
    for (const row of rows) groupIds.push(text(row, 'groupId'))
  }
  return groupIds
}

/**
 * The ids of the groups that each member is in; members in none are absent. The users of a list page stand side by side,
 * so their memberships are read as one range; where others stand between them, one by one.
 */
export async function groupsOfMembers(
  partition: Partition,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = [...new Set(memberIds)].toSorted(compareInMemberOf)
  const found = new Map(ids.map((id): [string, string[]] => [id, []]))
  const range = memberOfSpan(ids[0] ?? '', ids.at(-1) ?? '')
  const complete = await readTogether(partition, { range, select: PAIR_COLUMNS }, ids.length, {
    note: (row) => found.get(text(row, 'memberId'))?.push(text(row, 'groupId')),
    completeAt: (row) => countBefore(ids, (id) => compareInMemberOf(id, text(row, 'memberId')) < 0),
  })
  await inParallel(ids.slice(complete), READS_AT_ONCE, async (memberId) => {
    found.set(memberId, [...(await groupsOfMember(partition, memberId))])
  })
  return new Map([...found].filter(([, groupIds]) => groupIds.length > 0))
}

/** The groups of the members behind one, by one answer of the service. */
export async function groupsOfMembersBehind(
  partition: Partition,
  memberId: string | undefined,
): Promise<GroupsBehind> {
  const columns = { member: 'memberId', group: 'groupId' }
  return readBehind(partition, memberOfBehind(memberId), columns)
}

/**
 * What members are in, by one answer of the service.
 * @param columns those that have the ids.
 */
export async function readBehind(
  partition: Partition,
  range: KeyRange,
  columns: { readonly member: string; readonly group: string },
): Promise<GroupsBehind> {
  const groupsOf = new Map<string, string[]>()
  const select = [columns.group, columns.member]
  for await (const { rows, more } of readRows(partition, { range, select })) {
    for (const row of rows) {
      const member = text(row, columns.member)
      const groupIds = groupsOf.get(member) ?? []
      groupIds.push(text(row, columns.group))
      groupsOf.set(member, groupIds)
    }
    const last = rows.at(-1)
    const end = last === undefined ? undefined : text(last, columns.member)
    return {
      groupsOf,
      isComplete: (id) => !more || (end !== undefined && compareInMemberOf(id, end) < 0),
    }
  }
  return { groupsOf, isComplete: () => true }
}

/** What becomes of the rows of a range in which some are wanted. */
interface Reading {
  readonly note: (row: Row) => void
  /** How many of the wanted are complete when the answer ends with this row. */
  readonly completeAt: (row: Row) => number
}

/**
 * Reads a range in which `wanted` things are, as long as each answer completes at least as many of them as could be asked
 * for one by one in the same time.
 * @returns how many are complete; of the others some rows may have been noted, but not all.
 */
export async function readTogether(
  partition: Partition,
  query: RangeQuery,
  wanted: number,
  { note, completeAt }: Reading,
): Promise<number> {
  if (wanted <= FEW) return 0
  let complete = 0
  for await (const { rows, more } of readRows(partition, query)) {
    for (const row of rows) note(row)
    if (!more) return wanted
    const last = rows.at(-1)
    const before = complete
    complete = last === undefined ? complete : completeAt(last)
    if (complete - before < READS_AT_ONCE) break
  }
  return complete
}

/** How many of a sorted list come before the first that does not. */
export function countBefore<Item>(
  sorted: readonly Item[],
  isBefore: (item: Item) => boolean,
): number {
  const index = sorted.findIndex((item) => !isBefore(item))
  return index === -1 ? sorted.length : index
}

const NAME_COLUMNS = ['RowKey', 'displayName', 'deleted']

/** The display names of the groups that exist; where most groups of the tenant are asked for they are read as a range. */
export async function readGroupNames(
  partition: Partition,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const idByKey = new Map(groupIds.map((id) => [resourceKey(partition.layout, id), id]))
  const keys = [...idByKey.keys()].toSorted(compareKeys)
  const names = new Map<string, string>()
  const note = (row: Row | undefined): void => {
    const id = row === undefined ? undefined : idByKey.get(text(row, 'rowKey'))
    const name = row?.['displayName']
    if (id !== undefined && typeof name === 'string' && row?.['deleted'] !== true) {
      names.set(id, name)
    }
  }
  const range = rangeThrough(keys[0] ?? '', keys.at(-1) ?? '')
  const complete = await readTogether(partition, { range, select: NAME_COLUMNS }, keys.length, {
    note,
    completeAt: (row) => countBefore(keys, (key) => compareKeys(key, text(row, 'rowKey')) <= 0),
  })
  await inParallel(keys.slice(complete), READS_AT_ONCE, async (key) => {
    note(await readRow(partition, key, NAME_COLUMNS))
  })
  return names
}

/** Keys are ASCII: code units are the order of the service. */
function compareKeys(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
