/** A column of a table. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** A Markdown table whose columns are padded, so that it can be read as text too. Cells hold no `|`. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(({ title }, at) =>
    Math.max(3, title.length, ...rows.map((row) => (row[at] ?? '').length)),
  )
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ align }, at) => {
      const [cell, width] = [cells[at] ?? '', widths[at] ?? 0]
      return align === 'right' ? cell.padStart(width) : cell.padEnd(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = columns.map(({ align }, at) => {
    const dashes = '-'.repeat(widths[at] ?? 0)
    return align === 'right' ? `${dashes.slice(1)}:` : dashes
  })
  return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)].join('\n')
}

/** A number to three significant digits, thousands set apart: `12,300`, `1.23`. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}
