import type { HandlerRuntime } from '../../lib/http/endpoint.ts'
import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { createRuntime, setRuntime, type RuntimeOptions, type Stores } from '../../lib/runtime.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { loadFunctionApp, type FunctionApp } from '../../tools/local-host/function-app.ts'
import { functionFiles, ROOT } from '../../tools/local-host/function-files.ts'
import { createHost, type Host } from '../../tools/local-host/host.ts'
import type { HostKeys } from '../../tools/local-host/host-keys.ts'
import type { Answer } from '../conformance/answer.ts'

const HOST = 'scim.example'

/** The Tenant URL of every tenant. */
export const BASE_URL = `http://${HOST}${SCIM_PATH}`

/** What came back: header names in lower case, the body as text and, when it is a JSON object, parsed. */
export interface MemoryAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: JsonObject
}

/** Sends one request as a tenant; `path` follows the Tenant URL, bytes go out as they are, all else as JSON. */
export type SendAs = (
  method: string,
  path: string,
  options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
) => Promise<MemoryAnswer>

/** Sends a request as it is, with no header but its host and length; `path` follows the Tenant URL. */
type Send = (request: {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}) => Promise<Answer>

/** The app's own functions on the local host, without a socket. */
export interface MemoryApp {
  readonly host: Host
  readonly stores: Stores
  readonly send: Send
  /** Creates a tenant with one Secret Token. */
  readonly tenant: (id: string) => Promise<{ readonly secretToken: string; readonly send: SendAs }>
}

/** What a test may have otherwise. */
export interface MemoryAppOptions {
  /** New ones in memory when absent. */
  readonly stores?: Stores
  /** How it is made, where that is not as usual. */
  readonly runtime?: RuntimeOptions
  /** Changes the runtime that the functions work with. */
  readonly adjust?: (runtime: HandlerRuntime) => HandlerRuntime
  /** Takes what the functions log. */
  readonly log?: (message: string) => unknown
  /** The function keys that the host asks for; it asks for none when absent. */
  readonly keys?: HostKeys
  /** The rate of each tenant; unlimited when absent. */
  readonly requestsPerSecond?: number
}

// `@azure/functions` registers functions once in a process, so that all apps of a process are this one.
let loaded: Promise<FunctionApp> | undefined
let takeLog: (message: string) => unknown = () => {}

/** A new app, with nothing stored, in place of the one before: the functions of a process have one runtime. */
export async function memoryApp({
  stores = memoryStores(),
  runtime = {},
  adjust = (made) => made,
  log = () => {},
  keys,
  requestsPerSecond = Infinity,
}: MemoryAppOptions = {}): Promise<MemoryApp> {
  takeLog = log
  const options = { requestsPerSecond: () => requestsPerSecond, ...runtime }
  setRuntime(adjust(createRuntime(stores, options)))
  // Behind the runtime: the functions look for it when they start.
  loaded ??= loadFunctionApp(functionFiles(), ROOT, (_level, _category, message) => {
    takeLog(message)
  })
  const host = createHost(await loaded, ROUTE_PREFIX, keys === undefined ? {} : { keys })
  const send = senderTo(host)
  return {
    host,
    stores,
    send,
    tenant: async (id) => {
      const now = new Date()
      await createTenant(stores.tenants, { id, name: id, now })
      const { secretToken } = await issueToken(stores.tenants, id, { label: 'tests', now })
      return { secretToken, send: senderWith(send, secretToken) }
    },
  }
}

function senderTo(host: Host): Send {
  return async ({ method, path, headers, body = '' }) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const answer = await host.handle({
      method,
      target: `${SCIM_PATH}${path}`,
      headers: { host: HOST, 'content-length': String(bytes.length), ...headers },
      body: bytes,
    })
    return { ...answer, body: Buffer.from(answer.body).toString() }
  }
}

function senderWith(send: Send, secretToken: string): SendAs {
  return async (method, path, { body, headers = {} } = {}) => {
    const bytes = bytesOf(body)
    const type = bytes.length === 0 ? {} : { 'content-type': 'application/scim+json' }
    const { status, ...answer } = await send({
      method,
      path,
      headers: { authorization: `Bearer ${secretToken}`, ...type, ...headers },
      body: bytes,
    })
    return { status, headers: answer.headers, text: answer.body, json: parsed(answer.body) }
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  return body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body))
}

function parsed(text: string): JsonObject {
  const value: unknown = text === '' ? {} : JSON.parse(text)
  return isObject(value) ? value : {}
}

/** A member that must be a string, such as an id. */
export function textOf({ json }: Pick<MemoryAnswer, 'json'>, name: string): string {
  const value = json[name]
  if (typeof value !== 'string') throw new Error(`The answer has no text ${name}.`)
  return value
}

/**
 * An error answer in one line: `400 invalidSyntax: <detail>`, or `404: <detail>` without a scimType.
 *
 * @throws Error when it is none as RFC 7644 §3.12 has it
 */
export function errorAnswer(answer: MemoryAnswer): string {
  const { status, headers, json } = answer
  const type = headers['content-type']
  if (type !== 'application/scim+json; charset=utf-8') throw new Error(`It is ${type}.`)
  if (JSON.stringify(json['schemas']) !== JSON.stringify([MESSAGE.error]))
    throw new Error(`It is no error: ${answer.text}`)
  const kind = json['scimType'] === undefined ? '' : ` ${textOf(answer, 'scimType')}`
  if (textOf(answer, 'status') !== String(status)) throw new Error('The statuses differ.')
  return `${status}${kind}: ${textOf(answer, 'detail')}`
}
