import { HttpRequest, type HttpResponseInit } from '@azure/functions'
import { endpoint } from '../../../lib/http/endpoint.ts'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { verbSteps } from '../../../lib/http/steps.ts'
import { isObject, type JsonObject } from '../../../lib/scim/json.ts'
import type { Verb } from '../../../lib/service/context.ts'
import { create } from '../../../lib/service/create.ts'
import { remove } from '../../../lib/service/delete.ts'
import { list } from '../../../lib/service/list.ts'
import { patch } from '../../../lib/service/patch.ts'
import type { Instance } from './instance.ts'
import type { TypeName } from './operation.ts'
import type { World } from './world.ts'

/** What came back; an empty object when the body is none. */
export interface Answered {
  readonly status: number
  readonly json: JsonObject
}

const VERBS = {
  POST: create,
  GET: list,
  PATCH: patch,
  DELETE: remove,
} as const satisfies Record<string, Verb>

/** A request of an identity provider. */
export interface ScimRequest {
  readonly method: keyof typeof VERBS
  readonly type: TypeName
  readonly id?: string | undefined
  /** With its question mark. */
  readonly query?: string
  readonly body?: JsonObject | undefined
}

/** @param name of the request, which the versions that it makes have in them. */
export async function scim(
  { secretToken }: Pick<World, 'secretToken'>,
  instance: Instance,
  name: string,
  { method, type, id, query = '', body }: ScimRequest,
): Promise<Answered> {
  const request = new HttpRequest({
    method,
    url: `https://scim.example/api/scim/${type}s${id === undefined ? '' : `/${id}`}${query}`,
    headers: {
      authorization: `Bearer ${secretToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
    },
    params: id === undefined ? {} : { id },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
  })
  const answer = await instance.answer(
    name,
    (runtime) => endpoint(runtime, verbSteps(VERBS[method], type)),
    request,
  )
  return answered(answer)
}

/** A request of an application to the manage API. */
export interface ManageRequest {
  /** Of the function. */
  readonly name: string
  readonly method?: string
  /** Below the tenant. */
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  readonly body?: JsonObject
}

let requests = 0

export async function manage(
  { tenant }: Pick<World, 'tenant'>,
  instance: Instance,
  { name, method = 'GET', path, params = {}, body }: ManageRequest,
): Promise<Answered> {
  requests += 1
  const request = new HttpRequest({
    method,
    url: `https://localhost/api/manage/tenants/${tenant.id}/${path}`,
    headers: {
      host: 'localhost',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    params: { id: tenant.id, ...params },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
  })
  const answer = await instance.answer(
    `m${requests}`,
    (runtime) => manageEndpoint(runtime, name),
    request,
  )
  return answered(answer)
}

function answered({ status = 200, body }: HttpResponseInit): Answered {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body
  const parsed: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {}
  return { status, json: isObject(parsed) ? parsed : {} }
}

/** One of the instances: each in its turn. */
export function instanceOf({ instances }: Pick<World, 'instances'>, turn: number): Instance {
  const instance = instances[turn % instances.length]
  if (instance === undefined) throw new Error('there is no instance')
  return instance
}
