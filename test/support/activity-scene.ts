import { ACTIVITY, HEALTH } from '../../lib/manage/activity-answers.ts'
import type { Stores } from '../../lib/runtime.ts'
import { isObject, type JsonObject } from '../../lib/scim/json.ts'
import { backingOf } from '../../tools/tenant/backing.ts'
import { run } from '../../tools/tenant/run.ts'
import { memoryApp, textOf } from './memory-app.ts'

/** What a client sends with each request. */
type Headers = Readonly<Record<string, string>>

/** As identity providers give themselves away. */
export const ENTRA: Headers = { adscimversion: '062020' }
export const OKTA: Headers = { 'user-agent': 'Okta SCIM Client 1.0.0' }

const KEYS = { master: 'the master key', host: 'the host key' }

export interface SceneAnswer {
  readonly status: number
  /** With names in lower case. */
  readonly headers: Headers
  readonly json: JsonObject
}

/** Sends SCIM requests with one credential. */
type SceneClient = (method: string, path: string, body?: JsonObject) => Promise<SceneAnswer>

/** The whole product on stores, at a time that a test sets: what customers send, what an operator asks, what support types. */
export interface Scene {
  at: Date
  /** A client of a tenant, with a credential of its own that the operator has issued. */
  client(tenantId: string, label: string, headers?: Headers): Promise<SceneClient>
  /** What the functions have logged. */
  readonly log: readonly string[]
  /** The manage API, as `X-Actor` ana; a text goes out as it is. */
  manage(
    method: string,
    path: string,
    body?: JsonObject | string,
    headers?: Headers,
  ): Promise<SceneAnswer>
  activity(path: string): Promise<ReturnType<typeof ACTIVITY.parse>>
  health(tenantId: string): Promise<ReturnType<typeof HEALTH.parse>>
  /** The lines that `npm run tenant --` prints, without the time that those of the activity begin with. */
  cli(...args: readonly string[]): Promise<readonly string[]>
}

export async function openScene(stores: Stores, at: string): Promise<Scene> {
  const log: string[] = []
  const { host, send } = await memoryApp({
    stores,
    keys: KEYS,
    log: (line) => log.push(line),
    runtime: { now: () => scene.at, notesActivity: true },
  })
  const scene: Scene = {
    at: new Date(at),
    log,
    async client(tenantId, label, headers = {}) {
      const { status } = await scene.manage('GET', `tenants/${tenantId}`)
      if (status === 404) await scene.manage('POST', 'tenants', { id: tenantId })
      const issued = await scene.manage('POST', `tenants/${tenantId}/credentials`, {
        kind: 'token',
        label,
      })
      const token = textOf(issued, 'secret')
      return async (method, path, body) => {
        const answer = await send({
          method,
          path,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/scim+json',
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        return answered(answer, answer.body)
      }
    },
    async manage(method, path, body, headers = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const bytes = body === undefined ? new Uint8Array() : Buffer.from(text)
      const answer = await host.handle({
        method,
        target: `/api/manage/${path}`,
        headers: {
          host: 'localhost',
          'x-functions-key': KEYS.host,
          'content-type': 'application/json',
          'content-length': String(bytes.length),
          'x-actor': 'ana',
          ...headers,
        },
        body: bytes,
      })
      return answered(answer, Buffer.from(answer.body).toString())
    },
    activity: async (path) => ACTIVITY.parse((await scene.manage('GET', `tenants/${path}`)).json),
    health: async (tenantId) =>
      HEALTH.parse((await scene.manage('GET', `tenants/${tenantId}/health`)).json),
    cli: (...args) => printed(stores, scene.at, args),
  }
  return scene
}

function answered(
  { status, headers }: Pick<SceneAnswer, 'status' | 'headers'>,
  text: string,
): SceneAnswer {
  const parsed: unknown = text === '' ? {} : JSON.parse(text)
  return { status, headers, json: isObject(parsed) ? parsed : {} }
}

async function printed(
  stores: Stores,
  at: Date,
  args: readonly string[],
): Promise<readonly string[]> {
  const lines: string[] = []
  const code = await run(args, {
    environment: { TABLES_CONNECTION_STRING: 'UseDevelopmentStorage=true' },
    readText: () => undefined,
    now: () => at,
    settle: async () => {},
    out: (text) => lines.push(...text.split('\n')),
    err: (text) => lines.push(...text.split('\n')),
    open: async () => {
      return { ...backingOf(stores), createTables: async () => {} }
    },
  })
  const shown = lines.filter((line) => !line.startsWith('using '))
  if (code !== 0) throw new Error(shown.join('\n'))
  return shown.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
}
