import { ScimError } from '../scim/errors.ts'
import type { TenantStore, Token } from '../storage/tenant-port.ts'
import { printableText, noSuch } from './naming.ts'
import { randomText } from './random-text.ts'
import { formatSecretToken, hashSecret, newSecret } from './secret-token.ts'
import { beingDeleted, requireTenant } from './tenants.ts'

const LABEL_MAX_LENGTH = 100
const ID_LENGTH = 12

export type TokenStatus = 'active' | 'expired' | 'revoked'

/** Whether the token opens anything at that moment; an expiry that cannot be read counts as passed. */
export function tokenStatus(token: Token, now: Date): TokenStatus {
  if (token.revoked !== undefined) return 'revoked'
  if (token.expires === undefined) return 'active'
  return now.getTime() < Date.parse(token.expires) ? 'active' : 'expired'
}

/**
 * Issues one more token for a tenant, beside those it has: rotation is issue, paste, revoke. `secretToken` exists in
 * this answer only, what is kept is its hash.
 * @throws ScimError `notFound` for the tenant; `mutability` when it is being deleted; `invalidValue` for a label that
 *   cannot be shown or an `expires` that is not in the future.
 */
export async function issueToken(
  store: TenantStore,
  tenantId: string,
  options: { readonly label?: string; readonly expires?: Date; readonly now: Date },
): Promise<{ readonly token: Token; readonly secretToken: string }> {
  const { label = '', expires, now } = options
  if (expires !== undefined && !(expires.getTime() > now.getTime())) {
    throw new ScimError('invalidValue', 'the expiry of a token must be a date in the future')
  }
  const secret = newSecret()
  const token: Token = {
    id: randomText(ID_LENGTH),
    secretHash: hashSecret(secret),
    label: printableText('label of the token', label, LABEL_MAX_LENGTH),
    created: now.toISOString(),
    ...(expires === undefined ? {} : { expires: expires.toISOString() }),
  }
  const { status } = await requireTenant(store, tenantId)
  if (status === 'deleting') throw beingDeleted(tenantId)
  if (!(await store.addToken(tenantId, token))) {
    throw new ScimError('notFound', `tenant ${tenantId} was deleted meanwhile, or is about to be`)
  }
  return { token, secretToken: formatSecretToken({ tenantId, tokenId: token.id, secret }) }
}

/** All tokens of a tenant, oldest first, revoked and expired ones too. @throws ScimError `notFound`. */
export async function listTokens(store: TenantStore, tenantId: string): Promise<readonly Token[]> {
  await requireTenant(store, tenantId)
  return store.tokens(tenantId)
}

/**
 * Revokes a token; no instance accepts it after CREDENTIAL_CACHE_SECONDS. One that is revoked stays as it is.
 * @throws ScimError `notFound` that says which tokens there are.
 */
export async function revokeToken(
  store: TenantStore,
  tenantId: string,
  tokenId: string,
  now: Date,
): Promise<Token> {
  const tokens = await listTokens(store, tenantId)
  const token = tokens.find((one) => one.id === tokenId)
  if (token?.revoked !== undefined) return token
  const revoked = now.toISOString()
  if (token === undefined || !(await store.revokeToken(tenantId, tokenId, revoked))) {
    const ids = tokens.map((one) => (one.label === '' ? one.id : `${one.id} (${one.label})`))
    throw new ScimError('notFound', noSuch(`tenant ${tenantId} has no token`, tokenId, ids))
  }
  return { ...token, revoked }
}
