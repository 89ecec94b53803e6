import type { StoredResource } from '../../../scim/resource.ts'
import { behindFamily } from '../../family-ranges.ts'
import { positionOf } from '../../keys.ts'
import type { Team } from '../../team-port.ts'
import { UnreadableRow } from '../../unreadable-row.ts'
import { fromEntity } from '../entity.ts'
import type { ResourcePartition } from '../partition.ts'
import { optionalDate, text, type Row } from '../row.ts'
import { toTeam } from '../team-rows.ts'

/**
 * The resource in a row; undefined for what is left of a deleted one. Stricter than what a request needs: other rows are to be mended
 * by it. @throws UnreadableRow
 */
export function resourceIn(
  { resourceType }: ResourcePartition,
  row: Row,
): StoredResource | undefined {
  const stored = fromEntity(resourceType, row)
  if (stored !== undefined) requireOwn(row, stored.id)
  return stored
}

/** The team in a row. @throws UnreadableRow */
export function teamIn(row: Row): Team {
  const team = toTeam(row)
  requireOwn(row, team.id)
  return team
}

/** @throws UnreadableRow where the id is not that of the key, or a time is none. */
function requireOwn(row: Row, id: string): void {
  if (positionOf(id) !== behindFamily(text(row, 'rowKey'))) {
    throw new UnreadableRow(row, 'id', 'id of its key')
  }
  optionalDate(row, 'created')
  optionalDate(row, 'lastModified')
}

/** What is read, or why nobody can read it. */
export function tried<Result>(read: () => Result): Result | UnreadableRow {
  try {
    return read()
  } catch (error) {
    return unreadable(error)
  }
}

/** The same of what is read from the tables. */
export async function triedSoon<Result>(
  read: () => Promise<Result>,
): Promise<Result | UnreadableRow> {
  try {
    return await read()
  } catch (error) {
    return unreadable(error)
  }
}

function unreadable(error: unknown): UnreadableRow {
  if (error instanceof UnreadableRow) return error
  throw error
}
