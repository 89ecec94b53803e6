/** A row as it was read: its columns, `partitionKey` and `rowKey`. */
export type Row = Readonly<Record<string, unknown>>

/** A row to be written. */
export type Entity = Record<string, string | number | boolean> & {
  readonly partitionKey: string
  readonly rowKey: string
}

/** What a row has beside its keys. */
export type Columns = Readonly<Record<string, string | number | boolean>>

/** The text in a column. @throws Error naming the row when there is none: someone else has written it. */
export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new Error(`the row ${nameOf(row)} has no text in its column ${column}`)
}

/** The text in a column; undefined when the column is absent. @throws Error as `text`. */
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === undefined || row[column] === null ? undefined : text(row, column)
}

/** The text in a column; undefined when it is absent or empty. @throws Error as `text`. */
export function filled(row: Row, column: string): string | undefined {
  const value = optionalText(row, column)
  return value === '' ? undefined : value
}

/** The date in a column, as ISO 8601 in UTC; undefined when the column is absent. @throws Error as `text`. */
export function optionalDate(row: Row, column: string): string | undefined {
  if (row[column] === undefined || row[column] === null) return undefined
  const date = new Date(text(row, column))
  if (Number.isNaN(date.getTime())) {
    throw new TypeError(`the row ${nameOf(row)} has no date in its column ${column}`)
  }
  return date.toISOString()
}

function nameOf(row: Row): string {
  return `${String(row['partitionKey'])} ${String(row['rowKey'])}`
}
