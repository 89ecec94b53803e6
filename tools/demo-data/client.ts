import { SCIM_PATH } from '../../lib/http/routes.ts'
import type { JsonObject } from '../../lib/scim/json.ts'
import type { Host } from '../local-host/host.ts'

/** What a request was answered with; no body is undefined. */
export interface ScimAnswer {
  readonly status: number
  readonly json: unknown
}

/** Sends one request as a tenant; `path` follows the Tenant URL. */
export type SendScim = (method: string, path: string, body?: JsonObject) => Promise<ScimAnswer>

/** Sends to the functions of this process, without a socket. */
export function scimClient(host: Host, secretToken: string): SendScim {
  return async (method, path, body) => {
    const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body))
    const answer = await host.handle({
      method,
      target: `${SCIM_PATH}${path}`,
      headers: {
        host: 'localhost',
        authorization: `Bearer ${secretToken}`,
        'content-length': String(bytes.length),
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      body: bytes,
    })
    const text = Buffer.from(answer.body).toString()
    const json: unknown = text === '' ? undefined : JSON.parse(text)
    return { status: answer.status, json }
  }
}
