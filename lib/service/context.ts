import type { OfferedAuthentication } from '../scim/authentication-scheme.ts'
import type { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { Deadline } from '../storage/deadline.ts'
import type { Author, MembershipStore, ResourceStore, Scope } from '../storage/port.ts'
import type { TenantSettings } from '../storage/tenant-port.ts'
import type { Answer } from './answer.ts'
import type { Turns } from './turns.ts'

/** What a tenant has chosen for its people. */
export interface Policies {
  /** Whole domains that userName and the work e-mail must have; none: any. */
  readonly allowedEmailDomains: readonly string[]
  /** Of an account that is deleted: `deactivate` keeps it out of sight, for when the person comes again. */
  readonly deletionPolicy: 'delete' | 'deactivate'
  /** Whether who is first active is listed for the application to invite. */
  readonly invitations: boolean
}

/** What a verb works with: the tenant comes from the credential and from nowhere else. */
export interface ServiceContext {
  /** Whose data, and until when: the deadline of this request, or of this operation of a bulk. */
  readonly scope: Scope
  /** The tenant's, in the order in which `/ResourceTypes` lists them. */
  readonly resourceTypes: readonly ResourceType[]
  readonly settings: TenantSettings
  /** What is asked of people, and what becomes of them: from the settings. */
  readonly policies: Policies
  /** The Tenant URL, without a slash at its end. */
  readonly baseUrl: string
  /** The id of this request, for the journal and the log. */
  readonly requestId: string
  /** Whose request it is, for the journal. */
  readonly author: Author
  /** Whether the journal may have the names by which people and groups are recognised. */
  readonly namesInActivity: boolean
  readonly store: ResourceStore
  readonly memberships: MembershipStore
  readonly turns: Turns
  readonly now: () => Date
  /** The next random number, from 0 to 1 (not included). */
  readonly random: () => number
  readonly newId: (resourceType: ResourceType) => string
  readonly newVersion: () => string
  /** A deadline for one more operation of this request. */
  readonly newDeadline: () => Deadline
  /** Resolves after so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** Lets what others wait for run before long work goes on. */
  readonly letOthersRun: () => Promise<void>
  /** Authenticates a text for this tenant: base64url, the same on every instance. */
  readonly sign: (text: string) => string
  /** Rejects as the request would be refused if it came now: what takes long asks it between its steps. */
  readonly checkCredential: () => Promise<void>
  /**
   * Counts one more operation for the tenant's rate, and resolves when it may be done; rejects with `tooManyRequests` when
   * that would take longer than so many milliseconds.
   */
  readonly awaitRate: (longest: number) => Promise<void>
  /** Notes names that the request has and that were ignored, since a resource type has no such attributes. */
  readonly noteIgnored: (resourceType: ResourceType, names: readonly string[]) => void
  /** Those that this request, or this operation of a bulk, has come with so far (`IgnoredNames`). */
  readonly ignored: () => readonly string[]
  /** Notes that a resource is as it was before, and the names that were ignored: no change has them in the journal. */
  readonly noteUnchanged?: (
    resourceType: ResourceType,
    id: string,
    ignored: readonly string[],
  ) => void
  /** Notes canonical paths that the request names, to set or to clear them. */
  readonly noteNamed: (resourceType: ResourceType, paths: Iterable<string>) => void
  /** The id of the resource whose failed creation the changes of this request follow from. */
  readonly cause?: string
  /** Notes what became of one operation of a bulk. */
  readonly noteOperation: (operation: NotedOperation) => void
  /** Notes a failure of ours that one part of an answer reports. */
  readonly report: (error: unknown) => void
}

/** An operation of a bulk that was done, or was not. */
export interface NotedOperation {
  readonly requestId: string
  readonly method: string
  readonly status: number
  readonly error?: ScimError | undefined
  /** What its path names, as far as that is something. */
  readonly resourceType?: ResourceType | undefined
  readonly id?: string | undefined
  readonly body?: unknown
}

/** A request as the verbs see it, whatever carried it. */
export interface ScimRequest {
  /** The id in the path; empty where the path has none. */
  readonly id: string
  /** Query parameters by lower-case name, decoded once. */
  readonly query: ReadonlyMap<string, string>
  /** The parsed JSON body; undefined when there is none. */
  readonly body: unknown
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  /** What the client would like to get back (RFC 7240 §4.2). */
  readonly prefer?: PreferredReturn | undefined
}

/** An answer without the resource, or with it. */
export type PreferredReturn = 'minimal' | 'representation'

/** What a verb answers. */
export interface ScimResult {
  readonly status: number
  /** Absent for an answer without a body. */
  readonly body?: Answer | undefined
  /** The id of the resource that the request was about. */
  readonly id?: string
  /** The resource's URI (RFC 7644 §3.1). */
  readonly location?: string
  /** The resource's ETag (RFC 7644 §3.14). */
  readonly etag?: string
  /** The preference that the answer keeps to (RFC 7240 §3). */
  readonly preferenceApplied?: PreferredReturn | undefined
}

/** An operation of a tenant that is about no single resource type. */
export type TenantOperation = (context: ServiceContext, request: ScimRequest) => Promise<ScimResult>

/** A verb: one operation on one resource type. */
export type Verb = (
  context: ServiceContext,
  resourceType: ResourceType,
  request: ScimRequest,
) => Promise<ScimResult>

/** What discovery shows: a tenant's own resource types, or without a credential those that every tenant has. */
export interface DiscoveryContext {
  /** The Tenant URL, without a slash at its end. */
  readonly baseUrl: string
  readonly resourceTypes: readonly ResourceType[]
  readonly authentication: OfferedAuthentication
}

/** An operation that needs no tenant. */
export type PublicOperation = (context: DiscoveryContext, request: ScimRequest) => ScimResult
