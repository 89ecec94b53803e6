import type { ActivityQuery, ChangeEntry } from '../storage/activity-port.ts'
import type { Tenant } from '../storage/tenant-port.ts'
import { again } from './again.ts'
import type { BackupParts } from './backup-parts.ts'

/** Milliseconds after its own time in which a change may still be committed. */
const LATENESS = 150_000

/** Entries of one read. */
const PAGE = 1000

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
  readonly #parts: Pick<BackupParts, 'activity' | 'pause'>
  readonly #tenant: Tenant
  readonly #since: number
  readonly #seen = new Set<string>()

  constructor(parts: Pick<BackupParts, 'activity' | 'pause' | 'now'>, tenant: Tenant) {
    this.#parts = parts
    this.#tenant = tenant
    this.#since = parts.now().getTime() - LATENESS
  }

  /** What no look before has seen. */
  async look(): Promise<Changed> {
    const [users, groups] = [new Set<string>(), new Set<string>()]
    let behind: string | undefined
    do {
      const page = await this.#read(behind)
      for (const entry of page.entries) {
        if (entry.kind !== 'change' || !this.#isNew(entry)) continue
        if (entry.table === 'users') users.add(entry.subject)
        else groups.add(entry.subject)
      }
      behind = page.next
    } while (behind !== undefined)
    return { users, groups }
  }

  async #read(behind: string | undefined): ReturnType<BackupParts['activity']['read']> {
    const { activity, pause } = this.#parts
    const query: ActivityQuery = {
      outcome: 'changed',
      tables: ['users', 'groups'],
      withLosses: true,
      since: this.#since,
      count: PAGE,
      ...(behind === undefined ? {} : { behind }),
    }
    return again(pause, async () => activity.read(this.#tenant, query))
  }

  #isNew({ table, position }: ChangeEntry): boolean {
    const name = `${table} ${position}`
    if (this.#seen.has(name)) return false
    this.#seen.add(name)
    return true
  }
}
