import { randomBytes } from 'node:crypto'
import { ScimError } from '../scim/errors.ts'
import {
  isTenantId,
  type EraseResources,
  type Tenant,
  type TenantStore,
} from '../storage/tenant-port.ts'
import { printableText, noSuch } from './naming.ts'

const NAME_MAX_LENGTH = 200

/** Seconds for which an instance may still accept what was revoked or disabled: the age of its cached credentials. */
export const CREDENTIAL_CACHE_SECONDS = 30

/** Seconds from disabling a tenant until no instance writes for it: the cache, and requests that were under way. */
const SETTLE_SECONDS = CREDENTIAL_CACHE_SECONDS + 5

/**
 * Creates a tenant, enabled and without tokens; `name` is the id when absent.
 * @throws ScimError `invalidValue` for an id or name that cannot be, `uniqueness` for an id that is taken.
 */
export async function createTenant(
  store: TenantStore,
  { id, name = id, now }: { readonly id: string; readonly name?: string; readonly now: Date },
): Promise<Tenant> {
  if (!isTenantId(id)) {
    const right = 'must have 1 to 32 characters out of a-z, 0-9 and -'
    throw new ScimError('invalidValue', `the tenant id ${right}`)
  }
  const tenant: Tenant = {
    id,
    name: printableText('name of the tenant', name, NAME_MAX_LENGTH),
    status: 'enabled',
    created: now.toISOString(),
    signingKey: randomBytes(32).toString('base64url'),
  }
  if (!(await store.create(tenant))) {
    throw new ScimError('uniqueness', `there is a tenant ${id} already`)
  }
  return tenant
}

/** The tenant. @throws ScimError `notFound` that says which tenants there are. */
export async function requireTenant(store: TenantStore, id: string): Promise<Tenant> {
  return (await store.get(id)) ?? (await noTenant(store, id))
}

/**
 * Enables or disables a tenant; all instances know within CREDENTIAL_CACHE_SECONDS. Nothing happens when it is so
 * already.
 * @throws ScimError `notFound`.
 */
export async function setTenantStatus(
  store: TenantStore,
  id: string,
  status: Tenant['status'],
): Promise<Tenant> {
  const tenant = await requireTenant(store, id)
  if (tenant.status === status) return tenant
  const changed = { ...tenant, status }
  return (await store.update(changed)) ? changed : noTenant(store, id)
}

/**
 * Removes a tenant with all that is kept for it, and tells how many users', groups' and memberships' rows that were.
 * It is disabled first, then `settle` has to let SETTLE_SECONDS pass, so that no instance writes behind the removal
 * and no old token opens a later tenant of the same id. May be stopped anywhere and repeated.
 * @throws ScimError `notFound`.
 */
export async function deleteTenant(
  store: TenantStore,
  id: string,
  steps: {
    readonly erase: EraseResources
    readonly settle: (seconds: number) => Promise<void>
  },
): Promise<number> {
  await setTenantStatus(store, id, 'disabled')
  await steps.settle(SETTLE_SECONDS)
  const removed = await steps.erase(id)
  await store.delete(id)
  return removed
}

async function noTenant(store: TenantStore, id: string): Promise<never> {
  const ids = (await store.list()).map((tenant) => tenant.id)
  throw new ScimError('notFound', noSuch('no tenant', id, ids))
}
