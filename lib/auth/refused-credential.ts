import { ScimError } from '../scim/errors.ts'
import type { CredentialKind, Tenant } from '../storage/tenant-port.ts'

/** Why a request was not let in, for the log: all credentials that are not right are answered alike. */
export type RefusalReason =
  | 'no credential'
  | 'not Bearer'
  | 'malformed'
  | 'mistyped'
  | 'unknown tenant'
  | 'unknown token'
  | 'wrong secret'
  | 'wrong signature'
  | 'wrong claim'
  | 'unknown key'
  | 'unknown issuer'
  | 'revoked'
  | 'expired'
  | 'tenant disabled'
  | 'tenant being deleted'

/** Of a JWT, by what is wrong with it. */
export const JWT_REASONS = {
  signature: 'wrong signature',
  'unknown key': 'unknown key',
  claim: 'wrong claim',
  expired: 'expired',
} as const satisfies Readonly<Record<string, RefusalReason>>

/** What the log says of a refused credential; ids only where the credential's check digits are right, never a secret. */
export interface RefusalFacts {
  readonly reason: RefusalReason
  readonly tenant?: string
  readonly credential?: string
  readonly credentialKind?: CredentialKind
}

/** A 401 or 403 for the credential of a request. */
export class RefusedCredential extends ScimError {
  readonly facts: RefusalFacts
  /** The tenant that the credential names, as far as there is one: its activity may tell of it. */
  readonly tenant: Pick<Tenant, 'id' | 'partitionKey' | 'settings'> | undefined

  constructor(
    kind: 'unauthorized' | 'forbidden',
    detail: string,
    facts: RefusalFacts,
    {
      headers = {},
      tenant,
    }: { readonly headers?: Readonly<Record<string, string>>; readonly tenant?: Tenant } = {},
  ) {
    super(kind, detail, { headers })
    this.facts = facts
    this.tenant = tenant && {
      id: tenant.id,
      partitionKey: tenant.partitionKey,
      settings: tenant.settings,
    }
  }
}
