import { createVerdictCache } from '../auth/verdict-cache.ts'
import type { ChangedBy, Declarations, TenantStore } from '../storage/tenant-port.ts'
import { CREDENTIAL_CACHE_SECONDS } from '../tenants/tenants.ts'
import { peopleOf, type PeopleParts, type PeopleSource } from './people-context.ts'

/** Tenants that are remembered. */
const MOST_REMEMBERED = 1000

/** The people of tenants, by whoever changes them. */
export function peopleSources(
  parts: PeopleParts,
  tenants: Pick<TenantStore, 'definitions'>,
): (by: ChangedBy) => PeopleSource {
  const recall = createVerdictCache<Declarations | undefined>({
    now: parts.service.now,
    maxAgeSeconds: CREDENTIAL_CACHE_SECONDS,
    isGood: (declarations) => declarations !== undefined,
    maxGood: MOST_REMEMBERED,
    // A tenant that is made now is there now.
    maxBad: 0,
  })
  return (by) => ({
    of: (declarations) => peopleOf(parts, declarations, by),
    async remembered(tenantId) {
      const declarations = await recall(tenantId, async () => tenants.definitions(tenantId))
      return declarations && peopleOf(parts, declarations, by)
    },
  })
}
