import type { Credential, Tenant, TenantStore } from '../storage/tenant-port.ts'
import { credentialStatus } from '../tenants/credentials.ts'

const LAST_USED_RESOLUTION = 60 * 60 * 1000

/**
 * Writes `lastUsed` when it is an hour old: after a read only, so that all instances together keep to the hour. The
 * request neither waits for it nor fails with it; the next read tries again.
 */
export function noteUse(
  store: TenantStore,
  tenant: Tenant,
  credential: Credential,
  now: Date,
): void {
  if (credentialStatus(credential, now) !== 'active') return
  const age = now.getTime() - Date.parse(credential.lastUsed ?? '')
  if (age < LAST_USED_RESOLUTION) return
  store.touchCredential(tenant.id, credential.id, now.toISOString()).catch(() => undefined)
}
