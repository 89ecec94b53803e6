import type { JWK } from 'jose'
import { createVerdictCache } from '../auth/verdict-cache.ts'
import type { TenantStore } from '../storage/tenant-port.ts'
import { readSettings } from '../tenants/settings.ts'
import { CREDENTIAL_CACHE_SECONDS } from '../tenants/tenants.ts'
import type { AccessKeys } from './access-keys.ts'
import type { AccessTokenParties } from './access-token.ts'
import type { TenantLookUp } from './client-assertion.ts'
import type { AuthenticatedClient, CredentialLookUp } from './client.ts'
import type { RemoteKeys } from './remote-keys.ts'
import { createSigner } from './signer.ts'
import type { KeySource } from './signing-key.ts'
import { createTokenEndpoint, type TokenEndpoint } from './token-endpoint.ts'

/** What the routes of OAuth serve. */
export interface OAuth {
  readonly token: TokenEndpoint
  /** The public keys of access tokens. */
  readonly keys: () => Promise<readonly JWK[]>
}

export interface OAuthOptions {
  readonly store: TenantStore
  readonly keySource: KeySource
  readonly parties: AccessTokenParties
  readonly accessKeys: AccessKeys
  readonly remoteKeys: RemoteKeys
  readonly now: () => Date
  readonly noteUse: (client: AuthenticatedClient) => void
}

/** The authorization server. What it reads of tenants it believes for as long as an accepted credential. */
export function createOAuth(options: OAuthOptions): OAuth {
  const { store, keySource: source, now } = options
  const token = createTokenEndpoint({
    ...options,
    ...rememberCredentials(store, now),
    signingKey: createSigner({ source, store, now }),
    secondsOf: ({ tenant }) => readSettings(tenant.settings).accessTokenHours * 60 * 60,
  })
  return { token, keys: options.accessKeys.all }
}

/**
 * The reads of credentials, each made once in CREDENTIAL_CACHE_SECONDS, be the answers right or wrong: a flood of wrong
 * secrets for one credential costs one read.
 */
function rememberCredentials(
  store: TenantStore,
  now: () => Date,
): { readonly find: CredentialLookUp; readonly findAll: TenantLookUp } {
  const cache = { now, maxAgeSeconds: CREDENTIAL_CACHE_SECONDS, maxGood: 1000, maxBad: 250 }
  const one = createVerdictCache<Awaited<ReturnType<CredentialLookUp>>>({
    ...cache,
    isGood: ({ credential }) => credential !== undefined,
  })
  const all = createVerdictCache<Awaited<ReturnType<TenantLookUp>>>({
    ...cache,
    isGood: ({ credentials }) => credentials.some(({ kind }) => kind === 'federated'),
  })
  return {
    find: (tenantId, credentialId, deadline) =>
      one(`${tenantId} ${credentialId}`, () =>
        store.findCredential(tenantId, credentialId, deadline),
      ),
    findAll: (tenantId, deadline) => all(tenantId, () => store.findCredentials(tenantId, deadline)),
  }
}
