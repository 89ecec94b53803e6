import type { RefusalEntry, RefusalNote } from '../activity-port.ts'
import { foldedName } from '../journal-entry.ts'
import { positionOfJournalKey, refusalKey } from '../keys.ts'
import { authorColumns, authorIn, textsIn } from './journal-row.ts'
import { filled, text, type Columns, type Entity, type Row } from './row.ts'

/** The operation in the rows of refusals. */
export const REFUSED = 'refused'

/**
 * What an instance writes of equal refusals, into the row that others write, too: each counts in columns of its own, and
 * the rest is as of whoever wrote last.
 */
export function toRefusalEntity(
  { partitionKey }: Pick<Entity, 'partitionKey'>,
  instance: string,
  note: RefusalNote,
): Entity {
  const { end, fingerprint, status, scimType, reason, verb, type, author } = note
  const { detail, requestId, first, at, count } = note
  return {
    ...authorColumns(author),
    ...subjectColumns(note),
    ...(scimType === undefined ? {} : { scimType }),
    ...(type === undefined ? {} : { type }),
    partitionKey,
    rowKey: refusalKey(end, fingerprint),
    operation: REFUSED,
    status,
    reason,
    verb,
    detail,
    request: requestId,
    [`n_${instance}`]: count,
    [`at_${instance}`]: at,
    [`first_${instance}`]: first,
  }
}

function subjectColumns({ subject, isId = false }: RefusalNote): Columns {
  if (subject === undefined) return {}
  return isId ? { subject, isId } : { subject, find: foldedName(subject) }
}

/** The refusals in a row; undefined for one that nobody here wrote. */
export function toRefusalEntry(row: Row): RefusalEntry | undefined {
  const [author, { status }] = [authorIn(row), row]
  const [first] = textsOf(row, 'first_').toSorted()
  const at = textsOf(row, 'at_').toSorted().at(-1)
  if (author === undefined || typeof status !== 'number') return undefined
  if (first === undefined || at === undefined) return undefined
  const subject = filled(row, 'subject')
  return {
    kind: 'refusal',
    position: positionOfJournalKey(text(row, 'rowKey')),
    status,
    ...textsIn(row, ['scimType', 'type']),
    reason: text(row, 'reason'),
    verb: text(row, 'verb'),
    ...(subject === undefined ? {} : { subject }),
    ...(subject !== undefined && row['isId'] === true ? { isId: true } : {}),
    author,
    detail: text(row, 'detail'),
    requestId: text(row, 'request'),
    first,
    at,
    count: numbersOf(row, 'n_').reduce((sum, count) => sum + count, 0),
  }
}

function valuesOf(row: Row, prefix: string): readonly unknown[] {
  return Object.keys(row)
    .filter((column) => column.startsWith(prefix))
    .map((column) => row[column])
}

function textsOf(row: Row, prefix: string): readonly string[] {
  return valuesOf(row, prefix).filter((value) => typeof value === 'string')
}

function numbersOf(row: Row, prefix: string): readonly number[] {
  return valuesOf(row, prefix).filter((value) => typeof value === 'number')
}
