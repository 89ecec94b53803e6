import type { ActivityOperation, ChangeEntry } from '../activity-port.ts'
import { foldedName, type JournalFacts } from '../journal-entry.ts'
import { journalKey, positionOfJournalKey } from '../keys.ts'
import type { Author, Change, JournalNote } from '../port.ts'
import { MAX_PROPERTY_LENGTH } from '../stored-size.ts'
import {
  filled,
  optionalText,
  parsedJson,
  text,
  type Columns,
  type Entity,
  type Row,
} from './row.ts'

/** The operation in the row of a change that was given up: it stands where the change's own row would, and so keeps it out. */
export const GIVEN_UP = 'none'

type InPartition = Pick<Entity, 'partitionKey'>

/** The row of a change. */
export function toJournalEntry({ partitionKey }: InPartition, facts: JournalFacts): Entity {
  const { position, at, version, operation, requestId, author } = facts
  return {
    ...authorColumns(author),
    ...noteColumns(facts),
    ...movedColumns(facts),
    partitionKey,
    rowKey: journalKey(position),
    at,
    version,
    operation,
    request: requestId,
  }
}

/** The row of a change that was given up: it tells no more than whose place it keeps. */
export function toGivenUpEntry({ partitionKey }: InPartition, change: Change): Entity {
  return {
    partitionKey,
    rowKey: journalKey(change.position),
    at: change.stamp.lastModified,
    version: change.stamp.version,
    operation: GIVEN_UP,
    request: change.requestId,
  }
}

export function authorColumns({ actor, onBehalfOf, client }: Author): Columns {
  return {
    actor,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(client === undefined ? {} : { client }),
  }
}

/** Who is named in a row; undefined for a row from before there were authors. */
export function authorIn(row: Row): Author | undefined {
  const actor = filled(row, 'actor')
  if (actor === undefined) return undefined
  return { actor, ...textsIn(row, ['onBehalfOf', 'client']) }
}

/** `find` is what a name is searched by. */
export function noteColumns(note: JournalNote): Columns {
  const { type, subject, name, externalId, flip, cause, hidden, possibleReturner } = note
  const { changed, cleared, ignored } = note
  return {
    type,
    subject,
    ...(name === undefined ? {} : { name, find: foldedName(name) }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(flip === undefined ? {} : { flip }),
    ...(cause === undefined ? {} : { cause }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(possibleReturner === undefined ? {} : { possibleReturner }),
    ...listColumn('changed', changed),
    ...listColumn('cleared', cleared),
    ...listColumn('ignored', ignored),
  }
}

/** What a row is about; undefined for a row from before that was told. */
export function noteIn(row: Row): JournalNote | undefined {
  const subject = filled(row, 'subject')
  if (subject === undefined) return undefined
  const flip = filled(row, 'flip')
  return {
    type: text(row, 'type'),
    subject,
    ...textsIn(row, ['name', 'externalId', 'cause', 'possibleReturner']),
    ...(row['hidden'] === true ? { hidden: true } : {}),
    ...(flip === 'activated' || flip === 'deactivated' ? { flip } : {}),
    ...listIn(row, 'changed'),
    ...listIn(row, 'cleared'),
    ...listIn(row, 'ignored'),
  }
}

/** Of several that moved a filter can tell no more than that there are such. */
function movedColumns({ added = [], removed = [] }: JournalFacts): Columns {
  const [member, ...others] = [...added, ...removed]
  if (member === undefined) return {}
  if (others.length === 0) return { member, moved: added.length === 1 ? 'added' : 'removed' }
  return { many: true, ...listColumn('added', added), ...listColumn('removed', removed) }
}

function movedIn(row: Row): Pick<ChangeEntry, 'added' | 'removed'> {
  const member = filled(row, 'member')
  if (member === undefined) return { ...listIn(row, 'added'), ...listIn(row, 'removed') }
  return row['moved'] === 'added' ? { added: [member] } : { removed: [member] }
}

/** As many of a list as a property takes. */
function listColumn(column: string, list: readonly string[] = []): Columns {
  let length = '[]'.length
  const fitting = list.filter((each) => {
    length += JSON.stringify(each).length + ','.length
    return length <= MAX_PROPERTY_LENGTH
  })
  return fitting.length === 0 ? {} : { [column]: JSON.stringify(fitting) }
}

function listIn(row: Row, column: string): Record<string, readonly string[]> {
  const list = parsedJson(row, column, optionalText(row, column) ?? '[]')
  if (!Array.isArray(list) || list.length === 0) return {}
  return { [column]: list.map(String) }
}

/** The texts in some columns, those that are there. */
export function textsIn(row: Row, columns: readonly string[]): Readonly<Record<string, string>> {
  const found = columns.flatMap((column) => {
    const value = filled(row, column)
    return value === undefined ? [] : [[column, value] as const]
  })
  return Object.fromEntries(found)
}

const OPERATIONS: Readonly<Record<ActivityOperation, true>> = {
  create: true,
  put: true,
  patch: true,
  delete: true,
  members: true,
  restore: true,
  issue: true,
  revoke: true,
  rotate: true,
}

function isOperation(name: string): name is ActivityOperation {
  return Object.hasOwn(OPERATIONS, name)
}

/** The change in a row; undefined for one that was given up, or is from before there were authors. */
export function toChangeEntry(row: Row, table: ChangeEntry['table']): ChangeEntry | undefined {
  const [operation, author, note] = [text(row, 'operation'), authorIn(row), noteIn(row)]
  if (!isOperation(operation) || author === undefined || note === undefined) return undefined
  return {
    kind: 'change',
    ...note,
    position: positionOfJournalKey(text(row, 'rowKey')),
    table,
    at: text(row, 'at'),
    operation,
    version: text(row, 'version'),
    requestId: text(row, 'request'),
    author,
    ...movedIn(row),
  }
}
