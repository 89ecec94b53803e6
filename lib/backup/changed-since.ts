import type { ActivityEntry, ActivityQuery, ChangeEntry } from '../storage/activity-port.ts'
import type { Tenant } from '../storage/tenant-port.ts'
import { again } from './again.ts'
import type { BackupParts } from './backup-parts.ts'

/** Where changes are read, and how. */
export type Journals = Pick<BackupParts, 'activity' | 'pause'>

/** Milliseconds after its own time in which a change may still be committed. */
const LATENESS = 150_000

/** Entries of one read. */
const PAGE = 1000

/** A change of a user, group or team. */
export interface ChangeOfPeople extends ChangeEntry {
  readonly table: 'users' | 'groups'
}

function isOfPeople(entry: ActivityEntry): entry is ChangeOfPeople {
  return entry.kind === 'change' && entry.table !== 'tenants'
}

/** The changes of a tenant's people, groups and teams, the newest first. @param since milliseconds since 1970; absent: all. */
export async function* changesOf(
  { activity, pause }: Journals,
  tenant: Tenant,
  since?: number,
): AsyncGenerator<ChangeOfPeople> {
  let behind: string | undefined
  do {
    const query: ActivityQuery = {
      outcome: 'changed',
      tables: ['users', 'groups'],
      withLosses: true,
      count: PAGE,
      ...(since === undefined ? {} : { since }),
      ...(behind === undefined ? {} : { behind }),
    }
    const page = await again(pause, async () => activity.read(tenant, query))
    for (const entry of page.entries) if (isOfPeople(entry)) yield entry
    behind = page.next
  } while (behind !== undefined)
}

/** The ids of what has changed. */
export interface Changed {
  readonly users: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
}

/**
 * Follows the journals of a tenant from a moment on: each look tells what has changed since the one before. Of each change of
 * the time that it follows memory holds the position.
 */
export class ChangesSince {
  readonly #parts: Journals
  readonly #tenant: Tenant
  readonly #since: number
  readonly #seen = new Set<string>()

  constructor(parts: Journals & Pick<BackupParts, 'now'>, tenant: Tenant) {
    this.#parts = parts
    this.#tenant = tenant
    this.#since = parts.now().getTime() - LATENESS
  }

  /** What no look before has seen. */
  async look(): Promise<Changed> {
    const [users, groups] = [new Set<string>(), new Set<string>()]
    for await (const entry of changesOf(this.#parts, this.#tenant, this.#since)) {
      if (!this.#isNew(entry)) continue
      if (entry.table === 'users') users.add(entry.subject)
      else groups.add(entry.subject)
    }
    return { users, groups }
  }

  #isNew({ table, position }: ChangeEntry): boolean {
    const name = `${table} ${position}`
    if (this.#seen.has(name)) return false
    this.#seen.add(name)
    return true
  }
}
