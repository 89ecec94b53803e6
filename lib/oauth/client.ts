import type { Deadline } from '../storage/deadline.ts'
import type { Credential, Tenant } from '../storage/tenant-port.ts'
import { credentialStatus } from '../tenants/credentials.ts'
import { OAuthError } from './oauth-error.ts'

/** Whose request for a token it is, and what proved it. */
export interface AuthenticatedClient {
  readonly tenant: Tenant
  readonly credential: Credential
}

export type CredentialLookUp = (
  tenantId: string,
  credentialId: string,
  deadline: Deadline,
) => Promise<{ readonly tenant?: Tenant; readonly credential?: Credential }>

/**
 * Lets in who has proved to hold a credential, if that is good and the tenant enabled: only such a client is told that it
 * is not.
 * @throws OAuthError
 */
export function admit(tenant: Tenant, credential: Credential, now: Date): AuthenticatedClient {
  const { id, kind } = credential
  const facts = { tenant: tenant.id, credential: id, credentialKind: kind }
  if (credentialStatus(credential, now) === 'expired') {
    const description = `The credential expired at ${credential.expires ?? ''}; ask for a new one.`
    throw new OAuthError('invalid_client', description, { facts: { ...facts, reason: 'expired' } })
  }
  if (tenant.status !== 'enabled') {
    const reason = tenant.status === 'deleting' ? 'tenant being deleted' : 'tenant disabled'
    const description = 'The tenant is disabled.'
    throw new OAuthError('unauthorized_client', description, { facts: { ...facts, reason } })
  }
  return { tenant, credential }
}
