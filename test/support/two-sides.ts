import { HttpRequest } from '@azure/functions'
import { endpoint, type RuntimeSource } from '../../lib/http/endpoint.ts'
import { manageEndpoint } from '../../lib/http/manage.ts'
import { verbSteps } from '../../lib/http/steps.ts'
import type { Stores } from '../../lib/runtime.ts'
import { isArray, isObject, type JsonObject } from '../../lib/scim/json.ts'
import type { Verb } from '../../lib/service/context.ts'
import { create } from '../../lib/service/create.ts'
import { remove } from '../../lib/service/delete.ts'
import { get } from '../../lib/service/get.ts'
import { list } from '../../lib/service/list.ts'
import { patch } from '../../lib/service/patch.ts'
import { replace } from '../../lib/service/replace.ts'
import { createTenant } from '../../lib/tenants/tenants.ts'
import { issueToken } from '../../lib/tenants/tokens.ts'
import { openInstance, type Instance } from './history/instance.ts'
import { seeded } from './history/random.ts'
import { matching } from './manage-client.ts'

/** What came back; a failure of ours is none. */
export interface SideAnswer {
  readonly status: number
  readonly json: JsonObject
}

/** Sends a request. */
type Send = (method: string, path: string, body?: JsonObject) => Promise<SideAnswer>

/** Both ways into a tenant on one instance of the app: the identity provider's, and the vendor's. */
export interface Sides {
  readonly scim: Send
  /** The path follows that of the tenant in the manage API. */
  readonly manage: Send
}

const VERBS: Readonly<Record<string, Verb>> = {
  POST: create,
  GET: get,
  PUT: replace,
  PATCH: patch,
  DELETE: remove,
}

/** Makes a tenant, and opens it on an instance for each of the stores, which share their rows. */
export async function openSides(all: readonly Stores[], id: string): Promise<readonly Sides[]> {
  const [{ tenants } = none()] = all
  const now = new Date()
  await createTenant(tenants, { id, now })
  const { secretToken } = await issueToken(tenants, id, { now })
  return all.map((stores, at) => {
    const random = seeded(at + 1)
    const instance = openInstance(stores, {
      secretToken,
      random,
      now: Date.now,
      onFailure: () => undefined,
    })
    return { scim: scimThrough(instance, secretToken), manage: manageThrough(instance, id) }
  })
}

function none(): never {
  throw new Error('there are no stores')
}

let requests = 0

async function answered(
  instance: Instance,
  handlerOf: Parameters<Instance['answer']>[1],
  request: HttpRequest,
): Promise<SideAnswer> {
  requests += 1
  const { status = 200, body } = await instance.answer(`r${requests}`, handlerOf, request)
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body
  const json: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {}
  if (status >= 500) throw new Error(`${request.method} ${request.url}: ${JSON.stringify(json)}`)
  return { status, json: isObject(json) ? json : {} }
}

function scimThrough(instance: Instance, secretToken: string): Send {
  return (method, path, body) => {
    const [, type = '', id] = /^\/(User|Group)s(?:\/([^?]+))?/.exec(path) ?? []
    const verb = method === 'GET' && id === undefined ? list : (VERBS[method] ?? none())
    const request = new HttpRequest({
      method,
      url: `https://scim.example/api/scim${path}`,
      headers: {
        authorization: `Bearer ${secretToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      params: id === undefined ? {} : { id },
      ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
    })
    return answered(instance, (runtime) => endpoint(runtime, verbSteps(verb, type)), request)
  }
}

function manageThrough(instance: Instance, tenantId: string): Send {
  return (method, path, body) => {
    const whole = `tenants/${tenantId}/${path}`
    const [plain = ''] = whole.split('?')
    const { operation, params } = matching(method, plain) ?? none()
    const request = new HttpRequest({
      method,
      url: `https://localhost/api/manage/${whole}`,
      headers: {
        host: 'localhost',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      params,
      ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
    })
    const handlerOf = (runtime: RuntimeSource): ReturnType<typeof manageEndpoint> =>
      manageEndpoint(runtime, operation.name)
    return answered(instance, handlerOf, request)
  }
}

/** The objects in a list of an answer; none where it is absent. */
export function objectsIn({ json }: SideAnswer, name: string): readonly JsonObject[] {
  const all = json[name]
  return isArray(all) ? all.filter(isObject) : []
}
