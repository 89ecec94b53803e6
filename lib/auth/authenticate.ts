import { createHash } from 'node:crypto'
import { ScimError } from '../scim/errors.ts'
import type { Tenant, TenantStore, Token } from '../storage/tenant-port.ts'
import { secretMatches } from '../tenants/secret-token.ts'
import { CREDENTIAL_CACHE_SECONDS } from '../tenants/tenants.ts'
import { tokenStatus } from '../tenants/tokens.ts'
import { readAuthorization, type PresentedToken } from './authorization-header.ts'
import { invalidToken } from './challenge.ts'
import type { TenantContext } from './tenant-context.ts'
import { createVerdictCache } from './verdict-cache.ts'

const MAX_ACCEPTED = 1000
const MAX_REFUSED = 250
const LAST_USED_RESOLUTION = 60 * 60 * 1000

type Verdict =
  | { readonly authentic: true; readonly tenant: Tenant; readonly token: Token }
  /** `reason` is for the log: all refused tokens are answered alike. */
  | { readonly authentic: false; readonly reason: string }

/**
 * Makes the check of the Authorization header. A credential is looked up in one read and then believed, or refused,
 * for `cacheSeconds`; what is remembered is the SHA-256 of the token, not the token.
 * @throws (the check) ScimError `unauthorized` with a `WWW-Authenticate` header, the same one for an unknown tenant,
 *   an unknown token, a wrong secret and a revoked token; `forbidden` when the tenant is disabled; whatever the store
 *   throws, so that an outage is never taken for a wrong token.
 */
export function createAuthenticator(options: {
  readonly store: TenantStore
  readonly now: () => Date
  readonly cacheSeconds?: number
}): (authorization: string | undefined) => Promise<TenantContext> {
  const { store, now, cacheSeconds = CREDENTIAL_CACHE_SECONDS } = options
  const verdictOf = createVerdictCache<Verdict>({
    now,
    maxAgeSeconds: cacheSeconds,
    isGood: (verdict) => verdict.authentic,
    maxGood: MAX_ACCEPTED,
    maxBad: MAX_REFUSED,
  })

  return async (authorization) => {
    const presented = readAuthorization(authorization)
    const key = createHash('sha256').update(presented.text).digest('hex')
    const verdict = await verdictOf(key, () => lookUp(store, presented, now()))
    return admit(verdict, presented, now())
  }
}

async function lookUp(store: TenantStore, presented: PresentedToken, now: Date): Promise<Verdict> {
  const { tenant, token } = await store.findCredential(presented.tenantId, presented.tokenId)
  const matches = secretMatches(presented.secret, token?.secretHash)
  if (tenant === undefined) return { authentic: false, reason: 'unknown tenant' }
  if (token === undefined) return { authentic: false, reason: 'unknown token' }
  if (!matches) return { authentic: false, reason: 'wrong secret' }
  if (tokenStatus(token, now) === 'revoked') return { authentic: false, reason: 'revoked' }
  if (tenant.status === 'enabled') noteUse(store, tenant, token, now)
  return { authentic: true, tenant, token }
}

function admit(verdict: Verdict, presented: PresentedToken, now: Date): TenantContext {
  if (!verdict.authentic) {
    const id = `${presented.tenantId}/${presented.tokenId}`
    throw invalidToken(
      'The Secret Token is not valid; it may have been revoked.',
      `${verdict.reason}: ${id}`,
    )
  }
  const { tenant, token } = verdict
  if (tokenStatus(token, now) !== 'active') {
    throw invalidToken(`The Secret Token expired at ${String(token.expires)}; ask for a new one.`)
  }
  if (tenant.status !== 'enabled') throw new ScimError('forbidden', 'The tenant is disabled.')
  return { tenantId: tenant.id, tokenId: token.id, signingKey: tenant.signingKey }
}

/**
 * Writes `lastUsed` when it is an hour old: after a read only, so that all instances together keep to the hour. The
 * request neither waits for it nor fails with it; the next read tries again.
 */
function noteUse(store: TenantStore, tenant: Tenant, token: Token, now: Date): void {
  if (tokenStatus(token, now) !== 'active') return
  const age = now.getTime() - Date.parse(token.lastUsed ?? '')
  if (age < LAST_USED_RESOLUTION) return
  store.touchToken(tenant.id, token.id, now.toISOString()).catch(() => undefined)
}
