import { UnreadableRow } from '../unreadable-row.ts'

/** A row as it was read: its columns, `partitionKey` and `rowKey`. */
export type Row = Readonly<Record<string, unknown>>

/** A row to be written. */
export type Entity = Record<string, string | number | boolean> & {
  readonly partitionKey: string
  readonly rowKey: string
}

/** What a row has beside its keys. */
export type Columns = Readonly<Record<string, string | number | boolean>>

/** The text in a column. @throws UnreadableRow when there is none. */
export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new UnreadableRow(row, column, 'text')
}

/** The text in a column; undefined when the column is absent. @throws UnreadableRow as `text`. */
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === undefined || row[column] === null ? undefined : text(row, column)
}

/** The text in a column; undefined when it is absent or empty. @throws UnreadableRow as `text`. */
export function filled(row: Row, column: string): string | undefined {
  const value = optionalText(row, column)
  return value === '' ? undefined : value
}

/** The date in a column, as ISO 8601 in UTC; undefined when the column is absent. @throws UnreadableRow as `text`. */
export function optionalDate(row: Row, column: string): string | undefined {
  if (row[column] === undefined || row[column] === null) return undefined
  const date = new Date(text(row, column))
  if (Number.isNaN(date.getTime())) {
    throw new UnreadableRow(row, column, 'date')
  }
  return date.toISOString()
}

/** Reads rows whose keys were not asked for, which begin all alike: that is how one that nobody can read is named. */
export function readAmong<Result>(
  { partitionKey }: Pick<Entity, 'partitionKey'>,
  beginning: string,
  read: () => Result,
): Result {
  try {
    return read()
  } catch (error) {
    throw error instanceof UnreadableRow ? error.among(partitionKey, beginning) : error
  }
}

/** What a JSON text from a column says. @throws UnreadableRow when it says nothing. */
export function parsedJson(row: Row, column: string, json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new UnreadableRow(row, column, 'JSON')
  }
}
