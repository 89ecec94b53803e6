import { isObject } from '../../lib/scim/json.ts'
import type { HostRequest, HostResponse } from './host.ts'
import { type HostKeys, isAdmitted, presentedKey } from './host-keys.ts'
import type { RequestTarget } from './request-target.ts'
import type { TimerFunction } from './timer-function.ts'

/** The paths of the host's own APIs, which the host takes before any function. */
const ADMIN = /^\/(?:admin|runtime\/webhooks)\//i
const FUNCTION = /^\/admin\/functions\/([^/]+)\/?$/i

interface Administered {
  readonly timers: readonly TimerFunction[]
  readonly keys: HostKeys | undefined
  readonly run: (timer: TimerFunction, isPastDue: boolean) => Promise<void>
}

export function isAdminPath(path: string): boolean {
  return ADMIN.test(path)
}

/**
 * The host's own API, with the master key: `POST /admin/functions/{name}` runs a function that has no HTTP trigger. How it
 * went is in the log alone, as on Azure.
 */
export function adminAnswer(
  request: HostRequest,
  { path, query }: RequestTarget,
  { timers, keys, run }: Administered,
): HostResponse {
  if (!isAdmitted({ level: 'admin' }, presentedKey(request.headers, query), keys)) {
    return bare(401, { 'www-authenticate': 'Bearer' })
  }
  const name = FUNCTION.exec(path)?.[1]?.toLowerCase()
  const timer = timers.find((each) => each.function.metadata.name.toLowerCase() === name)
  if (timer === undefined || request.method.toUpperCase() !== 'POST') return bare(404)
  if (!isInvocation(request)) return bare(400)
  void run(timer, false)
  return bare(202)
}

/** `FunctionInvocation` of the host: an object, its `input` is text. */
function isInvocation({ headers, body }: HostRequest): boolean {
  if (!/^application\/(?:[\w.-]+\+)?json(?: *;|$)/i.test(headers['content-type'] ?? ''))
    return false
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    const input = isObject(value) ? (value['input'] ?? '') : undefined
    return typeof input === 'string'
  } catch {
    return false
  }
}

function bare(status: number, headers: Readonly<Record<string, string>> = {}): HostResponse {
  return { status, headers, body: new Uint8Array() }
}
