import type { AuthenticationSchemeName } from '../scim/authentication-scheme.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { CredentialKind, TenantSettings } from '../storage/tenant-port.ts'

/** Whose data a request sees: taken from its credential, never from its path, query or body. */
export interface TenantContext {
  readonly tenantId: string
  /** What the request came with, and of which kind it is, for the log. */
  readonly credentialId: string
  readonly credentialKind?: CredentialKind
  /** How it authenticated; a Secret Token when absent. */
  readonly scheme?: AuthenticationSchemeName
  /** See `Tenant.partitionKey`. */
  readonly partitionKey: string
  /** See `Tenant.signingKey`. */
  readonly signingKey: string
  /** The tenant's own, made once for as long as its credential is remembered. */
  readonly resourceTypes: readonly ResourceType[]
  readonly settings: TenantSettings
  /** Whether it takes tokens of Entra ID. */
  readonly takesEntraTokens?: boolean
}
