import { accessTokenKind } from './auth/access-token.ts'
import type { CredentialKind } from './auth/credential-kind.ts'
import { entraTokenKind } from './auth/entra-token.ts'
import { noteUse } from './auth/note-use.ts'
import { SECRET_TOKEN } from './auth/secret-token.ts'
import type { SigningKeys } from './config.ts'
import { OAUTH_PATH, SCIM_PATH } from './http/routes.ts'
import { createAccessKeys } from './oauth/access-keys.ts'
import type { AccessTokenParties } from './oauth/access-token.ts'
import { createFetchText, type FetchText } from './oauth/fetch-text.ts'
import { fileKeySource } from './oauth/key-file.ts'
import { keyVaultSource } from './oauth/key-vault.ts'
import { createOAuth, type OAuth } from './oauth/oauth.ts'
import { createRemoteKeys } from './oauth/remote-keys.ts'
import type { KeySource } from './oauth/signing-key.ts'
import type { TenantStore } from './storage/tenant-port.ts'

export interface AuthenticationOptions {
  readonly publicBaseUrl?: string | undefined
  /** What access tokens are for where there is none of these: the Tenant URL of the local host. */
  readonly localBaseUrl?: string | undefined
  /** The keys that sign access tokens; OAuth is off when absent. */
  readonly keySource?: KeySource | undefined
  /** Gets the key sets of others. */
  readonly fetchText?: FetchText | undefined
  readonly now: () => Date
}

/** The kinds of credentials that are taken, and, where that is on, what the routes of OAuth serve. */
export function authenticationParts(
  store: TenantStore,
  { publicBaseUrl, localBaseUrl, keySource, fetchText, now }: AuthenticationOptions,
): { readonly kinds: readonly CredentialKind[]; readonly oauth?: OAuth } {
  const ownHost = publicBaseUrl === undefined ? undefined : new URL(publicBaseUrl).hostname
  const remoteKeys = createRemoteKeys({ fetchText: fetchText ?? createFetchText({ ownHost }), now })
  const always = [SECRET_TOKEN, entraTokenKind({ keys: remoteKeys, now })]
  if (keySource === undefined) return { kinds: always }
  const accessKeys = createAccessKeys({ read: () => store.accessKeys(), now })
  const parties = partiesOf(publicBaseUrl ?? localBaseUrl)
  const oauth = createOAuth({
    store,
    keySource,
    parties,
    accessKeys,
    remoteKeys,
    now,
    noteUse: ({ tenant, credential }) => noteUse(store, tenant, credential, now()),
  })
  return { kinds: [...always, accessTokenKind({ keys: accessKeys, parties })], oauth }
}

/** Where the keys are that sign access tokens. */
export function keySourceOf(keys: SigningKeys): KeySource {
  return keys.kind === 'vault' ? keyVaultSource(keys.keyId) : fileKeySource(keys.file)
}

/**
 * Who makes access tokens and what they are for. Without a Tenant URL, which is in emulation only, they are for this
 * machine, by whatever name it is called: what a request says of its host is nothing to check a token by.
 */
function partiesOf(publicBaseUrl = `http://localhost${SCIM_PATH}`): AccessTokenParties {
  return { issuer: new URL(publicBaseUrl).origin + OAUTH_PATH, audience: publicBaseUrl }
}
