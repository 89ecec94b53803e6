import type { Tenant } from '../storage/tenant-port.ts'
import { changesOf, type Journals } from './changed-since.ts'

/** The type of a team that was made by hand, in the journal. */
const TEAM = 'Team'

/** What somebody has deleted from the tenant, or taken out of a team made by hand. */
export interface Gone {
  readonly users: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  readonly teams: ReadonlySet<string>
  /** `goneMember` of those who were put in by hand. */
  readonly byHand: ReadonlySet<string>
}

export const NOTHING_GONE: Gone = {
  users: new Set(),
  groups: new Set(),
  teams: new Set(),
  byHand: new Set(),
}

/** Names somebody in a team. */
export function goneMember(teamId: string, personId: string): string {
  return `${teamId} ${personId}`
}

/** Reads the journals of the tenant as far as they are kept: what is not there any more was there once. */
export async function goneFrom(journals: Journals, tenant: Tenant): Promise<Gone> {
  const gone = { users: new Set<string>(), groups: new Set<string>(), teams: new Set<string>() }
  const byHand = new Set<string>()
  for await (const entry of changesOf(journals, tenant)) {
    const { table, type, subject, operation, removed = [] } = entry
    if (operation === 'delete') gone[type === TEAM ? 'teams' : table].add(subject)
    if (type === TEAM) for (const id of removed) byHand.add(goneMember(subject, id))
  }
  return { ...gone, byHand }
}
