import { AsyncLocalStorage } from 'node:async_hooks'
import { styleText } from 'node:util'
import { SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { failureLines } from './failure-lines.ts'
import type { LogSink } from './functions-core.ts'
import type { Host, HostRequest, HostResponse } from './host.ts'

/** What the app's own line tells of the request that is being served. */
interface Told {
  kind?: string
  reason?: string
  ignored?: string
}

/** The log of `npm start`: it explains to whoever sits before it, so it has paths and values that Azure's has not. */
export interface RequestLog {
  /** Takes what the app says. */
  readonly sink: LogSink
  /** Serves a request, and prints its line. */
  readonly serve: (host: Host, request: HostRequest) => Promise<HostResponse>
}

/** Longest path that is shown, in characters. */
const PATH_CHARACTERS = 200

/**
 * @param print writes a line of the log.
 * @param root of the project: frames of its own files only are shown.
 * @param quiet no line for a request that did not fail on our side.
 */
export function createRequestLog(
  print: (line: string) => void,
  root: string,
  quiet: boolean,
): RequestLog {
  const requests = new AsyncLocalStorage<Told>()
  return {
    sink: (level, _category, message, invocationId) => {
      const line = jsonObject(message)
      if (line?.['event'] === 'scim') Object.assign(requests.getStore() ?? {}, toldBy(line))
      else if (line?.['event'] === 'failure') print(failureLines(line, invocationId ?? '', root))
      else if (LOUD.has(level)) print(`${level}: ${inOneLine(message)}`)
    },
    serve: async (host, request) => {
      if (quiet) return host.handle(request)
      const started = performance.now()
      const told: Told = {}
      const { result, calls } = await countCalls(() =>
        requests.run(told, () => host.handle(request)),
      )
      const milliseconds = Math.round(performance.now() - started)
      print(requestLine(request, result, told, `${milliseconds} ms, storage calls: ${calls}`))
      return result
    },
  }
}

const LOUD: ReadonlySet<string> = new Set(['warning', 'error', 'critical'])

function toldBy({ error, reason, ignored }: JsonObject): Told {
  return {
    ...(typeof error === 'string' ? { kind: error } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(Array.isArray(ignored) ? { ignored: ignored.map(String).join(', ') } : {}),
  }
}

/** `POST /api/scim/Users 400 invalidValue: userName is required. (2 ms, storage calls: 0)` */
function requestLine(
  { method, target }: HostRequest,
  response: HostResponse,
  { kind, reason, ignored }: Told,
  cost: string,
): string {
  const { status } = response
  const head = `${inOneLine(method)} ${shownPath(target)} ${coloured(status)}`
  const facts = [
    cost,
    ...(reason === undefined ? [] : [reason]),
    ...(ignored === undefined ? [] : [`ignored: ${ignored}`]),
  ].join(', ')
  const why = status < 400 ? undefined : whyRefused(response, kind)
  return why === undefined ? `${head} ${facts}` : `${head} ${why} (${facts})`
}

/** What the client was told, values included. */
function whyRefused({ status, body }: HostResponse, kind: string | undefined): string | undefined {
  const { detail } = jsonObject(Buffer.from(body).toString()) ?? {}
  if (typeof detail === 'string') return `${kind ?? ''}: ${inOneLine(detail)}`
  if (status !== 404) return undefined
  return `No function has this path. The Tenant URL ends in ${SCIM_PATH}.`
}

/** A Secret Token in a URL is a mistake, and no reason to keep it. */
const SECRET_TOKEN = /(scim_[a-z0-9-]+_[a-z0-9]+_)\w+/gi

function shownPath(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split('?')
  const shown = inOneLine(path.replace(SECRET_TOKEN, '$1…'))
  return shown.length > PATH_CHARACTERS ? `${shown.slice(0, PATH_CHARACTERS)}…` : shown
}

/** What a client sent must not move the cursor, nor look like a line of its own. */
function inOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1))
}

const COLOURS = [
  [500, 'red'],
  [400, 'yellow'],
  [0, 'green'],
] as const

/** On a terminal, unless NO_COLOR is set. */
function coloured(status: number): string {
  const [, colour = 'green'] = COLOURS.find(([from]) => status >= from) ?? []
  return styleText(colour, String(status))
}

function jsonObject(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
