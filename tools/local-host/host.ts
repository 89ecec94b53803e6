import type { FunctionApp } from './function-app.ts'
import type { HttpReturnValue } from './functions-core.ts'
import { hostPage } from './host-page.ts'
import { invoke } from './invocation.ts'
import { parseRequestTarget } from './request-target.ts'
import { buildRoutes, findRoute, type Route } from './routes.ts'

/** A request as it leaves the socket. */
export interface HostRequest {
  readonly method: string
  /** Path and query as in the request line. */
  readonly target: string
  /** Lower-case names; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface HostResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The Azure Functions host, as far as HTTP functions can tell. */
export interface Host {
  readonly routes: readonly Route[]
  /** Never throws: what fails is a bare 500, as on Azure, and is logged. */
  handle(request: HostRequest): Promise<HostResponse>
}

const NO_BODY = new Uint8Array()

/**
 * @param routePrefix `extensions.http.routePrefix` of host.json
 * @throws Error for functions that the real host would not load
 */
export function createHost(app: FunctionApp, routePrefix: string): Host {
  const routes = buildRoutes(app.core.functions, routePrefix)
  return { routes, handle: (request) => handle(app, routes, request) }
}

async function handle(
  app: FunctionApp,
  routes: readonly Route[],
  request: HostRequest,
): Promise<HostResponse> {
  // `OPTIONS *`: no function has it.
  if (request.target === '*') return bare(404)
  const target = parseRequestTarget(request.target)
  if (target === undefined) return bare(400)
  const found = findRoute(routes, request.method, target.path)
  if (found === undefined) return hostPage(request.method, target.path)
  try {
    const returned = await invoke(app, found.route, {
      method: request.method,
      url: `http://${request.headers['host'] ?? 'localhost'}${target.encodedPath}${target.rawQuery}`,
      headers: request.headers,
      query: target.query,
      params: found.params,
      body: { bytes: receivedBody(request) },
    })
    return toResponse(request.method, returned)
  } catch (error) {
    const { name } = found.route.function.metadata
    app.core.log('error', 'system', `Executed '${name}' (Failed): ${describe(error)}`)
    return bare(500)
  }
}

/** The host passes a body on only if its length was declared: a chunked one arrives empty (`ToRpcHttp`). */
function receivedBody({ headers, body }: HostRequest): Uint8Array {
  return Object.hasOwn(headers, 'transfer-encoding') ? NO_BODY : body
}

function toResponse(method: string, returned: HttpReturnValue | undefined): HostResponse {
  if (returned === undefined) return bare(204)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(returned.headers ?? {})) {
    // Kestrel refuses such a value.
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[^\t\x20-\x7e]/.test(value)) throw new ResponseError(`header "${name}" is not ASCII`)
    headers[name.toLowerCase()] = value
  }
  const { bytes, string } = returned.body ?? {}
  const body = bytes ?? Buffer.from(string ?? '')
  return {
    status: Number(returned.statusCode ?? '200'),
    headers,
    body: method.toUpperCase() === 'HEAD' ? NO_BODY : body,
  }
}

function bare(status: number): HostResponse {
  return { status, headers: {}, body: NO_BODY }
}

/** What the host itself finds wrong with an answer. */
class ResponseError extends Error {
  override readonly name = 'ResponseError'
}

/** Where it failed. The message of a foreign error is left out: it may quote the URL with its query, and values. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `a ${typeof error} was thrown`
  if (error instanceof ResponseError) return error.message
  const code = 'code' in error ? ` ${String(error.code)}` : ''
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))
  return [`${error.name}${code}`, ...frames].join('\n')
}
