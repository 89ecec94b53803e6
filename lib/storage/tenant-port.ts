/** A customer of the vendor. */
export interface Tenant {
  /** 1 to 32 characters `a-z 0-9 -`; part of the Secret Token, never reused. */
  readonly id: string
  /** For people: shown by the tools only. */
  readonly name: string
  readonly status: 'enabled' | 'disabled'
  /** ISO 8601, UTC. */
  readonly created: string
  /** 32 random bytes as base64url; what is authenticated for this tenant (cursors) is keyed with it. */
  readonly signingKey: string
}

/** A Secret Token as it is kept: without the secret. */
export interface Token {
  /** 12 characters `a-z 0-9`. */
  readonly id: string
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string
  readonly label: string
  /** ISO 8601, UTC. */
  readonly created: string
  /** ISO 8601, UTC; absent: does not expire. */
  readonly expires?: string
  /** ISO 8601, UTC; written at most once an hour. */
  readonly lastUsed?: string
  /** ISO 8601, UTC; present: no longer valid. */
  readonly revoked?: string
}

/** Keeps tenants and their tokens. */
export interface TenantStore {
  /** Tenant and token in one read; undefined parts do not exist. */
  findCredential(
    tenantId: string,
    tokenId: string,
  ): Promise<{ readonly tenant?: Tenant; readonly token?: Token }>

  get(tenantId: string): Promise<Tenant | undefined>
  /** All tenants, ordered by id. */
  list(): Promise<readonly Tenant[]>
  /** @returns false when the id is taken. */
  create(tenant: Tenant): Promise<boolean>
  /** Overwrites name and status. @returns false when there is no such tenant. */
  update(tenant: Tenant): Promise<boolean>
  /** Removes the tenant and its tokens; the users and groups are the caller's to remove first. */
  delete(tenantId: string): Promise<void>

  /** The tokens of a tenant, oldest first, revoked and expired ones included. */
  tokens(tenantId: string): Promise<readonly Token[]>
  addToken(tenantId: string, token: Token): Promise<void>
  /** @returns false when there is no such token. */
  revokeToken(tenantId: string, tokenId: string, at: string): Promise<boolean>
  /** Notes a use; a token that is gone is no error. */
  touchToken(tenantId: string, tokenId: string, at: string): Promise<void>
}
