import { createHash } from 'node:crypto'
import type { ActivityStore } from '../storage/activity-port.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Rows of a tenant that go in a second, at most: its provisioning goes on beside it. */
const ROWS_A_SECOND = 500

/** Minutes from a tenant's turn to its next: with the time that a run may be late less than a day. */
const PERIOD_MINUTES = 23 * 60

/** A deletion may be committed a little behind its own time. */
const LATENESS = HOUR

/** What retention works with. */
export interface RetentionParts {
  readonly activity: Pick<ActivityStore, 'purge' | 'forgetDeleted'>
  readonly now: () => Date
  readonly pause: (milliseconds: number) => Promise<void>
}

/** What became of one tenant's turn. */
interface Retained {
  readonly purged: number
  readonly forgotten: number
  /** Whether there was time for all. */
  readonly complete: boolean
}

/**
 * Removes what is older than so many days, and the names of whom was deleted since a time. May be stopped anywhere and
 * repeated; what is younger stays.
 */
export async function retain(
  { activity, now, pause }: RetentionParts,
  tenant: TenantIdentity,
  { days, since }: { readonly days: number; readonly since: Date },
  isOver: () => boolean,
): Promise<Retained> {
  const before = new Date(now().getTime() - days * DAY)
  let purged = 0
  for (;;) {
    if (isOver()) return { purged, forgotten: 0, complete: false }
    const begun = now().getTime()
    const removed = await activity.purge(tenant, before, ROWS_A_SECOND)
    purged += removed
    if (removed < ROWS_A_SECOND) break
    await pause(Math.max(0, SECOND - (now().getTime() - begun)))
  }
  let isCut = false
  const forgotten = await activity.forgetDeleted(tenant, since, () => {
    isCut ||= isOver()
    return isCut
  })
  return { purged, forgotten, complete: !isCut }
}

/** A tenant's next turn behind a moment: tenants take turns all day long, always in the same order. */
export function turnAfter(
  { partitionKey }: Pick<TenantIdentity, 'partitionKey'>,
  from: Date,
): Date {
  const slot = createHash('sha256').update(partitionKey).digest().readUInt32BE(0) % PERIOD_MINUTES
  const minutes = Math.floor(from.getTime() / MINUTE)
  const rounds = Math.floor((minutes - slot) / PERIOD_MINUTES) + 1
  return new Date((rounds * PERIOD_MINUTES + slot) * MINUTE)
}

/** Where turns begin again after a pause: all come once, however long it was. */
export function turnsFrom(last: Date | undefined, now: Date): Date {
  if (last === undefined) return now
  return new Date(Math.max(last.getTime(), now.getTime() - PERIOD_MINUTES * MINUTE))
}

/** Since when somebody may have been deleted whose names are still there, at the turn behind a moment. */
export function forgottenUntil(last: Date): Date {
  return new Date(last.getTime() - PERIOD_MINUTES * MINUTE - LATENESS)
}
