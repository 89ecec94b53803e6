import type { Deadline } from '../storage/deadline.ts'
import type { Tenant, TenantStore } from '../storage/tenant-port.ts'
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
  readonly tenantId: string
  readonly credentialId: string
  /** One read of the store. Rejects with what the store throws, so that an outage is never taken for a wrong token. */
  readonly lookUp: (store: TenantStore, now: Date, deadline: Deadline) => Promise<Verdict>
}

/** What became of a look-up; it may be remembered for a while. */
export type Verdict =
  | { readonly authentic: true; readonly tenant: Tenant; readonly expires: string | undefined }
  | {
      readonly authentic: false
      readonly reason: RefusalReason
      /** The tenant that the credential names, where there is one: its vendor sees that somebody was refused. */
      readonly tenant?: Tenant
    }
