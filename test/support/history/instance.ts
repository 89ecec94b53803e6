import { AsyncLocalStorage } from 'node:async_hooks'
import {
  HttpRequest,
  InvocationContext,
  type HttpHandler,
  type HttpResponseInit,
} from '@azure/functions'
import { endpoint, type HandlerRuntime, type RuntimeSource } from '../../../lib/http/endpoint.ts'
import { verbSteps } from '../../../lib/http/steps.ts'
import { createRuntime, type Stores } from '../../../lib/runtime.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { idOf } from '../../../lib/scim/resource-id.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { create } from '../../../lib/service/create.ts'
import { remove } from '../../../lib/service/delete.ts'
import { get } from '../../../lib/service/get.ts'
import { list } from '../../../lib/service/list.ts'
import { patch } from '../../../lib/service/patch.ts'
import { replace } from '../../../lib/service/replace.ts'
import type { Operation, Outcome, Seen } from './operation.ts'
import { uuid, type Random } from './random.ts'

/** One instance of the app: a runtime with its own caches and turns. */
export interface Instance {
  send(operation: Operation): Promise<Outcome>
  /** Has any handler of the instance answer a request, which has the id. */
  answer(id: string, handlerOf: HandlerOf, request: HttpRequest): Promise<HttpResponseInit>
}

/** A function of the app, on its runtime. */
type HandlerOf = (runtime: RuntimeSource) => HttpHandler

/** What an instance has of its surroundings. */
export interface Surroundings {
  readonly secretToken: string
  readonly random: Random
  readonly now: () => number
  /** Told what an instance logs of its failures. */
  readonly onFailure: (text: string) => void
}

const VERBS = {
  POST: create,
  GET: get,
  FIND: list,
  COUNT: list,
  LIST: list,
  PUT: replace,
  PATCH: patch,
  DELETE: remove,
}

export const METHODS: Readonly<Record<Operation['verb'], string>> = {
  POST: 'POST',
  GET: 'GET',
  FIND: 'GET',
  COUNT: 'GET',
  LIST: 'GET',
  PUT: 'PUT',
  PATCH: 'PATCH',
  DELETE: 'DELETE',
}

/** More than there can be. */
const MOST_LISTED = 500

const NAMES = { User: 'userName', Group: 'displayName' } as const

/** An instance on these stores. Each version names the operation that made it: `o12.1`, `o12.2`. */
export function openInstance(stores: Stores, surroundings: Surroundings): Instance {
  const { secretToken, random, now, onFailure } = surroundings
  const underWay = new AsyncLocalStorage<{ readonly id: string; versions: number }>()
  const built = createRuntime(stores, {
    now: () => new Date(now()),
    requestsPerSecond: () => Infinity,
  })
  const runtime: HandlerRuntime = {
    ...built,
    service: {
      ...built.service,
      random,
      newId: (resourceType) => idOf(resourceType, uuid(random)),
      newVersion: () => {
        const operation = underWay.getStore() ?? { id: 'none', versions: 0 }
        operation.versions += 1
        return `${operation.id}.${operation.versions}`
      },
    },
  }
  const source: RuntimeSource = async () => runtime
  const handlers = new Map<string, HandlerOf>()
  for (const [verb, operation] of Object.entries(VERBS)) {
    for (const type of ['User', 'Group']) {
      const handler = endpoint(source, verbSteps(operation, type))
      handlers.set(`${verb} ${type}`, () => handler)
    }
  }
  const answer: Instance['answer'] = async (id, handlerOf, request) => {
    const context = new InvocationContext({
      invocationId: id,
      functionName: 'history',
      logHandler: (level, ...texts) => {
        if (level === 'error') onFailure(`${id} ${texts.map(String).join(' ')}`)
      },
    })
    const handler = handlerOf(source)
    const answered = await underWay.run({ id, versions: 0 }, async () => handler(request, context))
    if (!isAnswer(answered)) throw new Error('there is no answer')
    return answered
  }
  return {
    answer,
    async send(operation) {
      const handlerOf = handlers.get(`${operation.verb} ${operation.type}`)
      if (handlerOf === undefined) throw new Error(`there is no ${operation.verb}`)
      const request = toRequest(operation, secretToken)
      return toOutcome(await answer(operation.id, handlerOf, request))
    },
  }
}

function isAnswer(answer: unknown): answer is HttpResponseInit {
  return isObject(answer) && typeof answer['status'] === 'number'
}

function toRequest(operation: Operation, secretToken: string): HttpRequest {
  const { verb, type, resource, ifMatch } = operation
  const body = bodyOf(operation)
  return new HttpRequest({
    method: METHODS[verb],
    url: `https://scim.example/api/scim/${type}s${resource === undefined ? '' : `/${resource}`}${queryOf(operation)}`,
    headers: {
      authorization: `Bearer ${secretToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': `W/"${ifMatch}"` }),
    },
    params: resource === undefined ? {} : { id: resource },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
  })
}

function queryOf({ verb, type, find }: Operation): string {
  if (verb === 'COUNT') return '?count=0'
  if (verb === 'LIST') return `?count=${MOST_LISTED}`
  if (find === undefined) return ''
  const attribute = find.by === 'name' ? NAMES[type] : find.by
  return `?filter=${encodeURIComponent(`${attribute} eq ${JSON.stringify(find.value)}`)}`
}

export function bodyOf(operation: Operation): JsonObject | undefined {
  const { verb, type, name, externalId, members } = operation
  const attributes: JsonObject = {
    ...(name === undefined ? {} : { [NAMES[type]]: name }),
    ...(externalId === undefined ? {} : { externalId }),
  }
  if (verb === 'PATCH')
    return { schemas: [MESSAGE.patchOp], Operations: changes(operation, attributes) }
  if (verb !== 'POST' && verb !== 'PUT') return undefined
  return {
    schemas: [type === 'User' ? URN.user : URN.group],
    ...attributes,
    ...(members === undefined ? {} : { members: asMembers(members) }),
  }
}

function changes({ add, remove: gone }: Operation, attributes: JsonObject): readonly JsonValue[] {
  return [
    ...Object.entries(attributes).map(([path, value]) => ({ op: 'replace', path, value })),
    ...(add === undefined ? [] : [{ op: 'add', path: 'members', value: asMembers(add) }]),
    ...(gone === undefined ? [] : [{ op: 'remove', path: 'members', value: asMembers(gone) }]),
  ]
}

function asMembers(ids: readonly string[]): readonly JsonObject[] {
  return ids.map((value) => ({ value }))
}

function toOutcome({ status = 200, headers, body }: HttpResponseInit): Outcome {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body
  const parsed: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {}
  const json = isObject(parsed) ? parsed : {}
  const { Resources, totalResults, scimType } = json
  const resources = isArray(Resources) ? Resources.filter(isObject) : [json]
  return {
    status,
    scimType: typeof scimType === 'string' ? scimType : undefined,
    version: versionIn(new Headers(Object.entries(headers ?? {})).get('etag')),
    seen: status < 300 ? resources.flatMap(toSeen) : [],
    total: typeof totalResults === 'number' ? totalResults : undefined,
  }
}

function toSeen(resource: JsonObject): readonly Seen[] {
  const { id, userName, displayName, externalId, meta } = resource
  const name = userName ?? displayName
  const version = versionIn(isObject(meta) ? meta['version'] : undefined)
  if (typeof id !== 'string' || typeof name !== 'string' || version === undefined) return []
  return [
    {
      id,
      version,
      name,
      externalId: typeof externalId === 'string' ? externalId : undefined,
      members: userName === undefined ? idsIn(resource['members']) : undefined,
      groups: userName === undefined ? undefined : idsIn(resource['groups']),
    },
  ]
}

function idsIn(members: JsonValue | undefined): readonly string[] {
  const elements = isArray(members) ? members.filter(isObject) : []
  return elements.map(({ value }) => value).filter((value) => typeof value === 'string')
}

function versionIn(etag: unknown): string | undefined {
  return typeof etag === 'string' ? /^W\/"(.*)"$/.exec(etag)?.[1] : undefined
}
