import type { TenantStore, TenantSummary } from '../storage/tenant-port.ts'
import { withLatest, type UnwrittenUses } from './unwritten.ts'

/** The store, whose summaries have what this instance has not written yet, too. */
export function withUnwrittenSummaries(
  tenants: TenantStore,
  uses: Pick<UnwrittenUses, 'unwrittenNow'>,
): TenantStore {
  const latest = (summary: TenantSummary): TenantSummary => {
    const unwritten = uses.unwrittenNow(summary)
    return unwritten === undefined ? summary : withLatest(summary, unwritten)
  }
  return {
    ...tenants,
    async summary(tenant) {
      const summary = await tenants.summary(tenant)
      return summary === undefined ? undefined : latest(summary)
    },
    async summaries(query) {
      const page = await tenants.summaries(query)
      return { ...page, items: page.items.map(latest) }
    },
  }
}
