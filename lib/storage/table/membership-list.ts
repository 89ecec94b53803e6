import type { TableClient } from '@azure/data-tables'
import type { Member } from '../../scim/resource.ts'
import { readAhead } from '../in-parallel.ts'
import { memberRange, type KeyRange } from '../keys.ts'
import { memberSlices } from '../membership-keys.ts'
import { MEMBER_COLUMNS, readPages, toMember } from './membership-rows.ts'

const RANGES_AT_ONCE = 8

/**
 * All members of a group in the order of their ids: one read for up to 1,000; the rest in ranges that are read ahead in
 * parallel, so that memory holds a few pages however large the group is.
 */
export async function* listMembers(
  table: TableClient,
  tenantId: string,
  groupId: string,
): AsyncGenerator<readonly Member[]> {
  for await (const { rows, isLast } of readPages(
    table,
    tenantId,
    memberRange(groupId),
    MEMBER_COLUMNS,
  )) {
    const members = rows.map(toMember)
    const last = members.at(-1)
    if (last === undefined) continue
    yield members
    if (!isLast) yield* listBehind(table, tenantId, groupId, last)
    return
  }
}

async function* listBehind(
  table: TableClient,
  tenantId: string,
  groupId: string,
  last: Member,
): AsyncGenerator<readonly Member[]> {
  const slices = memberSlices(groupId, last.value)
  const sources = slices.map((slice) => listRange(table, tenantId, slice))
  yield* readAhead(sources, RANGES_AT_ONCE)
}

async function* listRange(
  table: TableClient,
  tenantId: string,
  range: KeyRange,
): AsyncGenerator<readonly Member[]> {
  for await (const { rows } of readPages(table, tenantId, range, MEMBER_COLUMNS)) {
    if (rows.length > 0) yield rows.map(toMember)
  }
}
