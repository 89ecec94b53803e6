import { ScimError } from '../../scim/errors.ts'
import { resourceKey, returnKey } from '../keys.ts'
import type { Change } from '../port.ts'
import { fromDeletionMark, toDeletionMark } from './entity.ts'
import { eraseRow } from './erase.ts'
import { fenceActions, removalOf, removeLosses } from './losses.ts'
import { leaveGroups, lossesOf } from './membership-removal.ts'
import { readRow, type Partition } from './partition.ts'
import { text, type Entity, type Row } from './row.ts'
import { submit } from './transaction.ts'

/** The row by which the deletion of a group is found again whose id stays with a team. */
export function toReturnMark(partition: Partition, id: string, change: Change): Entity {
  const rowKey = returnKey(partition.layout, id, change.position)
  return { ...toDeletionMark(partition, id, change), rowKey, returns: true }
}

/** Whether a deletion leaves a team behind. */
export function isReturnMark(row: Row): boolean {
  return row['returns'] === true
}

/**
 * Clears away what is left of a group whose id stays with a team made by hand. The id may be a group's again as soon as
 * this has come to its end: so each transaction asks for the mark of this deletion, which goes last. Whoever is late, or
 * at it beside another, then removes nothing of the next group.
 * @param resumedAt when the deletion was taken up again.
 */
export async function finishReturn(
  partition: Partition,
  mark: Row,
  resumedAt?: string,
): Promise<void> {
  const { id, change } = fromDeletionMark(mark)
  const fence = text(mark, 'rowKey')
  await leaveGroups(partition, id, change, {
    erase: async (pair) => {
      const rows = [...fenceActions(partition, fence), ...removalOf(pair)]
      const outcome = await submit(partition, rows)
      if (!outcome.committed && outcome.error instanceof ScimError) throw outcome.error
    },
  })
  const losses = { ...lossesOf(partition, id, change, resumedAt), fence }
  if (await removeLosses(partition, losses)) await removeMark(partition, fence, id)
}

async function removeMark(partition: Partition, fence: string, id: string): Promise<void> {
  const { table, partitionKey, deadline } = partition
  const tombstone = { partitionKey, rowKey: resourceKey(partition.layout, id) }
  const mark = { partitionKey, rowKey: fence }
  const outcome = await submit(partition, [
    ['delete', mark],
    ['delete', { ...tombstone }],
  ])
  if (outcome.committed) return
  if (outcome.error instanceof ScimError) throw outcome.error
  // Without a tombstone the team itself was deleted since: nothing of it is there any more.
  if ((await readRow(partition, tombstone.rowKey, ['RowKey'])) !== undefined) return
  await eraseRow(table, mark, deadline)
}
