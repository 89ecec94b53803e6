import type { Deadline } from '../storage/deadline.ts'
import type { CredentialKind } from '../storage/tenant-port.ts'
import { makeAccessToken, SCOPE, type AccessTokenParties } from './access-token.ts'
import { authenticateByAssertion, type TenantLookUp } from './client-assertion.ts'
import { tenantOfClientId } from '../tenants/credentials.ts'
import { authenticateBySecret } from './client-secret.ts'
import type { AuthenticatedClient, CredentialLookUp } from './client.ts'
import { countFailedTries } from './failed-tries.ts'
import { OAuthError } from './oauth-error.ts'
import type { RemoteKeys } from './remote-keys.ts'
import type { SigningKey } from './signing-key.ts'
import {
  readTokenRequest,
  type ClientAuthentication,
  type IncomingTokenRequest,
} from './token-request.ts'

/** A token response (RFC 6749 §5.1), with whose it is for the log. */
export interface IssuedToken {
  readonly body: {
    readonly access_token: string
    readonly token_type: 'Bearer'
    readonly expires_in: number
    readonly scope: string
  }
  readonly tenantId: string
  readonly credentialId: string
  readonly credentialKind: CredentialKind
}

/** What is read of tenants. */
export interface CredentialReads {
  readonly find: CredentialLookUp
  readonly findAll: TenantLookUp
}

export interface TokenEndpointOptions {
  readonly parties: AccessTokenParties
  readonly reads: CredentialReads
  /** The same, remembered for a while: for a client that has failed too often, so that it costs no more reads. */
  readonly rememberedReads: CredentialReads
  readonly remoteKeys: RemoteKeys
  readonly signingKey: () => Promise<SigningKey>
  readonly now: () => Date
  /** How long its tenant's tokens live. */
  readonly secondsOf: (client: AuthenticatedClient) => number
  /** Told of each token. */
  readonly noteUse: (client: AuthenticatedClient) => void
}

/** Answers a token request. @throws OAuthError; whatever the store, the vault or the key file throws. */
export type TokenEndpoint = (
  incoming: IncomingTokenRequest,
  deadline: Deadline,
) => Promise<IssuedToken>

/** The token endpoint: the grant is client_credentials, whatever `scope` is asked for (Entra ID sends `scim`). */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { parties, remoteKeys, signingKey, now, secondsOf, noteUse } = options
  const tries = countFailedTries(now)

  async function authenticate(
    client: ClientAuthentication,
    deadline: Deadline,
  ): Promise<AuthenticatedClient> {
    const isFlooding = tries.wait(counted(client)) > 0
    const { find, findAll } = isFlooding ? options.rememberedReads : options.reads
    return 'secret' in client
      ? authenticateBySecret(find, client, now(), deadline)
      : authenticateByAssertion({ find: findAll, keys: remoteKeys }, client, now(), deadline)
  }

  return async (incoming, deadline) => {
    const client = readTokenRequest(incoming)
    const authenticated = await authenticate(client, deadline).catch((error: unknown) => {
      throw error instanceof OAuthError ? limited(error, client) : error
    })
    const { tenant, credential } = authenticated
    const seconds = secondsOf(authenticated)
    const grant = { tenantId: tenant.id, credentialId: credential.id }
    const key = await signingKey()
    const token = await makeAccessToken(key, parties, grant, { now: now(), seconds })
    noteUse(authenticated)
    return {
      body: { access_token: token, token_type: 'Bearer', expires_in: seconds, scope: SCOPE },
      ...grant,
      credentialKind: credential.kind,
    }
  }

  /** The try was looked at all the same: among many wrong ones of others the right one is answered. */
  function limited(error: OAuthError, client: ClientAuthentication): OAuthError {
    if (error.code !== 'invalid_client') return error
    const wait = tries.wait(counted(client))
    tries.note(counted(client))
    if (wait === 0) return error
    return new OAuthError('invalid_client', 'Too many failed tries of this client_id.', {
      status: 429,
      headers: { 'retry-after': String(wait) },
      facts: error.facts,
    })
  }
}

/** What cannot be a client of ours is counted together. */
function counted({ clientId }: ClientAuthentication): string {
  return tenantOfClientId(clientId) ?? ''
}
