import type { ResourceType } from '../scim/resource-type.ts'
import { ScimError } from '../scim/errors.ts'
import { LIMITS } from '../scim/limits.ts'
import type {
  ChangeOptions,
  Declarations,
  DeclaredAttribute,
  TenantStore,
} from '../storage/tenant-port.ts'
import { noSuch } from '../tenants/naming.ts'
import { beingDeleted, requireTenant } from '../tenants/tenants.ts'
import {
  changedDefinition,
  newDefinition,
  type DefinitionChange,
  type NewDefinition,
} from './definitions.ts'
import { WrongDefinition } from './wrong-definition.ts'

/** What tenants declare attributes with. */
export interface DeclaringParts {
  readonly store: TenantStore
  /** The users' type as every tenant has it. */
  readonly resourceType: ResourceType
}

/**
 * Declares an attribute; every instance knows it within CREDENTIAL_CACHE_SECONDS.
 * @throws ScimError `notFound`; `invalidValue` for what cannot be, `uniqueness` for an id that is taken; `mutability` where
 *   the tenant is being deleted, or values that are kept do not allow it.
 */
export async function declareAttribute(
  parts: DeclaringParts,
  tenantId: string,
  given: NewDefinition,
  now: Date,
): Promise<DeclaredAttribute> {
  const { store, resourceType } = parts
  const declared = await store.addDefinition(tenantId, (declarations) => {
    const { live, removed } = split(declarations)
    const definition = newDefinition(given, { resourceType, definitions: live, removed })
    const before = removed.find(({ id }) => isSame(id, definition.id))
    checkNotPurging(before)
    if (before === undefined && removed.length >= LIMITS.definitions) throw tooManyRemoved()
    return { ...definition, created: now.toISOString() }
  })
  return declared ?? gone(store, tenantId)
}

/** All that a tenant has declared, oldest first, removed ones included. @throws ScimError `notFound` */
export async function declaredAttributes(
  store: TenantStore,
  tenantId: string,
): Promise<readonly DeclaredAttribute[]> {
  const { definitions } = (await store.definitions(tenantId)) ?? (await missing(store, tenantId))
  return definitions
}

/** One of them, by its id in any case. @throws ScimError `notFound` that says which there are. */
export async function requireAttribute(
  store: TenantStore,
  tenantId: string,
  id: string,
): Promise<DeclaredAttribute> {
  const all = await declaredAttributes(store, tenantId)
  const found = all.find((each) => isSame(each.id, id))
  if (found !== undefined) return found
  const ids = all.map((each) => each.id)
  throw new ScimError('notFound', noSuch(`tenant ${tenantId} has declared no attribute`, id, ids))
}

/**
 * Changes label, description, allowed values, unique or indexed. What users have already is looked through by the
 * maintenance; until then filters scan, and of equal values none is refused that was there before.
 * @throws ScimError `notFound`, `invalidValue`, `preconditionFailed`; `mutability` for what never changes, and where the
 *   attribute is removed, or the tenant is being deleted.
 */
export async function changeAttribute(
  parts: DeclaringParts,
  tenantId: string,
  id: string,
  change: DefinitionChange,
  options?: ChangeOptions,
): Promise<DeclaredAttribute> {
  const { store, resourceType } = parts
  const changed = await store.changeDefinition(
    tenantId,
    id,
    (before, declarations) => {
      if (before.removed !== undefined) throw removedAlready()
      const definitions = split(declarations).live
      return changedDefinition(before, change, { resourceType, definitions })
    },
    options,
  )
  return changed ?? goneOf(store, tenantId, id)
}

/**
 * Removes an attribute: what users have of it is hidden within CREDENTIAL_CACHE_SECONDS, and comes back when the same is
 * declared again; `purge`: the maintenance takes it out. One that is removed stays so.
 * @throws ScimError `notFound`, `preconditionFailed`; `mutability` where the tenant is being deleted.
 */
export async function removeAttribute(
  store: TenantStore,
  tenantId: string,
  id: string,
  { purge, now }: { readonly purge: boolean; readonly now: Date },
  options?: ChangeOptions,
): Promise<DeclaredAttribute> {
  const removal = { at: now.toISOString(), purge }
  const removed = await store.removeDefinition(tenantId, id, removal, options)
  return removed ?? goneOf(store, tenantId, id)
}

function split({ definitions }: Declarations): {
  readonly live: readonly DeclaredAttribute[]
  readonly removed: readonly DeclaredAttribute[]
} {
  return {
    live: definitions.filter(({ removed }) => removed === undefined),
    removed: definitions.filter(({ removed }) => removed !== undefined),
  }
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function checkNotPurging(before: DeclaredAttribute | undefined): void {
  if (before?.purging !== true) return
  throw new WrongDefinition(
    'mutability',
    'id',
    'what users have of that attribute is being taken out: declare it again when it is gone from the list',
  )
}

function tooManyRemoved(): ScimError {
  return new ScimError(
    'mutability',
    `Values of ${LIMITS.definitions} removed attributes are kept. Purge one of them first.`,
  )
}

function removedAlready(): ScimError {
  return new ScimError('mutability', 'That attribute is removed. Declare it again to change it.')
}

async function goneOf(store: TenantStore, tenantId: string, id: string): Promise<never> {
  const { status } = await requireTenant(store, tenantId)
  if (status === 'deleting') throw beingDeleted(tenantId)
  await requireAttribute(store, tenantId, id)
  throw new ScimError('unavailable', 'The attributes were changed meanwhile. Try again.')
}

async function gone(store: TenantStore, tenantId: string): Promise<never> {
  await requireTenant(store, tenantId)
  throw beingDeleted(tenantId)
}

async function missing(store: TenantStore, tenantId: string): Promise<Declarations> {
  return { tenant: await requireTenant(store, tenantId), definitions: [] }
}
