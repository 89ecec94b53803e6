import { UnreadableRow } from '../../unreadable-row.ts'
import { readRow, type ResourcePartition } from '../partition.ts'
import type { Row } from '../row.ts'
import { familyOf } from './families.ts'
import { rewritten, writing } from './mending.ts'
import { tried } from './readable.ts'
import type { Found, Look, Suspect } from './suspect.ts'

/**
 * A row that nobody can read. Its key mends that of a membership; what another row tells of it is found, and mended, beside it. Of
 * a resource, a team or a deletion nothing else knows what it was.
 */
export async function lookAtUnreadable(
  partition: ResourcePartition,
  { key, ids }: Suspect,
): Promise<Look> {
  const row = await readRow(partition, key)
  const family = row && familyOf(partition, row)
  if (row === undefined || family === undefined) return undefined
  const read = tried(() => family.read(row))
  if (!(read instanceof UnreadableRow)) return undefined
  const { type = partition.resourceType.name, columns } = family
  const [group, member] = ids
  const isKnown = columns !== undefined && group !== undefined && member !== undefined
  return {
    ...unreadable(type, ids.length === 0 ? timeOf(row) : ids.join(', '), read),
    ...(isKnown
      ? { mend: writing(partition, rewritten(row, { [columns[0]]: group, [columns[1]]: member })) }
      : {}),
  }
}

/** What is told of such a row. */
export function unreadable(
  type: string,
  about: string,
  { family, column }: UnreadableRow,
): Omit<Found, 'mend'> {
  return { problem: 'row unreadable', type, about, detail: `${family}/${column}` }
}

/** By its key it would be told what somebody is called. */
function timeOf({ timestamp }: Row): string {
  return typeof timestamp === 'string' ? `Timestamp ${timestamp}` : ''
}
