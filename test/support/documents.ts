import { readFileSync } from 'node:fs'

/** What stands below a heading of a document, down to the next heading of any level. */
export function sectionOf(file: string, heading: string): string {
  const sections = readFileSync(file, 'utf8').split(/^#+ /m)
  const section = sections.find((part) => part.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`${file} has no heading "${heading}".`)
  return section
}

/** The rows of all tables below a heading, without their heads, as cells. */
export function tableRows(file: string, heading: string): readonly string[][] {
  const rows = sectionOf(file, heading)
    .split('\n')
    .filter((line) => line.startsWith('|'))
  return rows
    .filter((row, index) => !isRule(row) && !isRule(rows[index + 1] ?? ''))
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

/** The line between the head of a table and its rows. */
function isRule(row: string): boolean {
  return /^[|\s:-]+$/.test(row) && row !== ''
}

/** The link to a heading, as GitHub and most viewers make it. */
export function anchorOf(heading: string): string {
  const kept = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} -]/gu, '')
  return `#${kept.replaceAll(' ', '-')}`
}
