import type {
  HttpHandler,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from '@azure/functions'
import type { TenantContext } from '../auth/tenant-context.ts'
import { ScimError, type ErrorKind } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type {
  ScimRequest,
  ScimResult,
  ServiceContext,
  TenantOperation,
  Verb,
} from '../service/context.ts'
import { logFailure, logRequest } from './log.ts'
import { readHead, readRequest } from './read-request.ts'
import { SCIM_PATH } from './routes.ts'
import { writeError, writeResult } from './write-response.ts'

/** What the handlers need of the app; `lib/runtime.ts` makes it. */
export interface HandlerRuntime {
  /** The Tenant URL when the app knows it; else it is taken from the request's own URL. */
  readonly publicBaseUrl?: string
  readonly authenticate: (authorization: string | undefined) => Promise<TenantContext>
  readonly service: Omit<ServiceContext, 'tenantId' | 'baseUrl' | 'sign' | 'report'>
  /** The text's authentication code under the key, as base64url. */
  readonly sign: (key: string, text: string) => string
  /** One read of the storage, whatever it holds; rejects when it cannot be reached. */
  readonly readStorage: () => Promise<void>
  /** Runs work and counts the storage calls it makes. */
  readonly measure: <Result>(
    work: () => Promise<Result>,
  ) => Promise<{ result: Result; calls: number }>
}

/** Gives the app's one runtime, building it at the first call. */
export type RuntimeSource = () => Promise<HandlerRuntime>

/** Answers without a tenant: discovery, and what is not served. */
export type PublicOperation = (
  site: { readonly baseUrl: string; readonly method: string; readonly path: string },
  request: ScimRequest,
) => ScimResult | Promise<ScimResult>

/** The pipeline of a verb on one resource type. */
export function scimHandler(
  runtime: RuntimeSource,
  verb: Verb,
  resourceType: ResourceType,
): HttpHandler {
  return tenantHandler(runtime, (context, request) => verb(context, resourceType, request))
}

/**
 * The one pipeline of all that belongs to a tenant: authenticate, resolve the tenant, read, run, write. Whatever goes wrong
 * leaves by `answer`'s error exit.
 */
export function tenantHandler(runtime: RuntimeSource, operation: TenantOperation): HttpHandler {
  return (request, context) =>
    answer(runtime, request, context, async (app, note) => {
      const tenant = await app.authenticate(request.headers.get('authorization') ?? undefined)
      note(tenant.tenantId)
      const scimRequest = await readRequest(request)
      const service: ServiceContext = {
        ...app.service,
        tenantId: tenant.tenantId,
        baseUrl: baseUrlOf(app, request),
        sign: (text) => app.sign(tenant.signingKey, text),
        report: (error) => logFailure(context, error),
      }
      return operation(service, scimRequest)
    })
}

/**
 * The pipeline of operations that need no credential (RFC 7643 §5: authentication schemes can be read without one). A
 * credential that is sent all the same must be good.
 */
export function publicHandler(runtime: RuntimeSource, operation: PublicOperation): HttpHandler {
  return (request, context) =>
    answer(runtime, request, context, async (app, note) => {
      const authorization = request.headers.get('authorization')
      if (authorization !== null) note((await app.authenticate(authorization)).tenantId)
      const { method } = request
      const path = new URL(request.url).pathname
      return operation({ baseUrl: baseUrlOf(app, request), method, path }, readHead(request))
    })
}

/** The Tenant URL: the setting, else the URL that was called. `X-Forwarded-*` can be sent by anyone and is not read. */
function baseUrlOf(app: HandlerRuntime, request: HttpRequest): string {
  return app.publicBaseUrl ?? `${new URL(request.url).origin}${SCIM_PATH}`
}

type Work = (app: HandlerRuntime, note: (tenantId: string) => void) => Promise<ScimResult>

async function answer(
  runtime: RuntimeSource,
  request: HttpRequest,
  context: InvocationContext,
  work: Work,
): Promise<HttpResponseInit> {
  const started = performance.now()
  const noted: { tenant?: string; error?: ErrorKind } = {}
  const respond = async (app: HandlerRuntime): Promise<HttpResponseInit> => {
    try {
      return await writeResult(await work(app, (tenantId) => (noted.tenant = tenantId)))
    } catch (error) {
      return refuse(error)
    }
  }
  const refuse = (error: unknown): HttpResponseInit => {
    const scimError = toScimError(context, error)
    noted.error = scimError.kind
    return writeError(scimError)
  }
  const { result, calls } = await runtime().then(
    (app) => app.measure(() => respond(app)),
    (error: unknown) => ({ result: refuse(error), calls: 0 }),
  )
  logRequest(context, {
    method: request.method,
    status: result.status ?? 200,
    milliseconds: Math.round(performance.now() - started),
    storageCalls: calls,
    ...noted,
  })
  return result
}

/** The one error exit: what is not meant for the client becomes a 500 that tells nothing but where to look. */
function toScimError(context: InvocationContext, error: unknown): ScimError {
  if (error instanceof ScimError) {
    // 501 is what `/Me` always answers, no failure.
    if (error.status >= 500 && error.kind !== 'notImplemented') logFailure(context, error)
    return error
  }
  logFailure(context, error)
  return new ScimError(
    'internal',
    `Something failed on our side. The log has it under ${context.invocationId}.`,
    { cause: error },
  )
}
