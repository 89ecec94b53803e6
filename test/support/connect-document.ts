import { GROUP } from '../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { sectionOf, tableRows } from './documents.ts'

const FILE = 'docs/connect.md'

/** An answer that the page tells of: the status with the scimType, the detail with `…` for what differs. */
export interface ToldRefusal {
  readonly kind: string
  readonly detail: string
}

/** The targets of the mapping tables, as they are to be pasted. */
export function targetsOf(resourceType: ResourceType): readonly string[] {
  const of = resourceType === GROUP ? 'groups' : 'people'
  const rows = tableRows(FILE, `Attributes of ${of}`)
  return rows.map(([, target = '']) => withoutTicks(target))
}

/** The rows of "Entra says … do …" that tell of an answer of ours, or those of the token endpoint. */
export function toldRefusals(heading = 'Entra says … do …'): readonly ToldRefusal[] {
  return tableRows(FILE, heading).flatMap(([kind = '', detail = '', action]) =>
    action === undefined ? [] : [{ kind: withoutTicks(kind), detail: withoutTicks(detail) }],
  )
}

function withoutTicks(cell: string): string {
  return cell.replaceAll('`', '')
}

/** The JSON template for OneLogin, with its macros. */
export function oneLoginTemplate(): string {
  return /```json\n(.*?)```/s.exec(sectionOf(FILE, 'OneLogin'))?.[1] ?? ''
}
