import type {
  HttpHandler,
  HttpRequest,
  HttpResponseInit,
  InvocationContext,
} from '@azure/functions'
import { clientOf } from '../activity/client.ts'
import { authorizationServerMetadata, protectedResourceMetadata } from '../oauth/metadata.ts'
import type { OAuth } from '../oauth/oauth.ts'
import { OAuthError } from '../oauth/oauth-error.ts'
import type { AccessTokenParties } from '../oauth/access-token.ts'
import { ScimError } from '../scim/errors.ts'
import type { HandlerRuntime, RuntimeSource } from './endpoint.ts'
import { logFailure, logRequest, type RequestFacts } from './log.ts'
import { measured } from './measured.ts'
import { signsOf } from './request-notes.ts'
import { allowedMethods, OAUTH_PATH, OAUTH_ROUTES, SCIM_PATH } from './routes.ts'

/** An assertion of Entra ID has about 2,000 characters. */
const BODY_BYTES = 32 * 1024

/** RFC 6749 §5.1: of a token nobody keeps a copy. */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** Seconds for which public documents may be kept: new keys are published for longer before they sign. */
const PUBLIC = { 'cache-control': 'public, max-age=300' }

/** A request to a route of OAuth, where that is on. */
interface OAuthExchange {
  readonly request: HttpRequest
  readonly app: HandlerRuntime
  readonly oauth: OAuth
  readonly facts: RequestFacts
}

/** `POST /api/oauth/token` (RFC 6749 §4.4, RFC 7523 §2.2). */
export function tokenHandler(runtime: RuntimeSource): HttpHandler {
  return oauthEndpoint(runtime, async ({ request, app, oauth, facts }) => {
    const { headers } = request
    const issued = await oauth.token(
      {
        authorization: headers.get('authorization') ?? undefined,
        contentType: headers.get('content-type') ?? undefined,
        query: new URL(request.url).searchParams,
        body: await readBody(request),
      },
      app.service.newDeadline(),
    )
    facts.tenant = issued.tenantId
    facts.credential = issued.credentialId
    facts.credentialKind = issued.credentialKind
    return { status: 200, headers: NO_STORE, jsonBody: issued.body }
  })
}

/** `GET /api/oauth/jwks`: the keys that access tokens are verified with (RFC 7517 §5). */
export function keySetHandler(runtime: RuntimeSource): HttpHandler {
  return oauthEndpoint(runtime, async ({ oauth }) => {
    const headers = { ...PUBLIC, 'content-type': 'application/jwk-set+json' }
    return { status: 200, headers, body: JSON.stringify({ keys: await oauth.keys() }) }
  })
}

/** `GET /api/oauth/.well-known/oauth-authorization-server` (RFC 8414). */
export function authorizationServerHandler(runtime: RuntimeSource): HttpHandler {
  return oauthEndpoint(runtime, async (exchange) => {
    const jsonBody = authorizationServerMetadata(partiesOf(exchange), exchange.app.documentationUrl)
    return { status: 200, headers: PUBLIC, jsonBody }
  })
}

/** `GET /api/oauth/.well-known/oauth-protected-resource` (RFC 9728). */
export function protectedResourceHandler(runtime: RuntimeSource): HttpHandler {
  return oauthEndpoint(runtime, async (exchange) => {
    const jsonBody = protectedResourceMetadata(partiesOf(exchange), exchange.app.documentationUrl)
    return { status: 200, headers: PUBLIC, jsonBody }
  })
}

/**
 * What no function below OAuth takes: 405 with `Allow` for a path that is known, else the host's own bare 404, which it
 * says itself to both.
 */
export function oauthUnmatched(runtime: RuntimeSource): HttpHandler {
  return oauthEndpoint(runtime, async ({ request }) => {
    const allowed = allowedMethods(new URL(request.url).pathname, OAUTH_ROUTES).join(', ')
    if (allowed === '') return { status: 404 }
    throw new OAuthError('invalid_request', `This path takes ${allowed}, and no other method.`, {
      status: 405,
      headers: { allow: allowed },
    })
  })
}

/** As who calls sees it: the setting, else, in emulation, the URL that was called. */
function partiesOf({ request, app }: OAuthExchange): AccessTokenParties {
  const { origin } = new URL(app.publicBaseUrl ?? request.url)
  return { issuer: `${origin}${OAUTH_PATH}`, audience: `${origin}${SCIM_PATH}` }
}

/** Where OAuth is off there is nothing, as the host itself says it. */
function oauthEndpoint(
  runtime: RuntimeSource,
  steps: (exchange: OAuthExchange) => Promise<HttpResponseInit>,
): HttpHandler {
  return async (request, invocation) => {
    const facts: RequestFacts = { client: clientOf(signsOf(request)) }
    const refuse = (error: unknown): HttpResponseInit => refusal(invocation, facts, error)
    const answer = async (app: HandlerRuntime): Promise<HttpResponseInit> => {
      const { oauth } = app
      if (oauth === undefined) return { status: 404 }
      return steps({ request, app, oauth, facts }).catch(refuse)
    }
    const { result, cost } = await measured(runtime, request, answer, refuse)
    logRequest(invocation, { ...cost, ...facts }, 'oauth')
    return result
  }
}

/** RFC 6749 §5.2. Of a failure the client learns no more than that it is ours, and where the log has it. */
function refusal(
  invocation: InvocationContext,
  facts: RequestFacts,
  error: unknown,
): HttpResponseInit {
  if (error instanceof OAuthError) {
    Object.assign(facts, error.facts, { oauthError: error.code, detail: error.message })
    const jsonBody = { error: error.code, error_description: error.message }
    return { status: error.status, headers: { ...NO_STORE, ...error.headers }, jsonBody }
  }
  logFailure(invocation, error)
  const isBusy = error instanceof ScimError && error.kind === 'unavailable'
  facts.error = isBusy ? 'unavailable' : 'internal'
  const code = isBusy ? 'temporarily_unavailable' : 'server_error'
  return {
    status: isBusy ? 503 : 500,
    headers: { ...NO_STORE, ...(isBusy ? { 'retry-after': '5' } : {}) },
    jsonBody: {
      error: code,
      error_description: isBusy
        ? 'The storage is not available at the moment. Try again.'
        : `Something failed on our side. The log has it under ${invocation.invocationId}.`,
    },
  }
}

async function readBody(request: HttpRequest): Promise<string> {
  const declared = Number(request.headers.get('content-length') ?? '0')
  if (declared > BODY_BYTES) throw tooLarge()
  const bytes = await request.arrayBuffer()
  if (bytes.byteLength > BODY_BYTES) throw tooLarge()
  if (bytes.byteLength === 0 && request.headers.get('transfer-encoding') !== null) {
    // The Functions host hands on a chunked body as an empty one.
    throw malformed('Send the body with Content-Length, not chunked.', 411)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('The body is not valid UTF-8.', 400)
  }
}

function tooLarge(): OAuthError {
  return malformed(`The body is larger than ${BODY_BYTES} bytes.`, 413)
}

function malformed(description: string, status: number): OAuthError {
  return new OAuthError('invalid_request', description, { status, facts: { reason: 'malformed' } })
}
