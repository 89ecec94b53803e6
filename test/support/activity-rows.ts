import type { TableEntityResult } from '@azure/data-tables'
import type { Tables } from '../../lib/storage/table/tables.ts'

/** The families of rows that tell what happened. */
const FAMILIES = ['journal:', 'stats:', 'day:', 'people:']

/** Every row of every table that tells what happened, as it is kept, each as JSON. */
export async function activityRows(tables: Tables): Promise<readonly string[]> {
  const rows: string[] = []
  for (const table of [tables.tenants, tables.users, tables.groups]) {
    for await (const row of table.listEntities()) {
      if (isOfActivity(row)) rows.push(JSON.stringify(row))
    }
  }
  return rows
}

function isOfActivity({ rowKey = '' }: TableEntityResult<object>): boolean {
  return FAMILIES.some((family) => rowKey.startsWith(family))
}

/** The rows that have a text anywhere, whatever its case. */
export function rowsThatHave(rows: readonly string[], text: string): readonly string[] {
  return rows.filter((row) => row.toLowerCase().includes(text.toLowerCase()))
}
