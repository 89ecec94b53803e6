import { dueSince } from '../../invitations.ts'
import { deletionKey, deletionsOf, hiddenKey, resourceKey } from '../../keys.ts'
import { teamKey } from '../../team-keys.ts'
import { finishDeletion } from '../delete.ts'
import { IDENTITY_COLUMNS, isTombstone, toDeletionMark, toTombstone } from '../entity.ts'
import { isKept } from '../joining.ts'
import { readRow, type ResourcePartition } from '../partition.ts'
import { text, type Row } from '../row.ts'
import { isReturnMark, toReturnMark } from '../team-return.ts'
import { submit } from '../transaction.ts'
import { asRead, erasing, inPlaceOf, mendingChange, writing } from './mending.ts'
import { steadily, type Reads } from './steady.ts'
import type { Ground, Look, Suspect } from './suspect.ts'

/** An account and its row in the list of invitations. */
export async function lookAtInvitation(
  partition: ResourcePartition,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily(async (reads) => {
    const [row, own] = await Promise.all([reads.row(partition, key), reads.resource(partition, id)])
    return { row, own }
  })
  if (looked === 'moving') return looked
  const { row, own } = looked.seen
  const since = own && dueSince(own)
  const due = since === undefined ? undefined : { id, since }
  if (isNoted(row, due)) return undefined
  const about = { type: partition.resourceType.name, about: id }
  if (own === undefined || due === undefined) {
    return { problem: 'invitation stray', ...about, mend: erasing(partition, row) }
  }
  const { partitionKey } = partition
  const anchor = asRead(partition, resourceKey(partition.layout, id), own.revision)
  const right = inPlaceOf(row, { partitionKey, rowKey: key, ...due })
  return { problem: 'invitation lost', ...about, mend: writing(partition, anchor, right) }
}

/** Whether a row of the list says what its account does; none where that says nothing. */
function isNoted(
  row: Row | undefined,
  due: { readonly id: string; readonly since: string } | undefined,
): boolean {
  if (row === undefined || due === undefined) return row === due
  return row['id'] === due.id && row['since'] === due.since
}

/** A group and its guard. */
export async function lookAtGuard(
  partition: ResourcePartition,
  { key, ids: [position = ''] }: Suspect,
): Promise<Look> {
  // The row of a group has its id in the same form as its guard.
  const groupKey = resourceKey(partition.layout, '') + position
  const looked = await steadily(async (reads) => {
    const [guard, group] = await Promise.all([
      reads.row(partition, key),
      reads.row(partition, groupKey),
    ])
    return { guard, group: group !== undefined && isTombstone(group) ? undefined : group }
  })
  if (looked === 'moving') return looked
  const { guard, group } = looked.seen
  if ((guard === undefined) === (group === undefined)) return undefined
  const { partitionKey } = partition
  const about = { type: partition.resourceType.name, about: position }
  if (group === undefined) {
    return { problem: 'guard stray', ...about, mend: erasing(partition, guard) }
  }
  const anchor = asRead(partition, groupKey, text(group, 'etag'))
  const mend = writing(partition, anchor, ['create', { partitionKey, rowKey: key }])
  return { problem: 'guard lost', ...about, mend }
}

/** The marks of deletions of an id that are being cleaned up, of whatever type it is. */
export async function deletionMarks(
  reads: Reads,
  { partitions }: Ground,
  id: string,
): Promise<readonly Row[]> {
  const marks = await Promise.all(
    partitions.map(async (each) => {
      const key = deletionKey(each.layout, id)
      const rows = await reads.rows(each, deletionsOf(each.layout, id))
      return rows.filter((row) => `${text(row, 'rowKey')}:`.startsWith(`${key}:`))
    }),
  )
  return marks.flat()
}

/** What is left of a resource that was deleted: a mark tells that it is to be cleared away. */
export async function lookAtTombstone(
  partition: ResourcePartition,
  ground: Ground,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const looked = await steadily(async (reads) => {
    const [row, marks] = await Promise.all([
      reads.row(partition, key),
      deletionMarks(reads, { ...ground, partitions: [partition] }, id),
    ])
    return { row, marks }
  })
  if (looked === 'moving') return looked
  const { row, marks } = looked.seen
  if (row === undefined || !isTombstone(row) || marks.length > 0) return undefined
  return {
    problem: 'half a deletion',
    type: partition.resourceType.name,
    about: id,
    mend: () => deleteAgain(partition, ground, row, id),
  }
}

/** Marks the deletion anew, as the one that it was, and carries it out. */
async function deleteAgain(
  partition: ResourcePartition,
  { memberships }: Ground,
  tombstone: Row,
  id: string,
): Promise<void> {
  const { layout, resourceType } = partition
  const [hidden, team] = await Promise.all([
    readRow(partition, hiddenKey(layout, id), ['RowKey']),
    layout.guarded ? readRow(partition, teamKey(id), ['RowKey']) : undefined,
  ])
  const note = { type: resourceType.name, subject: id }
  const change = mendingChange('delete', hidden === undefined ? note : { ...note, hidden: true })
  const mark = (team === undefined ? toDeletionMark : toReturnMark)(partition, id, change)
  const outcome = await submit(partition, [
    ['update', toTombstone(partition, id, change), 'Replace', { etag: text(tombstone, 'etag') }],
    ['create', mark],
  ])
  if (!outcome.committed) return
  await finishDeletion(partition, mark, memberships, new Date().toISOString())
}

/** A deletion whose clean-up is under way, or was interrupted. The mark of an account that was joined stays when all is done. */
export async function lookAtMark(
  partition: ResourcePartition,
  { memberships }: Ground,
  { key, ids: [id = ''] }: Suspect,
): Promise<Look> {
  const [mark, left] = await Promise.all([
    readRow(partition, key),
    readRow(partition, resourceKey(partition.layout, id), IDENTITY_COLUMNS),
  ])
  if (mark === undefined || (left === undefined && isKept(mark))) return undefined
  return {
    problem: isReturnMark(mark) ? 'return unfinished' : 'deletion unfinished',
    type: partition.resourceType.name,
    about: id,
    mend: () => finishDeletion(partition, mark, memberships, new Date().toISOString()),
  }
}
