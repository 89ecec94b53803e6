import type { AuthenticationSchemeName } from '../scim/authentication-scheme.ts'
import type { Deadline } from '../storage/deadline.ts'
import type {
  CredentialKind as StoredKind,
  DeclaredAttribute,
  Tenant,
  TenantStore,
} from '../storage/tenant-port.ts'
import type { RefusalReason } from './refused-credential.ts'

/** One kind of bearer credential, told from the others by its form. */
export interface CredentialKind {
  /** Whether a token has the form of this kind, be it right or not. */
  readonly recognises: (token: string) => boolean
  /** @throws RefusedCredential when the form alone tells that it is not right. */
  readonly read: (token: string) => PresentedCredential
}

/** A credential of the right form; whether it is one that was issued has to be looked up. */
export interface PresentedCredential {
  /** Absent when nothing vouches for the ids that it has before it is looked up. */
  readonly tenantId?: string
  readonly credentialId?: string
  /** What it is called in answers: a Secret Token when absent. */
  readonly called?: string
  /** As discovery has it: a Secret Token when absent. */
  readonly scheme?: AuthenticationSchemeName
  /** One read of the store. Rejects with what the store throws, so that an outage is never taken for a wrong token. */
  readonly lookUp: (store: TenantStore, now: Date, deadline: Deadline) => Promise<Verdict>
}

/** What became of a look-up; it may be remembered for a while. Ids that the form did not tell are found with it. */
export type Verdict =
  | {
      readonly authentic: true
      readonly tenant: Tenant
      readonly expires: string | undefined
      /** What the tenant has declared; absent: nothing. */
      readonly definitions?: readonly DeclaredAttribute[]
      readonly credentialId?: string
      /** Where the scheme does not tell it. */
      readonly credentialKind?: StoredKind
    }
  | {
      readonly authentic: false
      readonly reason: RefusalReason
      /** The tenant that the credential names, where there is one: its vendor sees that somebody was refused. */
      readonly tenant?: Tenant
      readonly tenantId?: string
      readonly credentialId?: string
      readonly credentialKind?: StoredKind
      /** What its bearer may be told, printable ASCII without `"` and `\`; what all are told when absent. */
      readonly detail?: string
    }
