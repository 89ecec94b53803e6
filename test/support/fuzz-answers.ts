import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'
import type { HostRequest, HostResponse } from '../../tools/local-host/host.ts'
import { hostPage } from '../../tools/local-host/host-page.ts'
import { parseRequestTarget } from '../../tools/local-host/request-target.ts'
import { findRoute } from '../../tools/local-host/routes.ts'
import { checkAnswer, type Answer } from '../conformance/answer.ts'
import { SECRET } from './fuzz-attributes.ts'
import type { FuzzEndpoint } from './fuzz-endpoint.ts'

/** What every object inherits, before any request. */
const INHERITED = [Object.prototype, Array.prototype, Function.prototype].map((each) => ({
  prototype: each,
  names: Reflect.ownKeys(each),
}))

/** One request as it was sent, and what came back. */
export interface Exchange {
  readonly request: HostRequest
  readonly answer: Answer
  /** Parsed; undefined when there is none. */
  readonly body: JsonValue | undefined
  readonly milliseconds: number
}

/** Sends a request; an answer that is neither JSON nor the host's own page is an error. */
export async function exchange({ host }: FuzzEndpoint, request: HostRequest): Promise<Exchange> {
  const started = performance.now()
  const response = await host.handle(request)
  const milliseconds = performance.now() - started
  const answer = toAnswer(response)
  const isPage = answer.headers['content-type'] === 'text/html'
  return { request, answer, body: isPage ? undefined : parse(answer.body), milliseconds }
}

function toAnswer({ status, headers, body }: HostResponse): Answer {
  return { status, headers, body: Buffer.from(body).toString() }
}

function parse(text: string): JsonValue | undefined {
  if (text === '') return undefined
  const value: unknown = JSON.parse(text)
  return isObject(value) ? value : null
}

/**
 * What must hold whatever is sent.
 * @returns what does not, in words; empty when all does
 */
export function problemsOf(
  endpoint: FuzzEndpoint,
  { request, answer, body, milliseconds }: Exchange,
): readonly string[] {
  const problems = [...checkInheritance(), ...checkLeaks(endpoint, answer)]
  if (milliseconds > endpoint.longest) problems.push(`it took ${Math.round(milliseconds)} ms`)
  const served = servedPath(endpoint, request)
  if (served === undefined) {
    // The Functions host itself answers, or a function as it does: nothing has the route or the method.
    const path = parseRequestTarget(request.target)?.path ?? ''
    const { status } = hostPage(request.method, path)
    // The host answers 401 before it looks for a function, where a key is asked for.
    const isGuarded = /^\/(?:admin|runtime|api\/manage)(?:\/|$)/i.test(path)
    if (![400, status, ...(isGuarded ? [401] : [])].includes(answer.status))
      problems.push(`unserved, it is ${answer.status}`)
    return problems
  }
  if (served.path === '/api/health') return problems
  problems.push(...checkStatus(answer.status, served.path))
  if (request.method === 'HEAD') return [...problems, ...checkHead(answer)]
  const { origin } = new URL(`http://${request.headers['host'] ?? 'localhost'}`)
  const baseUrl = `${origin}/api/scim`
  if (isBulkResponse(body)) return [...problems, ...checkBulk(answer, body, baseUrl)]
  return [...problems, ...checkAnswer(answer, body, baseUrl)]
}

/** The path as it is served; undefined of what leads to nothing. A repeated slash is one. */
function servedPath(
  { host }: FuzzEndpoint,
  { method, target }: HostRequest,
): { path: string } | undefined {
  const path = parseRequestTarget(target)?.path
  if (path === undefined || findRoute(host.routes, method, path) === undefined) return undefined
  const served = path.toLowerCase().replace(/\/{2,}/g, '/')
  return /^\/api\/(?:health$|scim(?:\/|$))/.test(served) ? { path: served } : undefined
}

/** Only what is documented as not implemented may fail on our side. */
function checkStatus(status: number, path: string): readonly string[] {
  const isMe = /^\/api\/scim\/me\/?$/.test(path)
  if (status < 200 || (status >= 500 && !(status === 501 && isMe)))
    return [`the status is ${status}`]
  return []
}

function isBulkResponse(body: JsonValue | undefined): body is JsonObject {
  if (!isObject(body)) return false
  const { schemas } = body
  return isArray(schemas) && schemas.includes(MESSAGE.bulkResponse)
}

/** The operations of a BulkResponse are answers, too; those that failed have an error's body. */
function checkBulk({ headers }: Answer, body: JsonObject, baseUrl: string): readonly string[] {
  const { Operations: operations } = body
  if (!isArray(operations)) return ['Operations is no array']
  return operations.flatMap((operation, index) => {
    const { status, response } = isObject(operation) ? operation : {}
    if (typeof status !== 'string' || !/^[234]\d\d$/.test(status)) {
      return [`operation ${index} has the status ${JSON.stringify(status)}`]
    }
    if ((response !== undefined) !== status.startsWith('4')) {
      return [`operation ${index} with ${status} has the response ${JSON.stringify(response)}`]
    }
    if (response === undefined) return []
    const answer = { status: Number(status), headers, body: JSON.stringify(response) }
    return checkAnswer(answer, response, baseUrl)
  })
}

function checkHead({ status, headers, body }: Answer): readonly string[] {
  const problems = body === '' ? [] : ['an answer to HEAD has a body']
  const type = headers['content-type']
  if (status !== 304 && type !== 'application/scim+json; charset=utf-8')
    problems.push(`Content-Type is ${type}`)
  return problems
}

function checkInheritance(): readonly string[] {
  return INHERITED.flatMap(({ prototype, names }) => {
    const now = Reflect.ownKeys(prototype)
    const isSame = now.length === names.length && now.every((name, at) => name === names[at])
    return isSame ? [] : [`what every object inherits has changed: ${now.map(String).join()}`]
  })
}

/** Neither answers nor the log hold secrets, nor answers what only we should see. */
function checkLeaks({ secrets, log }: FuzzEndpoint, { headers, body }: Answer): readonly string[] {
  const told = `${JSON.stringify(headers)}${body}`
  const logged = log.splice(0).join('\n')
  const problems: string[] = []
  for (const secret of [...secrets, SECRET]) {
    if (told.includes(secret)) problems.push('the answer tells a secret')
    if (logged.includes(secret)) problems.push('the log tells a secret')
  }
  if (/\bat [^"]*:\d+:\d+|node_modules|\/lib\/\w+\//.test(told))
    problems.push('the answer shows a stack trace')
  if (/"event":"failure"|\(Failed\)/.test(logged))
    problems.push(`the log tells of a failure: ${logged}`)
  return problems
}
