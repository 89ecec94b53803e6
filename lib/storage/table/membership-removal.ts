import type { TableClient, TransactionAction } from '@azure/data-tables'
import type { ChangeStamp } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import { inParallel } from '../in-parallel.ts'
import { memberKey, memberOfKey, memberOfRange, memberRange, partitionKey } from '../keys.ts'
import { eraseRow } from './erase.ts'
import { callStorage, storageStatus } from './failure.ts'
import { changeMembers } from './membership-change.ts'
import { readPages } from './membership-rows.ts'
import { text, type Row } from './row.ts'

const TRANSACTIONS_AT_ONCE = 4
/** Two rows each, 100 to a transaction. */
const PAIRS_PER_TRANSACTION = 50
const ID_COLUMNS = ['memberId', 'groupId']

/**
 * Removes the memberships of a resource that was deleted: the groups it was in lose it and are stamped; a group's own
 * members go without a trace. Stopped anywhere, it does the rest when it is called again. Once a group's guard is gone
 * nobody can add to it, so what is read here is all there will ever be.
 */
export async function removeMemberships(
  table: TableClient,
  newStamp: () => ChangeStamp,
  tenantId: string,
  resourceType: Pick<ResourceType, 'name'>,
  id: string,
): Promise<void> {
  if (resourceType.name === 'Group') await removeOwnMembers(table, tenantId, id)
  for await (const { rows } of readPages(table, tenantId, memberOfRange(id), ID_COLUMNS)) {
    await inParallel(rows, TRANSACTIONS_AT_ONCE, async (row) =>
      leaveGroup(table, newStamp, tenantId, row),
    )
  }
}

async function leaveGroup(
  table: TableClient,
  newStamp: () => ChangeStamp,
  tenantId: string,
  row: Row,
): Promise<void> {
  const outcome = await changeMembers(table, {
    tenantId,
    groupId: text(row, 'groupId'),
    to: 'absent',
    members: [{ value: text(row, 'memberId'), type: 'User' }],
    stamp: newStamp(),
  })
  // The group is gone and its clean-up was stopped, or this pair of rows is not whole: no group is to be stamped.
  if (outcome === 'changed') return
  const { member, memberOf } = keysOf(tenantId, row)
  await eraseRow(table, member)
  await eraseRow(table, memberOf)
}

async function removeOwnMembers(
  table: TableClient,
  tenantId: string,
  groupId: string,
): Promise<void> {
  for await (const { rows } of readPages(table, tenantId, memberRange(groupId), ID_COLUMNS)) {
    const parts: (readonly Row[])[] = []
    for (let start = 0; start < rows.length; start += PAIRS_PER_TRANSACTION) {
      parts.push(rows.slice(start, start + PAIRS_PER_TRANSACTION))
    }
    await inParallel(parts, TRANSACTIONS_AT_ONCE, async (part) => erasePairs(table, tenantId, part))
  }
}

async function erasePairs(
  table: TableClient,
  tenantId: string,
  rows: readonly Row[],
): Promise<void> {
  const pairs = rows.map((row) => keysOf(tenantId, row))
  const actions = pairs.flatMap(({ member, memberOf }): TransactionAction[] => [
    ['delete', { ...member }],
    ['delete', { ...memberOf }],
  ])
  try {
    await callStorage(() => table.submitTransaction(actions))
  } catch (error) {
    if (storageStatus(error) !== 404) throw error
    // One of them is gone (the answer was lost, or two of us are at it), and with it the whole transaction.
    await inParallel(pairs, TRANSACTIONS_AT_ONCE, async ({ member, memberOf }) => {
      // The row by which the pair was found goes last, or what is left of it could not be found again.
      await eraseRow(table, memberOf)
      await eraseRow(table, member)
    })
  }
}

interface Key {
  readonly partitionKey: string
  readonly rowKey: string
}

/** The keys of the two rows that are one membership. */
function keysOf(tenantId: string, row: Row): { readonly member: Key; readonly memberOf: Key } {
  const partition = partitionKey(tenantId)
  const [groupId, memberId] = [text(row, 'groupId'), text(row, 'memberId')]
  return {
    member: { partitionKey: partition, rowKey: memberKey(groupId, memberId) },
    memberOf: { partitionKey: partition, rowKey: memberOfKey(memberId, groupId) },
  }
}
