import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'
import type { Verb } from '../../lib/service/context.ts'
import { create } from '../../lib/service/create.ts'
import { get } from '../../lib/service/get.ts'
import { list } from '../../lib/service/list.ts'
import { patch } from '../../lib/service/patch.ts'
import { replace } from '../../lib/service/replace.ts'
import { jsonOf, serviceRig } from './service-rig.ts'

type Query = Readonly<Record<string, string>>

/** The verbs on one resource type over empty stores in memory; each resolves to the body of its answer. */
export interface MemoryService {
  create(body: JsonObject, query?: Query): Promise<JsonObject>
  get(id: JsonValue | undefined, query?: Query): Promise<JsonObject>
  replace(id: JsonValue | undefined, body: JsonObject, query?: Query): Promise<JsonObject>
  patch(
    id: JsonValue | undefined,
    operations: readonly JsonObject[],
    query?: Query,
  ): Promise<JsonObject>
  /** The `userName`s or `displayName`s of what a filter finds, sorted. */
  find(filter: string): Promise<readonly string[]>
}

/** A service of any resource type, such as one with extensions that no tenant has. */
export function memoryService(resourceType: ResourceType): MemoryService {
  const { context } = serviceRig({}, [resourceType])
  const run = async (verb: Verb, request: Partial<Parameters<Verb>[2]>): Promise<JsonObject> => {
    const whole = { id: '', query: new Map<string, string>(), body: undefined, ...request }
    return jsonOf(verb(context, resourceType, whole))
  }
  return {
    create: (body, query = {}) => run(create, { body, query: queryOf(query) }),
    get: (id, query = {}) => run(get, { id: textOf(id), query: queryOf(query) }),
    replace: (id, body, query = {}) =>
      run(replace, { id: textOf(id), body, query: queryOf(query) }),
    patch: (id, Operations, query = {}) =>
      run(patch, {
        id: textOf(id),
        body: { schemas: [MESSAGE.patchOp], Operations },
        query: queryOf(query),
      }),
    async find(filter) {
      const { Resources } = await run(list, { query: new Map([['filter', filter]]) })
      const found = isArray(Resources) ? Resources.filter(isObject) : []
      return found.map((each) => textOf(each['userName'] ?? each['displayName'])).toSorted(byText)
    },
  }
}

function queryOf(query: Query): Map<string, string> {
  return new Map(Object.entries(query))
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is no string.`)
  return value
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
