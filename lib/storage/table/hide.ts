import { deletionKey, resourceKey } from '../keys.ts'
import type { Change, MembershipCascade } from '../port.ts'
import { IDENTITY_COLUMNS } from './entity.ts'
import { eraseRow } from './erase.ts'
import { readRow, type Partition } from './partition.ts'
import { text, type Row } from './row.ts'

/**
 * Clears away what is left of an account that was hidden. It may have returned since, and may have been hidden again, while somebody
 * is still at this: nothing goes but what is of this very deletion.
 */
export async function finishHiding(
  partition: Partition,
  id: string,
  memberships: MembershipCascade,
  change: Change,
  resumedAt?: string,
): Promise<void> {
  const { partitionKey, layout, deadline } = partition
  const [tombstoneKey, markKey] = [resourceKey(layout, id), deletionKey(layout, id)]
  const read = async (rowKey: string): Promise<Row | undefined> => {
    const row = await readRow(partition, rowKey, [...IDENTITY_COLUMNS, 'position'])
    return row?.['position'] === change.position ? row : undefined
  }
  const isGone = async (): Promise<boolean> => (await read(tombstoneKey)) !== undefined
  const [tombstone, mark] = await Promise.all([
    read(tombstoneKey),
    read(markKey),
    memberships.removeAll({ partitionKey, deadline }, id, layout.guarded, change, {
      isGone,
      resumedAt,
    }),
  ])
  for (const row of [tombstone, mark]) if (row !== undefined) await eraseAsRead(partition, row)
}

async function eraseAsRead({ table, partitionKey, deadline }: Partition, row: Row): Promise<void> {
  const key = { partitionKey, rowKey: text(row, 'rowKey') }
  await eraseRow(table, key, deadline, text(row, 'etag'))
}
