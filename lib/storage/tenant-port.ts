import type { JsonValue } from '../scim/json.ts'
import type { Deadline } from './deadline.ts'

/** `deleting`: refused like `disabled`, and never enabled again. */
export type TenantStatus = 'enabled' | 'disabled' | 'deleting'

/** What a tenant has chosen; what is absent is the default. Keys that this version does not know are kept. */
export interface TenantSettings {
  readonly [name: string]: JsonValue
}

/** A customer of the vendor. */
export interface Tenant {
  /** See `isTenantId`; part of every Secret Token of the tenant. */
  readonly id: string
  /** For people: shown by the tools only. */
  readonly name: string
  readonly status: TenantStatus
  /** ISO 8601, UTC. */
  readonly created: string
  /** 32 random bytes as base64url; what is authenticated for this tenant (cursors) is keyed with it. */
  readonly signingKey: string
  /**
   * The PartitionKey of its users and groups: the id, `_` and 16 random characters `a-z 0-9`, so that a later tenant of
   * the same id has another one. Of a tenant that was created before there were random parts: the id.
   */
  readonly partitionKey: string
  readonly settings: TenantSettings
}

/** What may change of a tenant. */
export type TenantChange = Partial<Pick<Tenant, 'name' | 'status' | 'settings'>>

/** A Secret Token as it is kept: without the secret. */
export interface Token {
  /** See `isTokenId`. */
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

/** 1 to 32 characters `a-z 0-9 -`: safe in a storage key, and in a Secret Token, whose parts are joined by `_`. */
export function isTenantId(text: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(text)
}

/** 12 characters `a-z 0-9`. */
export function isTokenId(text: string): boolean {
  return /^[a-z0-9]{12}$/.test(text)
}

/**
 * Keeps tenants and their tokens. An id may be any text: one that is no `isTenantId` or `isTokenId` names nothing.
 * Failures of the service itself are ScimError `unavailable`, or are thrown as they come; no method reports a conflict
 * for a write of its own whose answer was lost.
 */
export interface TenantStore {
  /** Tenant and token in one read; undefined parts do not exist. */
  findCredential(
    tenantId: string,
    tokenId: string,
    deadline?: Deadline,
  ): Promise<{ readonly tenant?: Tenant; readonly token?: Token }>

  get(tenantId: string): Promise<Tenant | undefined>
  /** All tenants, ordered by id. */
  list(): Promise<readonly Tenant[]>
  /** @returns false when the id is taken. */
  create(tenant: Tenant): Promise<boolean>
  /**
   * Changes a tenant as it is at that moment: when somebody else changes it in between, `change` is asked again. What it
   * throws is thrown, and nothing is written.
   * @returns the tenant afterwards, or undefined when there is none.
   */
  update(tenantId: string, change: (tenant: Tenant) => TenantChange): Promise<Tenant | undefined>
  /**
   * Removes this tenant and its tokens, so that it can be repeated; one that is gone is no error, and a later one of the
   * same id stays as it is. The users and groups are the caller's to remove first.
   */
  delete(tenant: Pick<Tenant, 'id' | 'signingKey'>): Promise<void>

  /** The tokens of a tenant, oldest first, revoked and expired ones included. */
  tokens(tenantId: string): Promise<readonly Token[]>
  /** @returns false when there is no such tenant, or it is being deleted. */
  addToken(tenantId: string, token: Token): Promise<boolean>
  /** Sets `revoked`. @returns false when there is no such token. */
  revokeToken(tenantId: string, tokenId: string, at: string): Promise<boolean>
  /** Notes a use; a token that is gone is no error. */
  touchToken(tenantId: string, tokenId: string, at: string): Promise<void>
}

/**
 * Removes every user, group and membership of a partition and tells how many rows that were. May be stopped and repeated.
 * The tenant must be refused, and have been long enough for every instance to know.
 */
export type EraseResources = (partitionKey: string) => Promise<number>

/** A partition of users and groups that no tenant owned when it was looked for. */
export interface Orphan {
  readonly partitionKey: string
  /** ISO 8601, UTC: when it was first found so. */
  readonly found: string
}

/** The partitions of users and groups whose tenant is not asked: for the operator, who looks for what a deletion left. */
export interface PartitionStore {
  /** The PartitionKeys that have rows, ordered. */
  list(): Promise<readonly string[]>
  /** How many rows a partition has. */
  count(partitionKey: string): Promise<number>
  /** The findings that are noted. */
  notes(): Promise<readonly Orphan[]>
  /** Notes a finding; an earlier one of the same partition stays. */
  note(orphan: Orphan): Promise<void>
  /** Removes the note of a partition; one that is gone is no error. */
  forget(partitionKey: string): Promise<void>
}

/** The order of `TenantStore.tokens`. */
export function oldestFirst(tokens: readonly Token[]): readonly Token[] {
  const age = (token: Token): string => `${token.created} ${token.id}`
  return tokens.toSorted((one, other) => (age(one) < age(other) ? -1 : 1))
}
