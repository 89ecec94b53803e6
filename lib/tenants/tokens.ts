import { ScimError } from '../scim/errors.ts'
import type { Credential, SecretCredential, TenantStore } from '../storage/tenant-port.ts'
import { issueCredential, listCredentials, revokeCredential } from './credentials.ts'

/** What is asked for beside `now`. */
interface TokenOptions {
  readonly label?: string
  readonly expires?: Date
  readonly now: Date
}

/**
 * Issues one more Secret Token for a tenant: `issueCredential` for the kind that every tenant has.
 * @throws ScimError as `issueCredential`.
 */
export async function issueToken(
  store: TenantStore,
  tenantId: string,
  { now, ...options }: TokenOptions,
): Promise<{ readonly token: SecretCredential; readonly secretToken: string }> {
  const issued = await issueCredential(store, tenantId, { kind: 'token', ...options }, now)
  return { token: asToken(issued.credential), secretToken: issued.secret ?? '' }
}

/** All Secret Tokens of a tenant, oldest first, revoked and expired ones too. @throws ScimError `notFound`. */
export async function listTokens(
  store: TenantStore,
  tenantId: string,
): Promise<readonly SecretCredential[]> {
  const credentials = await listCredentials(store, tenantId)
  return credentials.flatMap((each) => (each.kind === 'token' ? each : []))
}

/** Revokes a Secret Token. @throws ScimError `notFound` that says which there are. */
export async function revokeToken(
  store: TenantStore,
  tenantId: string,
  tokenId: string,
  now: Date,
): Promise<SecretCredential> {
  return asToken(await revokeCredential(store, tenantId, tokenId, now, { kind: 'token' }))
}

function asToken(credential: Credential): SecretCredential {
  if (credential.kind === 'token') return credential
  throw new ScimError('internal', 'a credential of another kind')
}
