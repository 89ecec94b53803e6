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
import { createTokenEndpoint, type CredentialReads, type TokenEndpoint } from './token-endpoint.ts'

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

/** The authorization server. */
export function createOAuth(options: OAuthOptions): OAuth {
  const { store, keySource: source, accessKeys, now } = options
  const signingKey = createSigner({ source, store, onPublished: accessKeys.forget, now })
  const token = createTokenEndpoint({
    ...options,
    reads: {
      find: (...ids) => store.findCredential(...ids),
      findAll: (...id) => store.findCredentials(...id),
    },
    rememberedReads: rememberCredentials(store, now),
    signingKey,
    secondsOf: ({ tenant }) => readSettings(tenant.settings).accessTokenHours * 60 * 60,
  })
  return {
    token,
    keys: async () => {
      const published = await accessKeys.all()
      if (published.length > 0) return published
      // The first key there is: who asks for it before the first token must not be told that there is none.
      await signingKey()
      return accessKeys.all()
    },
  }
}

/**
 * The reads of credentials, each made once in CREDENTIAL_CACHE_SECONDS, be the answers right or wrong.
 */
function rememberCredentials(store: TenantStore, now: () => Date): CredentialReads {
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
