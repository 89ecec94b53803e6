import { randomBytes } from 'node:crypto'
import { ScimError } from '../scim/errors.ts'
import {
  isTenantId,
  LATER_INDEXES,
  type ChangeOptions,
  type EraseResources,
  type Tenant,
  type TenantSettings,
  type TenantStatus,
  type TenantStore,
} from '../storage/tenant-port.ts'
import { printableText, noSuch } from './naming.ts'
import { randomText } from './random-text.ts'
import { checkSettings } from './settings.ts'

const NAME_MAX_LENGTH = 200
const REFERENCE_MAX_LENGTH = 100
const VERSION_LENGTH = 16

/** Tenants that are read to tell which there are. */
const MOST_NAMED = 999

/** Seconds for which an instance may still accept what was revoked or disabled: the age of its cached credentials. */
export const CREDENTIAL_CACHE_SECONDS = 30

/**
 * Seconds after which the host ends a request: host.json's functionTimeout, held equal to it by a test. Our own deadlines
 * come first, those of a bulk after two minutes.
 */
export const LONGEST_REQUEST_SECONDS = 150

/** Seconds after which no request that was let in can still run: the last one was let in by a cached credential. */
export const SETTLE_SECONDS = CREDENTIAL_CACHE_SECONDS + LONGEST_REQUEST_SECONDS

/** Random characters in a tenant's PartitionKey: 82 bits. */
const PARTITION_RANDOM = 16

/** A tenant that is to be. */
export interface NewTenant {
  readonly id: string
  /** The id when absent. */
  readonly name?: string
  readonly reference?: string | null
  readonly settings?: TenantSettings
  readonly now: Date
}

/**
 * Creates a tenant, enabled and without credentials.
 * @throws ScimError `invalidValue` for an id, name, reference or setting that cannot be, `uniqueness` for an id that is taken.
 */
export async function createTenant(
  store: TenantStore,
  { id, name = id, reference: ofVendor = null, settings = {}, now }: NewTenant,
): Promise<Tenant> {
  if (!isTenantId(id)) {
    const right = 'must have 1 to 32 characters out of a-z, 0-9 and -'
    throw new ScimError('invalidValue', `the tenant id ${right}`)
  }
  checkSettings(settings)
  const reference = tenantReferenceFrom(ofVendor)
  const tenant: Tenant = {
    id,
    name: printableText('name of the tenant', name, NAME_MAX_LENGTH),
    ...(reference === null ? {} : { reference }),
    status: 'enabled',
    created: now.toISOString(),
    signingKey: randomBytes(32).toString('base64url'),
    partitionKey: `${id}_${randomText(PARTITION_RANDOM)}`,
    settings,
    version: randomText(VERSION_LENGTH),
    indexes: { complete: LATER_INDEXES },
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

/** What may be changed of a tenant. */
export interface TenantPatch {
  readonly name?: string
  /** `null` takes it away. */
  readonly reference?: string | null
  readonly status?: Exclude<TenantStatus, 'deleting'>
  /** All of them as they are to be, or made from those that there are at that moment. */
  readonly settings?: TenantSettings | ((now: TenantSettings) => TenantSettings)
}

/**
 * Changes a tenant, all or nothing; instances know a status and settings within CREDENTIAL_CACHE_SECONDS.
 * @throws ScimError `notFound`; `invalidValue` for what cannot be; `mutability` when it is being deleted;
 *   `preconditionFailed` when it has another version than `ifMatch`.
 */
export async function changeTenant(
  store: TenantStore,
  id: string,
  { name, reference, status, settings }: TenantPatch,
  options?: ChangeOptions,
): Promise<Tenant> {
  const change = {
    ...(name === undefined ? {} : { name: tenantNameFrom(name) }),
    ...(reference === undefined ? {} : { reference: tenantReferenceFrom(reference) }),
    ...(status === undefined ? {} : { status }),
  }
  const changed = await store.update(
    id,
    (now) => {
      if (now.status === 'deleting') throw beingDeleted(id)
      if (settings === undefined) return change
      const wanted = typeof settings === 'function' ? settings(now.settings) : settings
      checkSettings(wanted)
      return { ...change, settings: wanted }
    },
    options,
  )
  return changed ?? noTenant(store, id)
}

/** The name of a tenant. @throws ScimError `invalidValue` for one that cannot be. */
export function tenantNameFrom(name: string): string {
  const what = 'name of the tenant'
  const printable = printableText(what, name, NAME_MAX_LENGTH)
  if (printable === '') throw new ScimError('invalidValue', `the ${what} must not be empty`)
  return printable
}

/** The reference of a tenant; an empty one is none. @throws ScimError `invalidValue` for one that cannot be. */
export function tenantReferenceFrom(reference: string | null): string | null {
  return printableText('reference of the tenant', reference ?? '', REFERENCE_MAX_LENGTH) || null
}

/**
 * Gives a tenant another name for people; its id, which its Secret Tokens have, stays.
 * @throws ScimError as `changeTenant`.
 */
export async function renameTenant(store: TenantStore, id: string, name: string): Promise<Tenant> {
  return changeTenant(store, id, { name })
}

/**
 * Begins to delete a tenant: from this moment it cannot be enabled again, and every instance refuses it within
 * CREDENTIAL_CACHE_SECONDS. The maintenance does the rest. One whose deletion was begun stays as it is.
 * @throws ScimError `notFound`; `preconditionFailed` when it has another version than `ifMatch`.
 */
export async function beginDeletion(
  store: TenantStore,
  id: string,
  now: Date,
  options?: ChangeOptions,
): Promise<Tenant> {
  const begun = { started: now.toISOString(), phase: 'settling', rows: 0 } as const
  const marked = await store.update(
    id,
    ({ deletion }) => ({ status: 'deleting', deletion: deletion ?? begun }),
    options,
  )
  return marked ?? noTenant(store, id)
}

/** How many seconds have to pass until no request can still run for a tenant that is being deleted. */
export function secondsToSettle({ deletion }: Tenant, now: Date): number {
  const passed = (now.getTime() - Date.parse(deletion?.started ?? '')) / 1000
  // A date that cannot be read, or one ahead of our clock, is none that has passed.
  return passed >= 0 ? Math.max(0, Math.ceil(SETTLE_SECONDS - passed)) : SETTLE_SECONDS
}

/**
 * Removes a tenant with all that is kept for it at once, and tells how many users', groups' and memberships' rows that
 * were. After `beginDeletion`, `settle` has to let SETTLE_SECONDS pass, so that no request writes behind the removal; at
 * the end it looks once more. May be stopped anywhere and repeated, and run beside the maintenance.
 * @throws ScimError `notFound`.
 */
export async function deleteTenant(
  store: TenantStore,
  id: string,
  steps: {
    readonly erase: EraseResources
    readonly settle: (seconds: number) => Promise<void>
    readonly now?: Date
  },
): Promise<number> {
  const { erase, settle, now = new Date() } = steps
  const tenant = await beginDeletion(store, id, now)
  const seconds = secondsToSettle(tenant, now)
  if (seconds > 0) await settle(seconds)
  const removed = await erase(tenant.partitionKey)
  await store.delete(tenant)
  return removed + (await erase(tenant.partitionKey))
}

async function noTenant(store: TenantStore, id: string): Promise<never> {
  const { items, next } = await store.summaries({ count: MOST_NAMED })
  const ids = items.map((summary) => summary.id)
  throw new ScimError('notFound', noSuch('no tenant', id, ids, next !== undefined))
}
