import type { Deadline } from '../storage/deadline.ts'
import { parseClientSecret, secretMatches } from '../tenants/secret-token.ts'
import { tenantOfClientId } from '../tenants/credentials.ts'
import { admit, type AuthenticatedClient, type CredentialLookUp } from './client.ts'
import { OAuthError } from './oauth-error.ts'
import type { RefusalFacts } from './refusal.ts'

/**
 * The client that has a client secret.
 * @throws OAuthError `invalid_client`: the same for an unknown client, an unknown, a wrong and a revoked secret.
 */
export async function authenticateBySecret(
  find: CredentialLookUp,
  { clientId, secret }: { readonly clientId: string; readonly secret: string },
  now: Date,
  deadline: Deadline,
): Promise<AuthenticatedClient> {
  const parts = parseClientSecret(secret)
  if (parts === 'malformed') {
    throw refused(
      secret.startsWith('scim_')
        ? 'This is a Secret Token; a client_secret begins with scims_.'
        : 'The client_secret is not one of this service: it begins with scims_.',
      { reason: 'malformed' },
    )
  }
  if (parts === 'mistyped') {
    throw refused('The client_secret is mistyped or cut off.', { reason: 'mistyped' })
  }
  const { tenantId, tokenId: credentialId } = parts
  if (tenantOfClientId(clientId) !== tenantId) {
    throw refused('The client_secret is not one of this client_id.', { reason: 'other client' })
  }
  const { tenant, credential } = await find(tenantId, credentialId, deadline)
  const isSecret = credential?.kind === 'clientSecret'
  const matches = secretMatches(parts.secret, isSecret ? credential.secretHash : undefined)
  const facts = { tenant: tenantId, credential: credentialId }
  if (tenant === undefined) throw notValid({ ...facts, reason: 'unknown tenant' })
  if (!isSecret) throw notValid({ ...facts, reason: 'unknown token' })
  if (!matches) throw notValid({ ...facts, reason: 'wrong secret' })
  if (credential.revoked !== undefined) throw notValid({ ...facts, reason: 'revoked' })
  return admit(tenant, credential, now)
}

function notValid(facts: RefusalFacts): OAuthError {
  return refused('The client_secret is not valid; it may have been revoked.', facts)
}

function refused(description: string, facts: RefusalFacts): OAuthError {
  return new OAuthError('invalid_client', description, {
    facts: { ...facts, credentialKind: 'clientSecret' },
  })
}
