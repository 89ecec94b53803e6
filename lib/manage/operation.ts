import type * as z from 'zod'
import type { PeopleSource } from '../people/people-context.ts'
import type { TeamsContext } from '../people/teams-context.ts'
import type { JsonObject } from '../scim/json.ts'
import { isTenantId, type Tenant } from '../storage/tenant-port.ts'
import type { MaintenanceReport } from '../tenants/maintenance.ts'
import type { ActivitySource } from './activity.ts'
import { checked } from './check.ts'
import type { ManageDomain } from './domain.ts'
import type { ProblemKind } from './problem.ts'
import { readQuery, type QuerySchema } from './query.ts'

/** What the log has beside the line of the request: a tenant begins, or begins to go. */
export interface ManageEvent {
  readonly event: 'tenant created' | 'tenant deletion begun'
  readonly tenant: string
}

/** What operations work with. */
export interface ManageContext {
  readonly domain: ManageDomain
  readonly activity: ActivitySource
  /** The people of tenants, as they are changed by whoever sent the request. */
  readonly people: PeopleSource
  /** The teams of a tenant, as they are changed by whoever sent the request. */
  readonly teams: (tenant: Tenant) => TeamsContext
  readonly now: Date
  /** What identity providers are given, without a slash at its end. */
  readonly tenantUrl: string
  /** Where OAuth clients get access tokens. */
  readonly tokenUrl: string
  readonly tell: (event: ManageEvent) => void
  readonly runMaintenance: () => Promise<MaintenanceReport>
}

/** A request as it came, its path taken apart. */
export interface ManageRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The parsed JSON body; undefined when there is none. */
  readonly body: unknown
  readonly ifMatch?: string | undefined
}

export interface ManageResult {
  readonly status: 200 | 201 | 202
  readonly body: JsonObject
  readonly etag?: string
  /** The path of the resource, below `manage/`. */
  readonly location?: string
  /** For the request's line in the log: what its path does not say. */
  readonly facts?: { readonly tenant?: string; readonly createdCredential?: string }
}

/** One operation of the API: what is served, what the document says of it, and what it does. */
export interface Operation {
  /** Of the function, and the `operationId`. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `manage/`. */
  readonly path: string
  readonly summary: string
  readonly query: QuerySchema
  readonly body?: z.ZodType | undefined
  /** A request without a body is one with `{}`. */
  readonly bodyMayBeAbsent?: boolean | undefined
  /** Bytes of the largest body, where that is not as usual. */
  readonly bodyBytes?: number | undefined
  readonly status: ManageResult['status']
  /** Where the answer can say, too, that nothing had to be done. */
  readonly statusUnchanged?: 200
  readonly answer: z.ZodType
  /** Headers of the answer, beside those that all have. */
  readonly headers: readonly ('ETag' | 'Location')[]
  /** Whether `If-Match` can name a version. */
  readonly takesIfMatch?: boolean | undefined
  /** Problems that are its own, beside those that all have. */
  readonly problems: readonly ProblemKind[]
  readonly run: (context: ManageContext, request: ManageRequest) => Promise<ManageResult>
}

/** What an operation is given: checked. */
export interface Input<Query extends QuerySchema, Body extends z.ZodType> {
  /** The tenant in the path. */
  readonly id: string
  readonly credentialId: string
  readonly attributeId: string
  readonly personId: string
  readonly teamId: string
  readonly levelName: string
  readonly query: z.output<Query>
  readonly body: z.output<Body>
  readonly ifMatch: string | undefined
}

/** An operation that is given what its schemas make of the request. */
export function operation<Query extends QuerySchema, Body extends z.ZodType>(
  definition: Omit<Operation, 'run' | 'query' | 'body'> & {
    readonly query: Query
    readonly body: Body
    readonly run: (context: ManageContext, input: Input<Query, Body>) => Promise<ManageResult>
  },
): Operation {
  const { body, query, run } = definition
  return {
    ...definition,
    run: (context, request) =>
      run(context, {
        id: request.params['id'] ?? '',
        credentialId: request.params['credentialId'] ?? '',
        attributeId: request.params['attributeId'] ?? '',
        personId: request.params['personId'] ?? '',
        teamId: request.params['teamId'] ?? '',
        levelName: request.params['levelName'] ?? '',
        query: readQuery(query, request.query),
        body: checked(body, request.body, 'body'),
        ifMatch: request.ifMatch,
      }),
  }
}

/** Whether it can be the id of a credential. */
export function isCredentialId(text: string): boolean {
  return /^[a-z0-9]{12}$/.test(text)
}

/** Whom a request is about, for its line in the log: nothing that is no id, since a client may have sent anything. */
export function knownIds({ id = '', credentialId = '' }: ManageRequest['params']): {
  readonly tenant?: string
  readonly credential?: string
} {
  return {
    ...(isTenantId(id) ? { tenant: id } : {}),
    ...(isCredentialId(credentialId) ? { credential: credentialId } : {}),
  }
}
