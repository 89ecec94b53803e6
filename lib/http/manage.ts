import type {
  HttpHandler,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from '@azure/functions'
import { mediaTypesOf } from '../manage/documents.ts'
import { checkNoIfMatch, isKnown } from '../manage/entity-tag.ts'
import {
  knownIds,
  type ManageContext,
  type ManageResult,
  type Operation,
} from '../manage/operation.ts'
import { MANAGE_OPERATIONS } from '../manage/operations.ts'
import { Problem, toProblem } from '../manage/problem.ts'
import { MANAGE_LIMITS } from '../manage/query.ts'
import { checkWholePath } from '../manage/whole-path.ts'
import { detail, sent } from '../scim/detail.ts'
import type { ChangedBy } from '../storage/tenant-port.ts'
import type { HandlerRuntime, ManageApp, RuntimeSource } from './endpoint.ts'
import { logFailure, logManagement, type ManageFacts } from './log.ts'
import { logMaintenanceEvent } from './maintenance.ts'
import { measured } from './measured.ts'
import { allowedMethods, ROUTE_PREFIX, routeOf, SCIM_PATH, type Route } from './routes.ts'
import { readJsonBody } from './read-body.ts'

const MANAGE_PATH = `/${ROUTE_PREFIX}/manage`

/** Every route of the manage API; the files in functions/manage register exactly these. */
export const MANAGE_ROUTES: readonly Route[] = MANAGE_OPERATIONS.map(({ name, path, method }) => ({
  name,
  route: `manage/${path}`,
  methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
}))

/** A request on its way to its answer. */
interface Exchange {
  readonly request: HttpRequest
  readonly invocation: InvocationContext
  readonly app: HandlerRuntime
  readonly manage: ManageApp
  /** What is found out for the request's line in the log. */
  readonly facts: ManageFacts
}

/** What leads from a request to its answer. */
type Serve = (exchange: Exchange) => Promise<HttpResponseInit>

/** The function of an operation. The host has checked the key before it. */
export function manageEndpoint(runtime: RuntimeSource, name: string): HttpHandler {
  const operation = MANAGE_OPERATIONS.find((each) => each.name === name)
  if (operation === undefined) throw new TypeError(`there is no operation ${name}`)
  return handler(runtime, async (exchange) => {
    const { request, facts } = exchange
    const { pathname, searchParams: query } = new URL(request.url)
    checkWholePath(request.method, pathname)
    const result = await operation.run(contextOf(exchange), {
      params: request.params,
      query,
      body: await bodyOf(request, operation),
      ifMatch: ifMatchOf(request, operation),
    })
    Object.assign(facts, result.facts)
    return writeResult(request, result)
  })
}

/** What no operation serves: 405 with `Allow` for a path that is known, else 404; the host itself says 404 to both. */
export function manageUnmatched(runtime: RuntimeSource): HttpHandler {
  return handler(runtime, async ({ request }) => {
    const allowed = allowedMethods(new URL(request.url).pathname, MANAGE_ROUTES).join(', ')
    if (allowed === '') {
      throw new Problem(
        'not-found',
        `There is nothing at this path; ${MANAGE_PATH}/openapi.json has all there are.`,
      )
    }
    throw new Problem(
      'method-not-allowed',
      detail`${sent(request.method)} is not allowed on this path; allowed are ${allowed}.`,
      { headers: { allow: allowed } },
    )
  })
}

/** Writes what is served, or the problem that was thrown, and one line in the log; nothing is thrown out of it. */
function handler(runtime: RuntimeSource, serve: Serve): HttpHandler {
  return async (request, invocation) => {
    const facts: ManageFacts = { ...knownIds(request.params) }
    const refuse = (error: unknown): HttpResponseInit => {
      const problem = toProblem(error) ?? internal(invocation, error)
      if (problem.status >= 500) logFailure(invocation, error)
      facts.error = problem.kind
      facts.detail = problem.loggedDetail
      return writeProblem(problem)
    }
    const answer = async (app: HandlerRuntime): Promise<HttpResponseInit> => {
      try {
        const manage = managing(app, request)
        facts.actor = actorOf(request)
        return await serve({ request, invocation, app, manage, facts })
      } catch (error) {
        return refuse(error)
      }
    }
    const { result, cost } = await measured(runtime, request, answer, refuse)
    const route = routeOf(invocation.functionName, MANAGE_ROUTES)
    logManagement(invocation, route, { ...cost, ...facts })
    return result
  }
}

/** The first thing that is asked: whether this app may be managed by this request at all. */
function managing({ manage }: HandlerRuntime, { headers }: HttpRequest): ManageApp {
  const host = headers.get('host') ?? ''
  manage.guard({ host, forwardedHost: headers.get('x-forwarded-host') ?? undefined })
  return manage
}

function internal({ invocationId }: InvocationContext, cause: unknown): Problem {
  const text = `Something failed on our side. The log has it under ${invocationId}.`
  return new Problem('internal', text, { cause })
}

const ACTOR_IS = 'must have at most 100 characters, all of them printable ASCII'

/** Who of the vendor does it, as the vendor says; nobody verifies it. */
function actorOf({ headers }: HttpRequest): string | undefined {
  const actor = headers.get('x-actor')?.trim() ?? ''
  if (actor === '') return undefined
  if (/^[\x20-\x7e]{1,100}$/.test(actor)) return actor
  const errors = [{ header: 'X-Actor', detail: ACTOR_IS }]
  throw new Problem('invalid-request', `X-Actor ${ACTOR_IS}.`, { errors })
}

function contextOf({ request, invocation, app, manage, facts }: Exchange): ManageContext {
  const tenantUrl = app.publicBaseUrl ?? `${new URL(request.url).origin}${SCIM_PATH}`
  const author = authorOf(invocation, facts)
  return {
    domain: manage.domainOf(author),
    activity: manage.activity,
    people: manage.peopleOf(author),
    teams: manage.teamsOf(author),
    now: app.service.now(),
    tenantUrl,
    tokenUrl: `${new URL(tenantUrl).origin}/${ROUTE_PREFIX}/oauth/token`,
    tell: (event) => invocation.log(JSON.stringify({ ...event, actor: facts.actor })),
    runMaintenance: () => app.maintain((event) => logMaintenanceEvent(invocation, event)),
  }
}

/** Whose changes those of a request are, for the journal. */
function authorOf({ invocationId }: InvocationContext, { actor }: ManageFacts): ChangedBy {
  const behalf = actor === undefined ? {} : { onBehalfOf: actor }
  return { actor: 'manage', ...behalf, requestId: invocationId }
}

async function bodyOf(request: HttpRequest, operation: Operation): Promise<unknown> {
  const mediaTypes = mediaTypesOf(operation)
  if (mediaTypes.length === 0) return undefined
  const body = await readJsonBody(request, {
    most: operation.bodyBytes ?? MANAGE_LIMITS.bodyBytes,
    mediaTypes,
    tooLarge: (most) => `The body is larger than ${most} bytes.`,
  })
  if (body !== undefined) return body
  if (operation.bodyMayBeAbsent === true) return {}
  throw new Problem('invalid-request', 'The request needs a JSON body.')
}

function ifMatchOf({ headers, method }: HttpRequest, operation: Operation): string | undefined {
  const ifMatch = headers.get('if-match') ?? undefined
  if (operation.takesIfMatch !== true && method === 'POST') checkNoIfMatch(ifMatch)
  return ifMatch
}

/** Tenants and credentials are nothing that anybody between us and the client may keep. */
const PRIVATE = { 'cache-control': 'no-store' }

function writeResult(
  { headers: asked, method }: HttpRequest,
  { status, body, etag, location }: ManageResult,
): HttpResponseInit {
  const headers = {
    ...PRIVATE,
    ...(etag === undefined ? {} : { etag }),
    ...(location === undefined ? {} : { location: `${MANAGE_PATH}/${location}` }),
  }
  const known = asked.get('if-none-match') ?? undefined
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && etag !== undefined && isKnown(known, etag)) return { status: 304, headers }
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}

function writeProblem({ status, headers, body }: Problem): HttpResponseInit {
  return {
    status,
    headers: { ...PRIVATE, ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify(body),
  }
}
