import { AsyncLocalStorage } from 'node:async_hooks'
import { styleText } from 'node:util'
import { SCIM_PATH } from '../../lib/http/routes.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { countCalls } from '../../lib/storage/calls.ts'
import { failureLines } from './failure-lines.ts'
import type { LogSink } from './functions-core.ts'
import type { AroundRun, Host, HostRequest, HostResponse } from './host.ts'
import { parseRequestTarget } from './request-target.ts'

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
  readonly serve: (host: Pick<Host, 'handle'>, request: HostRequest) => Promise<HostResponse>
  /** Does a run of a timer, and prints its line. */
  readonly aroundRun: AroundRun
  /** Prints the line of a request that the web server refused. */
  readonly refused: (status: number, why: string) => void
}

/** Longest path that is shown, in characters. */
const PATH_CHARACTERS = 200

/**
 * @param print writes a line of the log.
 * @param root of the project: frames of its own files only are shown.
 * @param quiet no line for a request or a timer that did not fail on our side.
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
      if (OF_REQUESTS.has(line?.['event']))
        Object.assign(requests.getStore() ?? {}, toldBy(line ?? {}))
      else if (line?.['event'] === 'failure') print(failureLines(line, invocationId ?? '', root))
      else if (line?.['event'] === 'missingTables') print(missingTables(line, invocationId ?? ''))
      else if (LOUD.has(level)) print(`${level}: ${inOneLine(message)}`)
    },
    serve: async (host, request) => {
      if (quiet) return host.handle(request)
      const told: Told = {}
      const { result, cost } = await measured(() => requests.run(told, () => host.handle(request)))
      print(requestLine(request, result, told, cost))
      return result
    },
    refused: (status, why) => {
      if (!quiet) print(`${coloured(status)} ${why}`)
    },
    aroundRun: async (functionName, work) => {
      // What starts it may be a request, whose line it is not.
      const { cost } = await measured(() => requests.run({}, work))
      if (!quiet) print(`timer ${functionName} ${cost}`)
    },
  }
}

function missingTables({ operation, tables }: JsonObject, invocationId: string): string {
  const names = Array.isArray(tables) ? tables.map(String).join(', ') : ''
  const of = typeof operation === 'string' ? operation : ''
  return `${invocationId} ${of}: tables that are missing in the storage: ${names}`
}

/** What it took of time and storage, for the log. */
async function measured<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly cost: string }> {
  const started = performance.now()
  const { result, calls } = await countCalls(work)
  const milliseconds = Math.round(performance.now() - started)
  return { result, cost: `${milliseconds} ms, storage calls: ${calls}` }
}

/** The app's own lines that are about one request. */
const OF_REQUESTS: ReadonlySet<unknown> = new Set(['scim', 'oauth', 'manage'])

const LOUD: ReadonlySet<string> = new Set(['warning', 'error', 'critical'])

function toldBy({ error, oauthError, reason, ignored }: JsonObject): Told {
  const kind = oauthError ?? error
  return {
    ...(typeof kind === 'string' ? { kind } : {}),
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
  return withoutTokens(why === undefined ? `${head} ${facts}` : `${head} ${why} (${facts})`)
}

/** What the host itself refused, with an empty body. */
const NO_KEY =
  'No key, or not the right one: x-functions-key or ?code= wants one of those in host-keys.json.'

/** What the client was told, values included. */
function whyRefused({ status, body }: HostResponse, kind: string | undefined): string | undefined {
  const told = jsonObject(Buffer.from(body).toString()) ?? {}
  const detail = told['detail'] ?? told['error_description']
  if (typeof detail === 'string') return `${kind ?? ''}: ${inOneLine(detail)}`
  if (status === 401 && body.length === 0) return NO_KEY
  if (status !== 404) return undefined
  return `No function has this path. The Tenant URL ends in ${SCIM_PATH}.`
}

/** A Secret Token in a URL or a name is a mistake, and no reason to keep it. */
const SECRET_TOKEN = /(scims?_[a-z0-9-]+_[a-z0-9]+_)\w+/gi

/** A function key, which Azure takes in the query, too. */
const FUNCTION_KEY = /(code=)[^&/ ]+/gi

function withoutTokens(line: string): string {
  return line.replace(SECRET_TOKEN, '$1…').replace(FUNCTION_KEY, '$1…')
}

function shownPath(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split('?')
  const decoded = parseRequestTarget(target)?.path ?? path
  const shown = inOneLine(withoutTokens(decoded.search(SECRET_TOKEN) === -1 ? path : decoded))
  return shown.length > PATH_CHARACTERS ? `${shown.slice(0, PATH_CHARACTERS)}…` : shown
}

/** What a client sent must not move the cursor, nor look like a line of its own. */
function inOneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (hidden) => `\\u${(hidden.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
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
