import type { Deadline } from '../storage/deadline.ts'
import type { TenantStore } from '../storage/tenant-port.ts'
import { credentialStatus } from '../tenants/credentials.ts'
import {
  parseSecretToken,
  SECRET_TOKEN_MAX_LENGTH,
  secretMatches,
  type SecretTokenParts,
} from '../tenants/secret-token.ts'
import { invalidToken } from './challenge.ts'
import type { CredentialKind, Verdict } from './credential-kind.ts'
import { noteUse } from './note-use.ts'

/** A Secret Token (lib/tenants/secret-token.ts). */
export const SECRET_TOKEN: CredentialKind = {
  recognises: (token) => token.startsWith('scim_'),
  read(token) {
    const parts = parseSecretToken(token)
    if (parts === 'malformed') {
      throw invalidToken(
        token.length > SECRET_TOKEN_MAX_LENGTH
          ? 'The Secret Token is too long; copy it alone.'
          : 'The Secret Token is mistyped or cut off.',
        'malformed',
      )
    }
    if (parts === 'mistyped') {
      throw invalidToken('The Secret Token is mistyped or cut off.', 'mistyped')
    }
    const { tenantId, tokenId } = parts
    return {
      tenantId,
      credentialId: tokenId,
      lookUp: async (store, now, deadline) => lookUpToken(store, parts, now, deadline),
    }
  },
}

async function lookUpToken(
  store: TenantStore,
  { tenantId, tokenId, secret }: SecretTokenParts,
  now: Date,
  deadline: Deadline,
): Promise<Verdict> {
  const { tenant, credential, ...declared } = await store.findCredential(
    tenantId,
    tokenId,
    deadline,
  )
  const token = credential?.kind === 'token' ? credential : undefined
  const matches = secretMatches(secret, token?.secretHash)
  if (tenant === undefined) return { authentic: false, reason: 'unknown tenant' }
  if (token === undefined) return { authentic: false, reason: 'unknown token', tenant }
  if (!matches) return { authentic: false, reason: 'wrong secret', tenant }
  if (credentialStatus(token, now) === 'revoked') {
    return { authentic: false, reason: 'revoked', tenant }
  }
  if (tenant.status === 'enabled') noteUse(store, tenant, token, now)
  return { authentic: true, tenant, expires: token.expires, ...declared }
}
