import { GROUP } from '../../scim/resource-type.ts'
import { inParallel } from '../in-parallel.ts'
import { memberOfRange, resourceKey, type KeyRange } from '../keys.ts'
import { compareInMemberOf, memberOfSpan } from '../membership-keys.ts'
import { PAIR_COLUMNS } from './membership-rows.ts'
import { readRow, readRows, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'

const READS_AT_ONCE = 16
/** Up to so many members are looked up one by one, all at once. */
const FEW_MEMBERS = 10

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
  const found = new Map<string, string[]>()
  const left = ids.length <= FEW_MEMBERS ? ids : await readSpan(partition, ids, found)
  await inParallel(left, READS_AT_ONCE, async (memberId) => {
    const groupIds = await groupsOfMember(partition, memberId)
    if (groupIds.length > 0) found.set(memberId, [...groupIds])
  })
  return found
}

/**
 * Reads from the first to the last member as long as each page settles at least as many members as could be asked for
 * one by one in the same time.
 * @returns the ids that are not settled; `found` may have some of their groups, but not all.
 */
async function readSpan(
  partition: Partition,
  ids: readonly string[],
  found: Map<string, string[]>,
): Promise<readonly string[]> {
  const wanted = new Set(ids)
  let settled = 0
  const query = { range: spanOf(ids), select: PAIR_COLUMNS }
  for await (const { rows, more } of readRows(partition, query)) {
    for (const row of rows) note(row, wanted, found)
    if (!more) return []
    const last = rows.at(-1)
    const before = settled
    settled = last === undefined ? settled : countBefore(ids, text(last, 'memberId'))
    if (settled - before < READS_AT_ONCE) break
  }
  return ids.slice(settled)
}

function spanOf(ids: readonly string[]): KeyRange {
  return memberOfSpan(ids[0] ?? '', ids.at(-1) ?? '')
}

function note(row: Row, wanted: ReadonlySet<string>, found: Map<string, string[]>): void {
  const memberId = text(row, 'memberId')
  if (!wanted.has(memberId)) return
  const groupIds = found.get(memberId) ?? []
  found.set(memberId, groupIds)
  groupIds.push(text(row, 'groupId'))
}

/** How many of the sorted ids stand before this one. */
function countBefore(ids: readonly string[], id: string): number {
  const index = ids.findIndex((each) => compareInMemberOf(each, id) >= 0)
  return index === -1 ? ids.length : index
}

/** The display names of the groups that exist. */
export async function readGroupNames(
  partition: Partition,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  await inParallel([...new Set(groupIds)], READS_AT_ONCE, async (groupId) => {
    const key = resourceKey(GROUP, groupId)
    const row = await readRow(partition, key, ['displayName', 'deleted'])
    const name = row?.['displayName']
    if (typeof name === 'string' && row?.['deleted'] !== true) names.set(groupId, name)
  })
  return names
}
