import type { FunctionApp } from './function-app.ts'
import type { HttpReturnValue } from './functions-core.ts'
import { adminAnswer, isAdminPath } from './host-admin.ts'
import { type HostKeys, isAdmitted, presentedKey } from './host-keys.ts'
import { hostPage } from './host-page.ts'
import { invoke } from './invocation.ts'
import { loadFunctions } from './loaded-functions.ts'
import { parseRequestTarget, type RequestTarget } from './request-target.ts'
import { findRoute, type FoundRoute, type Route } from './routes.ts'
import type { TimerFunction } from './timer-function.ts'
import { memoryStatuses, type TimerStatuses } from './timer-statuses.ts'
import type { TriggeredFunction } from './trigger.ts'

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

/** The Azure Functions host, as far as functions with HTTP triggers and timers can tell. */
export interface Host {
  readonly routes: readonly Route[]
  readonly timers: readonly TimerFunction[]
  /** Never throws: what fails is a bare 500, as on Azure, and is logged. */
  handle(request: HostRequest): Promise<HostResponse>
  /** Runs a timer function once. Never throws: what fails is logged. */
  run(timer: TimerFunction, isPastDue: boolean): Promise<void>
}

/** Does the work, which is one run of a function that no request waits for. */
export type AroundRun = (functionName: string, work: () => Promise<void>) => Promise<void>

export interface HostOptions {
  /** None: what wants a key is closed. */
  readonly keys?: HostKeys
  /** Those that timers are told of; in memory when absent. */
  readonly statuses?: TimerStatuses
  readonly aroundRun?: AroundRun
}

const NO_BODY = new Uint8Array()

/**
 * @param routePrefix `extensions.http.routePrefix` of host.json
 * @throws Error for functions that the real host would not load
 */
export function createHost(
  app: FunctionApp,
  routePrefix: string,
  {
    keys,
    statuses = memoryStatuses(),
    aroundRun = (_functionName, work) => work(),
  }: HostOptions = {},
): Host {
  const { routes, timers } = loadFunctions(app.core.functions, routePrefix)
  const run: Host['run'] = (timer, isPastDue) =>
    aroundRun(timer.function.metadata.name, () => runTimer(app, timer, isPastDue, statuses))
  return {
    routes,
    timers,
    run,
    handle: async (request) => {
      // `OPTIONS *`: no function has it.
      if (request.target === '*') return bare(404)
      const target = parseRequestTarget(request.target)
      if (target === undefined) return bare(400)
      if (isAdminPath(target.path)) return adminAnswer(request, target, { timers, keys, run })
      const found = findRoute(routes, request.method, target.path)
      if (found === undefined) return hostPage(request.method, target.path)
      const { authLevel: level, function: registered } = found.route
      const wanted = { level, functionName: registered.metadata.name }
      const presented = presentedKey(request.headers, target.query)
      if (!isAdmitted(wanted, presented, keys)) return bare(401)
      return answer(app, request, target, found)
    },
  }
}

async function answer(
  app: FunctionApp,
  request: HostRequest,
  target: RequestTarget,
  { route, params }: FoundRoute,
): Promise<HostResponse> {
  try {
    const returned = await invoke(app, route, {
      http: {
        method: request.method,
        url: `http://${request.headers['host'] ?? 'localhost'}${target.encodedPath}${target.rawQuery}`,
        headers: request.headers,
        query: target.query,
        params,
        body: { bytes: receivedBody(request) },
      },
    })
    return toResponse(request.method, returned)
  } catch (error) {
    logFailure(app, route, error)
    return bare(500)
  }
}

async function runTimer(
  app: FunctionApp,
  timer: TimerFunction,
  isPastDue: boolean,
  statuses: TimerStatuses,
): Promise<void> {
  const status = timer.isMonitored ? statuses.get(timer.function.metadata.name) : undefined
  const info = {
    IsPastDue: isPastDue,
    Schedule: { AdjustForDST: true },
    ScheduleStatus:
      status === undefined
        ? null
        : { Last: status.last, Next: status.next, LastUpdated: status.lastUpdated },
  }
  try {
    await invoke(app, timer, { json: JSON.stringify(info) })
  } catch (error) {
    logFailure(app, timer, error)
  }
}

function logFailure(app: FunctionApp, failed: TriggeredFunction, error: unknown): void {
  const { name } = failed.function.metadata
  app.core.log('error', 'system', `Executed '${name}' (Failed): ${describe(error)}`)
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
