import type { JsonValue } from '../scim/json.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { MembershipStore, ResourceStore } from '../storage/port.ts'

/** What a verb works with: the tenant comes from the credential and from nowhere else. */
export interface ServiceContext {
  readonly tenantId: string
  /** The Tenant URL, without a slash at its end. */
  readonly baseUrl: string
  readonly store: ResourceStore
  readonly memberships: MembershipStore
  readonly now: () => Date
  readonly newId: (resourceType: ResourceType) => string
  readonly newVersion: () => string
  /** Resolves after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** Authenticates a text for this tenant: base64url, the same on every instance. */
  readonly sign: (text: string) => string
  /** Notes a failure of ours that one part of an answer reports. */
  readonly report: (error: unknown) => void
}

/** A request as the verbs see it, whatever carried it. */
export interface ScimRequest {
  /** The id in the path; empty where the path has none. */
  readonly id: string
  /** Query parameters by lower-case name, decoded once. */
  readonly query: ReadonlyMap<string, string>
  /** The parsed JSON body; undefined when there is none. */
  readonly body: unknown
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
}

/** A list too long to be held in memory: read and written batch by batch. */
export class Streamed {
  readonly batches: AsyncIterable<readonly Answer[]>

  constructor(batches: AsyncIterable<readonly Answer[]>) {
    this.batches = batches
  }
}

/** JSON to answer with, in which a list may be streamed. */
export type Answer = JsonValue | Streamed | readonly Answer[] | { readonly [name: string]: Answer }

/** What a verb answers. */
export interface ScimResult {
  readonly status: number
  /** Absent for an answer without a body. */
  readonly body?: Answer
  /** The resource's URI (RFC 7644 §3.1). */
  readonly location?: string
  /** The resource's ETag (RFC 7644 §3.14). */
  readonly etag?: string
}

/** An operation of a tenant that is about no single resource type. */
export type TenantOperation = (context: ServiceContext, request: ScimRequest) => Promise<ScimResult>

/** A verb: one operation on one resource type. */
export type Verb = (
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
) => Promise<ScimResult>
