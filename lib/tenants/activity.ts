import type { TenantActivity, TenantIdentity, TenantStore } from '../storage/tenant-port.ts'

/** How a request of a tenant ended: answered, answered with an error, or not let in. */
export type RequestOutcome = 'success' | 'failure' | 'refusal'

const FIRST_PAUSE_MILLISECONDS = 1000

/** One write a minute, a tenant and an instance. */
const PAUSE_MILLISECONDS = 60_000

/** Tenants whose uses are held at the same time; those beyond are noted with their next request. */
const MAX_TENANTS = 2000

/** What is noted of one tenant, and not yet written. */
interface Pending {
  readonly tenant: TenantIdentity
  activity: TenantActivity
}

/**
 * Notes the uses of tenants for their summaries, behind the requests: none waits for it, and none fails with it.
 * @param later does the work after a while, apart from the request under way.
 */
export function createActivityNotes(
  store: Pick<TenantStore, 'noteActivity'>,
  {
    now,
    later,
  }: {
    readonly now: () => Date
    readonly later: (milliseconds: number, work: () => Promise<void>) => void
  },
): (tenant: TenantIdentity, outcome: RequestOutcome) => void {
  const held = new Map<string, Pending>()

  async function write(pending: Pending): Promise<void> {
    const { tenant, activity } = pending
    if (Object.keys(activity).length === 0) {
      held.delete(tenant.partitionKey)
      return
    }
    pending.activity = {}
    later(PAUSE_MILLISECONDS, () => write(pending))
    await store.noteActivity(tenant, activity).catch(() => undefined)
  }

  return ({ id, partitionKey }, outcome) => {
    const activity = activityOf(outcome, now().toISOString())
    const pending = held.get(partitionKey)
    if (pending !== undefined) {
      pending.activity = { ...pending.activity, ...activity }
      return
    }
    if (held.size >= MAX_TENANTS) return
    const first: Pending = { tenant: { id, partitionKey }, activity }
    held.set(partitionKey, first)
    later(FIRST_PAUSE_MILLISECONDS, () => write(first))
  }
}

function activityOf(outcome: RequestOutcome, at: string): TenantActivity {
  if (outcome === 'refusal') return { lastRefusal: at }
  return outcome === 'success' ? { lastRequest: at, lastSuccess: at } : { lastRequest: at }
}
