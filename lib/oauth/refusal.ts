import type { CredentialKind } from '../storage/tenant-port.ts'

/** What the log says of a refused client; ids only where something vouches for them, never a secret or a claim. */
export interface RefusalFacts {
  readonly reason?: string
  readonly tenant?: string
  readonly credential?: string
  readonly credentialKind?: CredentialKind
}
