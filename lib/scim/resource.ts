import type { JsonObject } from './json.ts'

/**
 * A resource as it is kept. `attributes` is in canonical form: names and URNs as the schemas spell them, values of the
 * declared types, no nulls, no empty strings, arrays or objects; extension attributes inside an object under their URN.
 * It holds what clients may write (externalId included) and neither `schemas`, `id` nor `meta`, which are derived.
 * Group members are not in it: they are kept apart.
 */
export interface StoredResource {
  readonly id: string
  /** Opaque; a new one with every change. The ETag is `W/"<version>"`. */
  readonly version: string
  /** ISO 8601, UTC, milliseconds. */
  readonly created: string
  /** ISO 8601, UTC, milliseconds. */
  readonly lastModified: string
  readonly attributes: JsonObject
  /**
   * What is kept beyond the resource type, such as values of attributes that the tenant no longer has: in no answer, found by no
   * filter, and written back with every change.
   */
  readonly hidden?: JsonObject
  /** The id of a hidden account that may have been the same person's: for the application, in no answer by SCIM. */
  readonly possibleReturner?: string
  /** Of an account: for the application, in no answer by SCIM. Absent: it is as it was created, or was active when nobody was invited. */
  readonly invitation?: Invitation
  /** The store's own concurrency token: present on what a store has returned, ignored on what is to be created. */
  readonly revision?: string
  /** The length of the attributes as JSON: present on what a store has returned. */
  readonly characters?: number
  /** The index rows that it was written with, as far as they are not the same for all: the store's own. */
  readonly indexed?: IndexedWith
}

/** The first activation is still ahead; it has come, and an invitation is due since then (ISO 8601); or that was acknowledged. */
export type Invitation = 'ahead' | 'acknowledged' | { readonly since: string }

/** Which index rows a resource has beside those that all have. */
export interface IndexedWith {
  /** Names of indexes of the storage layout that have all its values, of those that were added when there were data. */
  readonly names: readonly string[]
  /** The keys of its rows in other indexes, by their names. */
  readonly declared: Readonly<Record<string, readonly string[]>>
}

/** A member of a group (RFC 7643 §4.2): the id of a user or a group, which may not exist yet. */
export interface Member {
  readonly value: string
  readonly type: 'User' | 'Group'
}

/** When a resource was changed and which version that made. */
export interface ChangeStamp {
  readonly version: string
  readonly lastModified: string
}
