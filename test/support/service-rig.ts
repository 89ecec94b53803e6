import { createHmac } from 'node:crypto'
import { writeResult } from '../../lib/http/write-response.ts'
import { isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import type { ResourceType } from '../../lib/scim/resource-type.ts'
import { MESSAGE } from '../../lib/scim/urn.ts'
import type { ScimRequest, ScimResult, ServiceContext } from '../../lib/service/context.ts'
import { create } from '../../lib/service/create.ts'
import { memoryMemberships } from '../../lib/storage/memory/memberships.ts'
import { memoryState } from '../../lib/storage/memory/state.ts'
import { memoryResourceStore } from '../../lib/storage/memory/resources.ts'
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
  /** How often each method of the stores was called, such as `store.get`. */
  readonly calls: Map<string, number>
  /** The same stores as another tenant sees them. */
  readonly as: (tenantId: string) => ServiceContext
  /** Creates a resource and gives its id. */
  readonly add: (resourceType: ResourceType, body: JsonObject) => Promise<string>
}

export const RIG_URL = 'https://scim.example/api/scim'

/** @param between replaces methods of the stores that the verbs see. */
export function serviceRig(between: Between = {}): Rig {
  const state = memoryState()
  const memberships = memoryMemberships(state)
  const store = memoryResourceStore(state, memberships)
  const clock = { now: Date.UTC(2026, 0, 1) }
  const pauses: number[] = []
  const reported: unknown[] = []
  const calls = new Map<string, number>()
  let issued = 0
  const as = (tenantId: string): ServiceContext => ({
    tenantId,
    baseUrl: RIG_URL,
    store: counted('store', { ...store, ...between.store?.(store) }, calls),
    memberships: counted(
      'memberships',
      { ...memberships, ...between.memberships?.(memberships) },
      calls,
    ),
    now: () => new Date(clock.now),
    newId: ({ name }) => idNumber((issued += 1), name),
    newVersion: () => `v${(issued += 1)}`,
    pause: async (milliseconds) => {
      pauses.push(milliseconds)
      clock.now += milliseconds
    },
    sign: (text) => createHmac('sha256', tenantId).update(text).digest('base64url'),
    report: (error) => reported.push(error),
  })
  const context = as('one')
  return {
    context,
    clock,
    pauses,
    reported,
    calls,
    as,
    async add(resourceType, body) {
      const schemas = [resourceType.schema.id]
      const answer = await jsonOf(
        create(context, resourceType, asked({ body: { schemas, ...body } })),
      )
      return textIn(answer, 'id')
    },
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
