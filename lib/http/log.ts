import type { InvocationContext } from '@azure/functions'
import type { ProblemKind } from '../manage/problem.ts'
import { ScimError, type ErrorKind } from '../scim/errors.ts'
import type { CredentialKind } from '../storage/tenant-port.ts'
import { UnreadableRow } from '../storage/unreadable-row.ts'
import { stackFrames } from '../stack-frames.ts'
import { routeOf } from './routes.ts'

/** What the steps of a request find out for its line: no secret, and no value that a client sent. */
export interface RequestFacts {
  tenant?: string
  /** The id of the token that was sent, as far as its check digits are right. */
  credential?: string
  /** What kind of credential was sent, as far as that is known. */
  credentialKind?: CredentialKind
  /** Who sent the request, as far as it can be told (`clientOf`). */
  client?: string
  error?: ErrorKind
  /** Of a token request: the code that it was refused with (RFC 6749 §5.2). */
  oauthError?: string
  /** Why a credential was refused. */
  reason?: string
  /** The error's detail, values left out. */
  detail?: string
  /** The names that were ignored, since there is no such attribute (`IgnoredNames`). */
  ignored?: readonly string[]
}

/** What every request's line in the log has. */
export interface RequestCost {
  readonly method: string
  readonly status: number
  readonly milliseconds: number
  /** Requests to Table Storage, retries included. */
  readonly storageCalls: number
  /** Those that waited for each other: calls at the same time are one. */
  readonly roundTrips: number
}

/** What one request leaves in the log: no token, no body, no query, no personal data. */
export interface RequestLine extends RequestCost, Readonly<RequestFacts> {}

/** What the line of a request begins with, whoever it is for; alerts and the workbook go by it (infra/). */
export interface LineHead {
  readonly event: 'scim' | 'oauth' | 'manage'
  /** The name of the function. */
  readonly operation: string
  readonly route: string | undefined
}

/** One structured line per request; Application Insights keeps its members apart. The route stands for the path. */
export function logRequest(
  context: InvocationContext,
  line: RequestLine,
  event: 'scim' | 'oauth' = 'scim',
): void {
  const { functionName } = context
  const head: LineHead = { event, operation: functionName, route: routeOf(functionName) }
  context.log(JSON.stringify({ ...head, ...line }))
}

/** What a request to the manage API tells of itself. */
export interface ManageFacts {
  /** Whom it was about. */
  tenant?: string
  credential?: string
  /** The id of the credential that was made. */
  createdCredential?: string
  /** Who of the vendor did it, as the vendor says: nobody has verified it. */
  actor?: string | undefined
  error?: ProblemKind
  /** The problem's detail, values left out. */
  detail?: string
}

/** What one request to the manage API leaves in the log: no key, no secret, no body, no query. */
export function logManagement(
  context: InvocationContext,
  route: string | undefined,
  line: RequestCost & Readonly<ManageFacts>,
): void {
  const head: LineHead = { event: 'manage', operation: context.functionName, route }
  context.log(JSON.stringify({ ...head, ...line }))
}

/**
 * A failure of ours. The message of a foreign error is left out: the SDK's quote keys, and keys hold user names. That of an
 * unreadable row names it without.
 */
export function logFailure(context: InvocationContext, error: unknown): void {
  context.error(
    JSON.stringify({ event: 'failure', operation: context.functionName, ...facts(error) }),
  )
}

/** Why the app is unhealthy although its storage answers. */
export function logMissingTables(context: InvocationContext, tables: readonly string[]): void {
  context.error(JSON.stringify({ event: 'missingTables', operation: context.functionName, tables }))
}

function facts(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  return {
    name: error.name,
    ...(error instanceof ScimError ? { kind: error.kind, detail: error.loggedDetail } : {}),
    ...(error instanceof UnreadableRow ? { detail: error.message } : {}),
    code: codeOf(error),
    ...('statusCode' in error ? { statusCode: Number(error.statusCode) } : {}),
    frames: stackFrames(error),
    ...(error.cause === undefined || depth > 2 ? {} : { cause: facts(error.cause, depth + 1) }),
  }
}

/** The system's code, or that in the answer of the table service, which the SDK keeps in its message only. */
function codeOf(error: Error): string | undefined {
  const code: unknown = 'code' in error ? error.code : undefined
  if (typeof code === 'string' || typeof code === 'number') return String(code)
  return /"code":"(\w+)"/.exec(error.message)?.[1]
}
