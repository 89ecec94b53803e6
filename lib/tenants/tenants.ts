import { randomBytes } from 'node:crypto'
import { ScimError } from '../scim/errors.ts'
import {
  isTenantId,
  type EraseResources,
  type Tenant,
  type TenantStatus,
  type TenantStore,
} from '../storage/tenant-port.ts'
import { printableText, noSuch } from './naming.ts'
import { randomText } from './random-text.ts'

const NAME_MAX_LENGTH = 200

/** Seconds for which an instance may still accept what was revoked or disabled: the age of its cached credentials. */
export const CREDENTIAL_CACHE_SECONDS = 30

/**
 * Seconds after which the host ends a request: host.json's functionTimeout, held equal to it by a test. Our own deadlines
 * come first, those of a bulk after two minutes.
 */
export const LONGEST_REQUEST_SECONDS = 150

/** Seconds after which no request that was let in can still run: the last one was let in by a cached credential. */
const SETTLE_SECONDS = CREDENTIAL_CACHE_SECONDS + LONGEST_REQUEST_SECONDS

/** Random characters in a tenant's PartitionKey: 82 bits. */
const PARTITION_RANDOM = 16

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
    partitionKey: `${id}_${randomText(PARTITION_RANDOM)}`,
    settings: {},
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

/** Why a tenant takes no change any more. */
export function beingDeleted(id: string): ScimError {
  return new ScimError(
    'mutability',
    `tenant ${id} is being deleted, which cannot be undone; delete ${id} finishes it`,
  )
}

/**
 * Enables or disables a tenant; all instances know within CREDENTIAL_CACHE_SECONDS. Nothing happens when it is so
 * already.
 * @throws ScimError `notFound`; `mutability` when it is being deleted.
 */
export async function setTenantStatus(
  store: TenantStore,
  id: string,
  status: Exclude<TenantStatus, 'deleting'>,
): Promise<Tenant> {
  const tenant = await requireTenant(store, id)
  if (tenant.status === status) return tenant
  const changed = await store.update(id, (now) => {
    if (now.status === 'deleting') throw beingDeleted(id)
    return { status }
  })
  return changed ?? noTenant(store, id)
}

/**
 * Gives a tenant another name for people; its id, which its Secret Tokens have, stays.
 * @throws ScimError `notFound`; `invalidValue` for a name that cannot be; `mutability` when it is being deleted.
 */
export async function renameTenant(store: TenantStore, id: string, name: string): Promise<Tenant> {
  const what = 'name of the tenant'
  const printable = printableText(what, name, NAME_MAX_LENGTH)
  if (printable === '') throw new ScimError('invalidValue', `the ${what} must not be empty`)
  const changed = await store.update(id, (now) => {
    if (now.status === 'deleting') throw beingDeleted(id)
    return { name: printable }
  })
  return changed ?? noTenant(store, id)
}

/**
 * Removes a tenant with all that is kept for it, and tells how many users', groups' and memberships' rows that were.
 * From the first moment it cannot be enabled again, and every instance refuses it within CREDENTIAL_CACHE_SECONDS; then `settle` has to let SETTLE_SECONDS pass,
 * so that no request writes behind the removal; at the end it looks once more. May be stopped anywhere and repeated.
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
  const marked = await store.update(id, () => ({ status: 'deleting' }))
  const tenant = marked ?? (await noTenant(store, id))
  await steps.settle(SETTLE_SECONDS)
  const removed = await steps.erase(tenant.partitionKey)
  await store.delete(tenant)
  return removed + (await steps.erase(tenant.partitionKey))
}

async function noTenant(store: TenantStore, id: string): Promise<never> {
  const ids = (await store.list()).map((tenant) => tenant.id)
  throw new ScimError('notFound', noSuch('no tenant', id, ids))
}
