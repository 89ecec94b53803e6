import { ROUTE_PREFIX, SCIM_PATH } from '../../lib/http/routes.ts'
import { createRuntime, setRuntime } from '../../lib/runtime.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryTenantStore } from '../../lib/storage/memory/tenants.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { loadFunctionApp } from '../../tools/local-host/function-app.ts'
import { functionFiles, ROOT } from '../../tools/local-host/function-files.ts'
import { createHost } from '../../tools/local-host/host.ts'

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

/**
 * The app's own functions on the local host, without a socket, over stores in memory. It takes the place of the runtime
 * of this process, so one test file opens it once.
 *
 * @returns how to send requests as each of the tenants, in their order.
 */
export async function appInMemory(...tenantIds: readonly string[]): Promise<readonly SendAs[]> {
  const state = memoryState()
  const memberships = memoryMemberships(state)
  const tenants = memoryTenantStore()
  const resources = memoryResourceStore(state, memberships)
  setRuntime(createRuntime({ resources, memberships, tenants }))
  const host = createHost(await loadFunctionApp(functionFiles(), ROOT, () => {}), ROUTE_PREFIX)

  const sender = async (tenantId: string): Promise<SendAs> => {
    const now = new Date()
    await createTenant(tenants, { id: tenantId, name: tenantId, now })
    const { secretToken } = await issueToken(tenants, tenantId, { label: 'tests', now })
    return async (method, path, { body, headers = {} } = {}) => {
      const bytes = bytesOf(body)
      const answer = await host.handle({
        method,
        target: `${SCIM_PATH}${path}`,
        headers: {
          host: HOST,
          authorization: `Bearer ${secretToken}`,
          ...(bytes.length === 0 ? {} : { 'content-type': 'application/scim+json' }),
          'content-length': String(bytes.length),
          ...headers,
        },
        body: bytes,
      })
      const text = Buffer.from(answer.body).toString()
      return { status: answer.status, headers: answer.headers, text, json: parsed(text) }
    }
  }
  return Promise.all(tenantIds.map(sender))
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
export function textOf({ json }: MemoryAnswer, name: string): string {
  const value = json[name]
  if (typeof value !== 'string') throw new Error(`The answer has no text ${name}.`)
  return value
}

/**
 * An error answer in one line: `400 invalidSyntax: <detail>`, or `404: <detail>` without a scimType.
 *
 * @throws Error when it is none as RFC 7644 §3.12 has it
 */
export function errorOf(answer: MemoryAnswer): string {
  const { status, headers, json } = answer
  const type = headers['content-type']
  if (type !== 'application/scim+json; charset=utf-8') throw new Error(`It is ${type}.`)
  if (JSON.stringify(json['schemas']) !== JSON.stringify([MESSAGE.error]))
    throw new Error(`It is no error: ${answer.text}`)
  const kind = json['scimType'] === undefined ? '' : ` ${textOf(answer, 'scimType')}`
  if (textOf(answer, 'status') !== String(status)) throw new Error('The statuses differ.')
  return `${status}${kind}: ${textOf(answer, 'detail')}`
}
