import type {
  HttpHandler,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from '@azure/functions'
import { RefusedCredential } from '../auth/refused-credential.ts'
import type { TenantContext } from '../auth/tenant-context.ts'
import type { ActivitySource } from '../manage/activity.ts'
import type { ManageDomain } from '../manage/domain.ts'
import type { ManageContext } from '../manage/operation.ts'
import type { OAuth } from '../oauth/oauth.ts'
import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { ScimResult, ServiceContext } from '../service/context.ts'
import type { ChangedBy } from '../storage/tenant-port.ts'
import type { MaintenanceReport } from '../tenants/maintenance.ts'
import type { Tell } from '../tenants/maintenance-events.ts'
import { logFailure, logRequest, type RequestFacts } from './log.ts'
import { measured } from './measured.ts'
import type { RequestRates } from './request-rates.ts'
import { RequestNotes, type Activity } from './request-notes.ts'
import { writeError, writeResult } from './write-response.ts'

/** What the handlers need of the app; `lib/runtime.ts` makes it. */
export interface HandlerRuntime {
  /** The Tenant URL when the app knows it; else it is taken from the request's own URL. */
  readonly publicBaseUrl?: string
  readonly authenticate: (authorization: string | undefined) => Promise<TenantContext>
  readonly rates: RequestRates
  /** How many requests a second a tenant with such settings may send to this instance. */
  readonly requestsPerSecond: (settings: TenantContext['settings']) => number
  /** The page for customers that discovery links to. */
  readonly documentationUrl?: string
  /** Absent where OAuth is off. */
  readonly oauth?: OAuth
  /** Those of a tenant that has none of its own. */
  readonly defaultResourceTypes: readonly ResourceType[]
  readonly service: Pick<
    ServiceContext,
    | 'store'
    | 'memberships'
    | 'turns'
    | 'now'
    | 'random'
    | 'newId'
    | 'newVersion'
    | 'newDeadline'
    | 'pause'
    | 'letOthersRun'
  >
  /** What the manage API works with; without it there is none. */
  readonly manage: ManageApp
  /** The text's authentication code under the key, as base64url. */
  readonly sign: (key: string, text: string) => string
  /** The names of tables that are missing, by one read of each; rejects when the storage does not answer in time. */
  readonly missingTables: (milliseconds: number) => Promise<readonly string[]>
  /** Where the requests of tenants are noted; absent: nowhere. */
  readonly activity?: Activity
  /** One run of the maintenance, of at most RUN_SECONDS. */
  readonly maintain: (tell: Tell) => Promise<MaintenanceReport>
  /** Runs work and counts the storage calls it makes, and the rounds of those that waited for each other. */
  readonly measure: <Result>(
    work: () => Promise<Result>,
  ) => Promise<{ result: Result; calls: number; roundTrips: number }>
}

/** What tells how a request came here: its headers `Host` and `X-Forwarded-Host`. */
export interface ManageArrival {
  readonly host: string
  readonly forwardedHost?: string | undefined
}

/** What the manage API needs of the app. */
export interface ManageApp {
  /** Tenants and credentials, as they are changed by somebody. */
  readonly domainOf: (by: ChangedBy) => ManageDomain
  readonly activity: ActivitySource
  /** The people of tenants, as they are changed by somebody. */
  readonly peopleOf: (by: ChangedBy) => ManageContext['people']
  /** The teams of a tenant, as they are changed by somebody. */
  readonly teamsOf: (by: ChangedBy) => ManageContext['teams']
  /** Refuses a request that nothing has asked for a function key and that came from elsewhere. */
  readonly guard: (arrival: ManageArrival) => void
}

/** Gives the app's one runtime, building it at the first call. */
export type RuntimeSource = () => Promise<HandlerRuntime>

/** A request on its way through the steps of its handler. */
export interface Exchange {
  readonly request: HttpRequest
  readonly url: URL
  readonly invocation: InvocationContext
  readonly app: HandlerRuntime
  /** What the steps find out for the request's line in the log. */
  readonly facts: RequestFacts
  /** Told what the steps find out of it. */
  readonly notes: RequestNotes
}

/** What a handler does between the request and its answer. */
export type Steps = (exchange: Exchange) => Promise<ScimResult>

/**
 * An HTTP function: runs the steps, writes their result or the error that one of them threw, and one line in the log.
 * Nothing is thrown out of it: the Functions host would answer with a bare 500.
 */
export function endpoint(runtime: RuntimeSource, steps: Steps): HttpHandler {
  return async (request, invocation) => {
    const facts: RequestFacts = {}
    const refuse = (error: unknown): HttpResponseInit =>
      writeError(toScimError(invocation, facts, error))
    const answer = async (app: HandlerRuntime): Promise<HttpResponseInit> => {
      const notes = new RequestNotes(app.activity, request, invocation.invocationId)
      let refusal: unknown
      const attempt = async (): Promise<HttpResponseInit> => {
        const url = new URL(request.url)
        return writeResult(await steps({ request, url, invocation, app, facts, notes }))
      }
      const result = await attempt().catch((error: unknown) => {
        refusal = error
        return refuse(error)
      })
      facts.client = notes.client
      const writing = notes.end(result.status ?? 200, refusal)
      if (writing !== undefined) await writing
      return result
    }
    const { result, cost } = await measured(runtime, request, answer, refuse)
    logRequest(invocation, { ...cost, ...facts })
    return result
  }
}

/** The one error exit: what is not meant for the client becomes a 500 that tells nothing but where to look. */
function toScimError(
  invocation: InvocationContext,
  facts: RequestFacts,
  error: unknown,
): ScimError {
  const scimError = error instanceof ScimError ? error : internal(invocation, error)
  // 501 is what `/Me` always answers, no failure.
  if (scimError.status >= 500 && scimError.kind !== 'notImplemented') logFailure(invocation, error)
  if (scimError instanceof RefusedCredential) Object.assign(facts, scimError.facts)
  facts.error = scimError.kind
  facts.detail = scimError.loggedDetail
  return scimError
}

function internal({ invocationId }: InvocationContext, cause: unknown): ScimError {
  const detail = `Something failed on our side. The log has it under ${invocationId}.`
  return new ScimError('internal', detail, { cause })
}
