import { ScimError } from '../scim/errors.ts'
import {
  FIRST_VERSION,
  type ChangeOptions,
  type Credential,
  type CredentialKind,
  type NewCredential,
  type Rotation,
  type Tenant,
  type TenantIdentity,
  type TenantStore,
} from '../storage/tenant-port.ts'
import { dateTimeText, LAST_EXPIRY, noSuch, printableText } from './naming.ts'
import {
  type CredentialSpec,
  type IssueOptions,
  LABEL_MAX_LENGTH,
  NAMES,
  newCredential,
} from './new-credential.ts'
import { beingDeleted, requireTenant } from './tenants.ts'

const HOUR = 60 * 60 * 1000

/** Hours for which a rotated credential goes on when nothing else is said, and at most. */
export const OVERLAP_HOURS = { usual: 24, most: 720 } as const

export type CredentialStatus = 'active' | 'expired' | 'revoked'

/** Whether the credential opens anything at that moment; an expiry that cannot be read counts as passed. */
export function credentialStatus(
  { revoked, expires }: Pick<Credential, 'revoked' | 'expires'>,
  now: Date,
): CredentialStatus {
  if (revoked !== undefined) return 'revoked'
  if (expires === undefined) return 'active'
  return now.getTime() < Date.parse(expires) ? 'active' : 'expired'
}

/** A credential that was just made; `secret` exists in this answer only. */
export interface Issued {
  readonly credential: Credential
  readonly secret?: string
}

/**
 * Issues one more credential for a tenant, beside those it has. Of a secret only the hash is kept.
 * @throws ScimError `notFound` for the tenant; `mutability` when it is being deleted, or OAuth is off and the credential
 *   is for that; `invalidValue` for a value that cannot be; `uniqueness` when the Entra tenant id is another tenant's.
 */
export async function issueCredential(
  store: TenantStore,
  tenantId: string,
  spec: CredentialSpec,
  now: Date,
  options: IssueOptions = {},
): Promise<Issued> {
  const { credential, secret } = newCredential(tenantId, spec, now, options)
  await keepCredential(store, tenantId, credential, now)
  const issued = { ...credential, version: FIRST_VERSION }
  return { credential: issued, ...(secret === undefined ? {} : { secret }) }
}

/**
 * Keeps a credential, of whose secret only the hash is known.
 * @throws ScimError `notFound` for the tenant; `mutability` when it is being deleted; `uniqueness` when the Entra tenant id is
 *   another tenant's.
 */
export async function keepCredential(
  store: TenantStore,
  tenantId: string,
  credential: NewCredential,
  now: Date,
): Promise<void> {
  const tenant = await requireTenant(store, tenantId)
  if (tenant.status === 'deleting') throw beingDeleted(tenantId)
  if (credential.kind === 'entra') await addEntra(store, tenant, credential, now)
  else await add(store, tenantId, credential)
  await noteNextExpiry(store, tenant, now)
}

async function add(store: TenantStore, tenantId: string, credential: NewCredential): Promise<void> {
  if (await store.addCredential(tenantId, credential)) return
  throw new ScimError('notFound', `tenant ${tenantId} was deleted meanwhile, or is about to be`)
}

/**
 * The claim comes first: a credential without one would open nothing, and two tenants could have it. Afterwards it is
 * claimed once more, as the revocation of another credential may have given it up in between.
 */
async function addEntra(
  store: TenantStore,
  { id, partitionKey }: Tenant,
  credential: NewCredential & { readonly entraTenantId: string },
  now: Date,
): Promise<void> {
  const { entraTenantId } = credential
  const claim = async (): Promise<void> => {
    if (await store.claimIssuer(entraTenantId, partitionKey)) return
    throw new ScimError('uniqueness', 'that Entra tenant id belongs to another tenant already')
  }
  await claim()
  try {
    await add(store, id, credential)
  } catch (error) {
    if (error instanceof ScimError && error.kind === 'notFound') {
      await store.releaseIssuer(entraTenantId, partitionKey)
    }
    throw error
  }
  try {
    await claim()
  } catch (error) {
    await store.updateCredential(id, credential.id, () => ({ revoked: now.toISOString() }))
    throw error
  }
  await noteEntraTokens(store, id)
}

/** All credentials of a tenant, oldest first, revoked and expired ones too. @throws ScimError `notFound`. */
export async function listCredentials(
  store: TenantStore,
  tenantId: string,
): Promise<readonly Credential[]> {
  const { tenant, credentials } = await store.findCredentials(tenantId)
  if (tenant === undefined) await requireTenant(store, tenantId)
  return credentials
}

/** A credential. @throws ScimError `notFound` that says which there are, of `kind` where one is given. */
export async function requireCredential(
  store: TenantStore,
  tenantId: string,
  credentialId: string,
  kind?: CredentialKind,
): Promise<Credential> {
  const all = await listCredentials(store, tenantId)
  const credentials = all.filter((each) => kind === undefined || each.kind === kind)
  const found = credentials.find(({ id }) => id === credentialId)
  if (found !== undefined) return found
  const ids = credentials.map(({ id, label }) => (label === '' ? id : `${id} (${label})`))
  const what = kind === undefined ? 'credential' : NAMES[kind]
  throw new ScimError('notFound', noSuch(`tenant ${tenantId} has no ${what}`, credentialId, ids))
}

/** What may be changed of a credential; `null` takes the expiry away. */
export interface CredentialPatch {
  readonly label?: string
  readonly expires?: Date | null
}

/**
 * Changes label or expiry; an expiry that has passed ends the credential.
 * @throws ScimError `notFound`, `invalidValue`, `preconditionFailed`; `mutability` when the tenant is being deleted.
 */
export async function changeCredential(
  store: TenantStore,
  tenantId: string,
  credentialId: string,
  { label, expires }: CredentialPatch,
  { ifMatch, now = new Date() }: ChangeOptions & { readonly now?: Date } = {},
): Promise<Credential> {
  const { kind } = await requireCredential(store, tenantId, credentialId)
  const what = NAMES[kind]
  const change = {
    ...(label === undefined
      ? {}
      : { label: printableText(`label of the ${what}`, label, LABEL_MAX_LENGTH) }),
    ...(expires === undefined
      ? {}
      : { expires: expires === null ? null : dateTimeText(`expiry of the ${what}`, expires) }),
  }
  const tenant = await requireTenant(store, tenantId)
  if (tenant.status === 'deleting') throw beingDeleted(tenantId)
  const changed = await store.updateCredential(
    tenantId,
    credentialId,
    (before) => ({ ...change, ...rotationAfter(before, change.expires) }),
    { ifMatch },
  )
  if (changed === undefined) return requireCredential(store, tenantId, credentialId)
  await noteNextExpiry(store, tenant, now)
  return changed
}

/**
 * Revokes a credential; no instance accepts it after CREDENTIAL_CACHE_SECONDS. One that is revoked stays as it is.
 * @throws ScimError `notFound` that says which there are; `preconditionFailed`.
 */
export async function revokeCredential(
  store: TenantStore,
  tenantId: string,
  credentialId: string,
  now: Date,
  { ifMatch, kind }: ChangeOptions & { readonly kind?: CredentialKind } = {},
): Promise<Credential> {
  await requireCredential(store, tenantId, credentialId, kind)
  const revoked = now.toISOString()
  const changed = await store.updateCredential(
    tenantId,
    credentialId,
    (before) => (before.revoked === undefined ? { revoked } : {}),
    { ifMatch },
  )
  if (changed === undefined) return requireCredential(store, tenantId, credentialId, kind)
  const tenant = await store.get(tenantId)
  if (tenant === undefined) return changed
  // Also of one that was revoked before: that may have been interrupted here.
  if (changed.kind === 'entra') {
    await releaseUnused(store, tenant, changed.entraTenantId)
    await noteEntraTokens(store, tenantId)
  }
  await noteNextExpiry(store, tenant, now)
  return changed
}

/** Gives a claim up that no credential needs; looks again, as one may have been issued in between. */
async function releaseUnused(
  store: TenantStore,
  { id, partitionKey }: Tenant,
  entraTenantId: string,
): Promise<void> {
  const isNeeded = async (): Promise<boolean> =>
    (await store.credentials(id)).some(
      (each) =>
        each.kind === 'entra' && each.entraTenantId === entraTenantId && each.revoked === undefined,
    )
  if (await isNeeded()) return
  await store.releaseIssuer(entraTenantId, partitionKey)
  if (await isNeeded()) await store.claimIssuer(entraTenantId, partitionKey)
}

/** For discovery only, which must cost no read: what fails here is mended by the next change of such a credential. */
async function noteEntraTokens(store: TenantStore, id: string): Promise<void> {
  try {
    const all = await store.credentials(id)
    const takesEntraTokens = all.some(
      ({ kind, revoked }) => kind === 'entra' && revoked === undefined,
    )
    await store.update(id, () => ({ takesEntraTokens }))
  } catch {
    // See above.
  }
}

/** How to rotate. */
export interface RotationOptions extends ChangeOptions, IssueOptions {
  /** For how long both are good. */
  readonly overlapHours?: number
}

/** A rotation: the new credential, its secret, and the one that it replaces. */
export interface Rotated {
  readonly credential: Credential
  readonly secret: string
  readonly previous: Credential
}

/**
 * Issues another secret of the same kind, label and lifetime, and then lets the old one expire after the overlap, never
 * later than it would have. When it is interrupted in between, both are good, and it can be repeated.
 * @throws ScimError `notFound`, `invalidValue`, `preconditionFailed`; `mutability` for what has no secret, is revoked, is
 *   of a tenant that is being deleted, or for OAuth while that is off.
 */
export async function rotateCredential(
  store: TenantStore,
  tenantId: string,
  credentialId: string,
  { overlapHours = OVERLAP_HOURS.usual, ifMatch, ...options }: RotationOptions,
  now: Date,
): Promise<Rotated> {
  checkOverlap(overlapHours)
  const before = await requireCredential(store, tenantId, credentialId)
  const { kind, label } = before
  if (kind !== 'token' && kind !== 'clientSecret') {
    throw new ScimError('mutability', `a ${NAMES[kind]} has no secret to rotate; issue another one`)
  }
  if (before.revoked !== undefined) {
    throw new ScimError('mutability', `that ${NAMES[kind]} is revoked; issue another one`)
  }
  // What would be refused must leave nothing behind.
  newCredential(tenantId, { kind, label }, now, options)
  const { status } = await requireTenant(store, tenantId)
  if (status === 'deleting') throw beingDeleted(tenantId)
  // It makes another version, so that of several with the same If-Match one goes on.
  const rotated = { times: (before.rotated?.times ?? 0) + 1, lifetime: successorLifetime(before) }
  await store.updateCredential(tenantId, credentialId, () => ({ rotated }), { ifMatch })
  const spec = { kind, label, expires: successorExpiry(rotated, now) }
  const { credential, secret = '' } = await issueCredential(store, tenantId, spec, now, options)
  const end = new Date(now.getTime() + overlapHours * HOUR).toISOString()
  const previous = await store.updateCredential(tenantId, credentialId, ({ expires }) =>
    expires !== undefined && expires < end ? {} : { expires: end },
  )
  const tenant = await store.get(tenantId)
  if (tenant !== undefined) await noteNextExpiry(store, tenant, now)
  return { credential, secret, previous: previous ?? before }
}

function checkOverlap(hours: number): void {
  if (Number.isInteger(hours) && hours >= 0 && hours <= OVERLAP_HOURS.most) return
  throw new ScimError(
    'invalidValue',
    `the overlap must be a whole number of hours from 0 to ${String(OVERLAP_HOURS.most)}`,
  )
}

/** An expiry that is set by hand is that of its successors, too. */
function rotationAfter(
  { rotated, created }: Credential,
  expires: string | null | undefined,
): { readonly rotated?: Rotation } {
  if (rotated === undefined || expires === undefined) return {}
  const lifetime = expires === null ? null : lifetimeOf(created, expires)
  return { rotated: { ...rotated, lifetime } }
}

function lifetimeOf(created: string, expires: string): number {
  return Math.max(Date.parse(expires) - Date.parse(created), HOUR)
}

/** What it was at the first rotation, which has given it another expiry since. */
function successorLifetime({ rotated, created, expires }: Credential): number | null {
  if (rotated !== undefined) return rotated.lifetime
  if (expires === undefined) return null
  return lifetimeOf(created, expires)
}

function successorExpiry({ lifetime }: Rotation, now: Date): Date | null {
  if (lifetime === null) return null
  return new Date(Math.min(now.getTime() + lifetime, LAST_EXPIRY.getTime()))
}

/** The earliest expiry of those that are active. */
export function nextExpiryOf(credentials: readonly Credential[], now: Date): string | undefined {
  return credentials
    .filter((each) => credentialStatus(each, now) === 'active')
    .flatMap(({ expires }) => expires ?? [])
    .toSorted()[0]
}

/** For the list of tenants only: what fails here must not hide a secret that was just made; the maintenance repairs it. */
async function noteNextExpiry(
  store: TenantStore,
  tenant: TenantIdentity,
  now: Date,
): Promise<void> {
  try {
    const nextExpiry = nextExpiryOf(await store.credentials(tenant.id), now) ?? null
    await store.repairSummary(tenant, { nextExpiry })
  } catch {
    // See above.
  }
}

const CLIENT_ID = /^scim_([a-z0-9-]{1,32})$/

/** The `client_id` of a tenant (RFC 6749 §2.2); it stays the same through all rotations. */
export function clientIdOf(tenantId: string): string {
  return `scim_${tenantId}`
}

/** The tenant of a `client_id`; undefined for what is none of ours. */
export function tenantOfClientId(clientId: string): string | undefined {
  return CLIENT_ID.exec(clientId)?.[1]
}
