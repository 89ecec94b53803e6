/** Whether a text is a name in a table. */
export function isOneOf<Table extends object>(
  table: Table,
): (name: string) => name is string & keyof Table {
  return (name): name is string & keyof Table => Object.hasOwn(table, name)
}
