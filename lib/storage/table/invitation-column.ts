import type { Invitation } from '../../scim/resource.ts'
import { UnreadableRow } from '../unreadable-row.ts'
import { filled, type Row } from './row.ts'

/** What the invitation in a row has come to; undefined when there is none. @throws UnreadableRow */
export function invitationIn(row: Row): Invitation | undefined {
  const text = filled(row, 'invitation')
  if (text === undefined || text === 'ahead' || text === 'acknowledged') return text
  if (Number.isNaN(Date.parse(text))) throw new UnreadableRow(row, 'invitation', 'date')
  return { since: text }
}
