/** Whose data a request sees: taken from its credential, never from its path, query or body. */
export interface TenantContext {
  readonly tenantId: string
  /** The token the request came with, for logs. */
  readonly tokenId: string
  /** See `Tenant.signingKey`. */
  readonly signingKey: string
}
