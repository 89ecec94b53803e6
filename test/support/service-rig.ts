import { createHmac } from 'node:crypto'
import { writeResult } from '../../lib/http/write-response.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../lib/scim/default-resource-types.ts'
import { IgnoredNames } from '../../lib/scim/ignored-names.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { LIMITS } from '../../lib/scim/limits.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'
import type {
  NotedOperation,
  ScimRequest,
  ScimResult,
  ServiceContext,
  Verb,
} from '../../lib/service/context.ts'
import { create } from '../../lib/service/create.ts'
import { get } from '../../lib/service/get.ts'
import { list } from '../../lib/service/list.ts'
import { patch } from '../../lib/service/patch.ts'
import { replace } from '../../lib/service/replace.ts'
import { Turns } from '../../lib/service/turns.ts'
import { deadlineIn, type Deadline } from '../../lib/storage/deadline.ts'
import { memoryStores } from '../../lib/storage/memory/stores.ts'
import type { MembershipStore, ResourceStore } from '../../lib/storage/port.ts'

/** What a test may put between the verbs and the stores in memory. */
export interface Between {
  readonly store?: (real: ResourceStore) => Partial<ResourceStore>
  readonly memberships?: (real: MembershipStore) => Partial<MembershipStore>
}

/** The verbs' context over empty stores in memory, with a clock that only the test and its pauses move. */
export interface Rig {
  readonly context: ServiceContext
  /** Milliseconds since 1970. */
  readonly clock: { now: number }
  /** The pauses that were made, in milliseconds. */
  readonly pauses: readonly number[]
  /** What was passed to `report`. */
  readonly reported: readonly unknown[]
  /** What was passed to `noteIgnored`. */
  readonly ignored: IgnoredNames
  /** What was passed to `noteNamed`. */
  readonly named: Set<string>
  /** What was passed to `noteOperation`. */
  readonly operations: readonly NotedOperation[]
  /** How often each method of the stores was called, such as `store.get`. */
  readonly calls: Map<string, number>
  /** The same stores as another tenant sees them. */
  readonly as: (partitionKey: string) => ServiceContext
  /** Creates a resource and gives its id. */
  readonly add: (
    resourceType: ResourceType,
    body: JsonObject,
    /** The tenant; and the id, when it is not to be a new one. */
    options?: { readonly as?: string; readonly id?: string },
  ) => Promise<string>
}

export const RIG_URL = 'https://scim.example/api/scim'

/** What every rig has of its own: all that a context needs beside the stores and the tenant. */
interface Surroundings {
  readonly clock: { now: number }
  readonly pauses: number[]
  readonly reported: unknown[]
  readonly ignored: IgnoredNames
  readonly named: Set<string>
  readonly operations: NotedOperation[]
  issued: number
}

/** @param between replaces methods of the stores that the verbs see. */
export function serviceRig(
  between: Between = {},
  resourceTypes: readonly ResourceType[] = DEFAULT_RESOURCE_TYPES,
): Rig {
  const { resources: store, memberships } = memoryStores()
  const calls = new Map<string, number>()
  const surroundings: Surroundings = {
    clock: { now: Date.UTC(2026, 0, 1) },
    pauses: [],
    reported: [],
    ignored: new IgnoredNames(),
    named: new Set(),
    operations: [],
    issued: 0,
  }
  const stores = {
    store: counted('store', { ...store, ...between.store?.(store) }, calls),
    memberships: counted(
      'memberships',
      { ...memberships, ...between.memberships?.(memberships) },
      calls,
    ),
  }
  const common = { ...stores, turns: new Turns(), resourceTypes }
  const as = (partitionKey: string): ServiceContext => contextOf(surroundings, common, partitionKey)
  const { clock, pauses, reported, ignored, named, operations } = surroundings
  const context = as('one')
  return {
    context,
    clock,
    pauses,
    reported,
    ignored,
    named,
    operations,
    calls,
    as,
    async add(resourceType, body, { as: partitionKey = 'one', id } = {}) {
      const schemas = [resourceType.schema.id]
      const creator = as(partitionKey)
      const newId = id === undefined ? creator.newId : (): string => id
      const request = asked({ body: { schemas, ...body } })
      const answer = await jsonOf(create({ ...creator, newId }, resourceType, request))
      return textIn(answer, 'id')
    },
  }
}

function contextOf(
  surroundings: Surroundings,
  common: Pick<ServiceContext, 'store' | 'memberships' | 'turns' | 'resourceTypes'>,
  partitionKey: string,
): ServiceContext {
  const { clock, pauses, reported } = surroundings
  const next = (): number => (surroundings.issued += 1)
  const now = (): Date => new Date(clock.now)
  const newDeadline = (): Deadline => deadlineIn(LIMITS.requestSeconds * 1000, now)
  return {
    ...common,
    // Each use of the context is a request of its own.
    get scope() {
      return { partitionKey, deadline: newDeadline() }
    },
    settings: {},
    policies: { allowedEmailDomains: [], deletionPolicy: 'delete', invitations: false },
    baseUrl: RIG_URL,
    requestId: 'request',
    author: { actor: 'credential:abcdefghijkl' },
    namesInActivity: true,
    now,
    // Knuth's multiplicative hash: never the same twice.
    random: () => ((next() * 2_654_435_761) % 2 ** 32) / 2 ** 32,
    newId: ({ name }) => idNumber(next(), name),
    newVersion: () => `v${next()}`,
    newDeadline,
    pause: async (milliseconds) => {
      pauses.push(milliseconds)
      clock.now += milliseconds
    },
    letOthersRun: async () => undefined,
    sign: (text) => createHmac('sha256', partitionKey).update(text).digest('base64url'),
    checkCredential: async () => undefined,
    awaitRate: async () => undefined,
    noteIgnored: (resourceType, names) => {
      surroundings.ignored.add(resourceType, names)
    },
    ignored: () => surroundings.ignored.list(),
    noteNamed: (_resourceType, paths) => {
      for (const path of paths) surroundings.named.add(path)
    },
    noteOperation: (operation) => surroundings.operations.push(operation),
    report: (error) => reported.push(error),
  }
}

/** A UUID of the version that tells users from groups, see `lib/runtime.ts`. */
function idNumber(number: number, type: ResourceType['name']): string {
  const digits = number.toString(16).padStart(12, '0')
  return `00000000-0000-${type === 'Group' ? '8' : '4'}000-8000-${digits}`
}

function counted<Store extends object>(
  name: string,
  store: Store,
  calls: Map<string, number>,
): Store {
  return new Proxy(store, {
    get(target, method, receiver) {
      const key = `${name}.${String(method)}`
      calls.set(key, (calls.get(key) ?? 0) + 1)
      const found: unknown = Reflect.get(target, method, receiver)
      return found
    },
  })
}

/** A request as the verbs see it. */
export function asked({
  query = {},
  ...rest
}: Partial<Omit<ScimRequest, 'query'>> & {
  readonly query?: Readonly<Record<string, string>>
} = {}): ScimRequest {
  return { id: '', body: undefined, query: new Map(Object.entries(query)), ...rest }
}

/** A PATCH of a resource. */
export function askedPatch(
  id: string,
  operations: readonly JsonObject[],
  more: Parameters<typeof asked>[0] = {},
): ScimRequest {
  return asked({ id, body: { schemas: [MESSAGE.patchOp], Operations: operations }, ...more })
}

/** The body of an answer as it goes over the wire. */
export async function jsonOf(answered: Promise<ScimResult>): Promise<JsonObject> {
  const { body } = await writeResult(await answered)
  const text = typeof body === 'string' ? body : body instanceof Uint8Array ? textOf(body) : ''
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error('The answer is no JSON object.')
  return value
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

/** A member that must be text. */
export function textIn(object: JsonValue | undefined, name: string): string {
  const value = isObject(object) ? object[name] : undefined
  if (typeof value !== 'string') throw new Error(`There is no text ${name}.`)
  return value
}

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
  const run = (verb: Verb, request: Parameters<typeof asked>[0]): Promise<JsonObject> =>
    jsonOf(verb(context, resourceType, asked(request)))
  return {
    create: (body, query = {}) => run(create, { body, query }),
    get: (id, query = {}) => run(get, { id: stringOf(id), query }),
    replace: (id, body, query = {}) => run(replace, { id: stringOf(id), body, query }),
    patch: (id, Operations, query = {}) =>
      run(patch, { id: stringOf(id), body: { schemas: [MESSAGE.patchOp], Operations }, query }),
    async find(filter) {
      const { Resources } = await run(list, { query: { filter } })
      const found = isArray(Resources) ? Resources.filter(isObject) : []
      return found.map((each) => stringOf(each['userName'] ?? each['displayName'])).toSorted(byText)
    },
  }
}

function stringOf(value: JsonValue | undefined): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is no string.`)
  return value
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Work can wait at a gate until the test opens it. */
export class Gate {
  readonly opened: Promise<void>
  #open: (() => void) | undefined

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  open(): void {
    this.#open?.()
  }
}
