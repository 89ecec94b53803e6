import type { HttpResponseInit } from '@azure/functions'
import { endpoint } from '../../../lib/http/endpoint.ts'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { OPERATIONS } from '../../../lib/http/operations.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import { isArray, isObject, type JsonObject } from '../../../lib/scim/json.ts'
import type { ActivityEntry } from '../../../lib/storage/activity-port.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import {
  bulkRequest,
  chooseTenantWrite,
  chooseWrite,
  Known,
  manageRequest,
  type TenantWrite,
  type Write,
} from './changes.ts'
import type { HistoryOptions } from './record.ts'
import { below, seeded, weighted, type Random } from './random.ts'
import type { Weather } from './unreliable.ts'
import type { VirtualTime } from './virtual-time.ts'
import { inconsistenciesOf } from './consistency.ts'
import { CALM_MILLISECONDS, openWorld, type World } from './world.ts'

/** A change that a client has asked for, and what it was answered. */
export interface AskedChange {
  /** That of its request; of an operation of a bulk with its index. */
  readonly requestId: string
  readonly write: Write | TenantWrite
  readonly status: number
  /** Of what was changed, as far as the answer, or the path, tells it. */
  readonly id?: string | undefined
  /** The version that it has made, or found. */
  readonly version?: string | undefined
}

/** What is there at the end: users and groups by their ids. */
export interface Left {
  readonly version: string
  /** Of a group. */
  readonly members: readonly string[]
}

/** Changes as the clients saw them, what the journal has of them, and what has come of them. */
export interface ChangeRecord {
  readonly asked: readonly AskedChange[]
  readonly entries: readonly ActivityEntry[]
  readonly left: ReadonlyMap<string, Left>
  /** The ids of the tenant's credentials but the first, which nobody has issued in the record. */
  readonly credentials: readonly string[]
  readonly calls: number
  readonly failed: number
  /** What a check of the rows found wrong at the end. */
  readonly inconsistencies: readonly string[]
}

/** Changes in a bulk. */
const FEWEST = 3
const MOST = 8

/** Entries of the journal in a page. */
const PAGE = 1000

/**
 * Has clients change what one tenant has, and the tenant itself, on instances that share a table service, while calls of
 * that fail. When it is well again, the journal is read, and what is there.
 */
export async function recordChanges(
  options: HistoryOptions,
  time: VirtualTime,
): Promise<ChangeRecord> {
  const random = seeded(options.seed)
  const weather: Weather = { isFair: true, calls: 0, failed: 0 }
  const world = await openWorld({ random, weather, time, onFailure: () => undefined })
  const recorder = new ChangeRecorder(world, options.operations)
  weather.isFair = false
  await Promise.all(
    Array.from({ length: options.clients }, (_, client) =>
      recorder.work(client, seeded(below(random, 2 ** 31))),
    ),
  )
  await time.pause(CALM_MILLISECONDS)
  weather.isFair = true
  const { calls, failed } = weather
  const { partitionKey } = world.tenant
  // What an interrupted deletion has left to do is in the journal, too.
  const scope = { partitionKey, deadline: NO_DEADLINE }
  await world.stores.resources.sweep(scope, DEFAULT_RESOURCE_TYPES)
  const left = await allLeft(world)
  const credentials = await world.stores.tenants.credentials(world.tenant.id)
  const entries = await allEntries(world)
  const ids = credentials.map(({ id }) => id).filter((id) => !world.secretToken.includes(id))
  const inconsistencies = await inconsistenciesOf(world, time)
  return {
    asked: recorder.asked,
    entries,
    left,
    credentials: ids,
    calls,
    failed,
    inconsistencies,
  }
}

async function allEntries({ stores, tenant }: World): Promise<readonly ActivityEntry[]> {
  const entries: ActivityEntry[] = []
  let behind: { readonly behind?: string } = {}
  for (;;) {
    const page = await stores.activity.read(tenant, { ...behind, count: PAGE })
    entries.push(...page.entries)
    if (page.next === undefined) return entries
    behind = { behind: page.next }
  }
}

async function allLeft({ stores, tenant }: World): Promise<ReadonlyMap<string, Left>> {
  const scope = { partitionKey: tenant.partitionKey, deadline: NO_DEADLINE }
  const left = new Map<string, Left>()
  for (const resourceType of DEFAULT_RESOURCE_TYPES) {
    const query = { count: PAGE }
    let after: { readonly after?: string } = {}
    do {
      const page = await stores.resources.listFrom(scope, resourceType, { ...query, ...after })
      for (const { id, version } of page.resources) {
        const members: string[] = []
        const isGroup = resourceType.membershipAttribute === 'members'
        const batches = isGroup ? stores.memberships.members(scope, id) : []
        for await (const batch of batches) members.push(...batch.map(({ value }) => value))
        left.set(id, { version, members })
      }
      after = page.next === undefined ? {} : { after: page.next }
    } while (after.after !== undefined)
  }
  return left
}

class ChangeRecorder {
  readonly asked: AskedChange[] = []
  readonly #world: World
  readonly #known = new Known()
  #left: number
  #requests = 0

  constructor(world: World, changes: number) {
    this.#world = world
    this.#left = changes
  }

  /** One client. */
  async work(client: number, random: Random): Promise<void> {
    while (this.#left > 0) {
      const kind = weighted<'one' | 'bulk' | 'tenant'>(random, [
        [94, 'one'],
        [4, 'bulk'],
        [2, 'tenant'],
      ])
      this.#requests += 1
      const id = `o${this.#requests}`
      if (kind === 'one') await this.#one(id, client, random)
      else if (kind === 'bulk') await this.#bulk(id, client, random)
      else await this.#tenant(id, client, random)
    }
  }

  async #one(id: string, client: number, random: Random): Promise<void> {
    this.#left -= 1
    const write = chooseWrite(random, this.#known, id)
    const { status, version, seen } = await this.#instance(client).send({ id, client, ...write })
    this.#note({ requestId: id, write, status, version, id: write.resource ?? seen[0]?.id })
  }

  async #bulk(id: string, client: number, random: Random): Promise<void> {
    const count = FEWEST + below(random, MOST - FEWEST + 1)
    this.#left -= count
    const chosen = Array.from({ length: count }, (_, n) =>
      chooseWrite(random, this.#known, `${id}-${n}`),
    )
    const request = bulkRequest(id, chosen, this.#world.secretToken)
    const answer = await this.#instance(client).answer(
      id,
      (runtime) => endpoint(runtime, OPERATIONS.bulk),
      request,
    )
    const operations = listIn(bodyIn(answer), 'Operations')
    for (const [index, write] of chosen.entries()) {
      const each = operations[index] ?? {}
      const status = Number(each['status'] ?? answer.status)
      const made = /[^/]+$/.exec(textIn(each, 'location') ?? '')?.[0]
      const resource = write.resource ?? (status < 300 ? made : undefined)
      const version = versionIn(textIn(each, 'version'))
      this.#note({ requestId: `${id}:${index}`, write, status, version, id: resource })
    }
  }

  async #tenant(id: string, client: number, random: Random): Promise<void> {
    this.#left -= 1
    const { tenant } = this.#world
    const write = chooseTenantWrite(random, this.#known)
    const { name, request } = manageRequest(tenant.id, write, id)
    const handlerOf = (runtime: Parameters<typeof manageEndpoint>[0]) =>
      manageEndpoint(runtime, name)
    const answer = await this.#instance(client).answer(id, handlerOf, request)
    const { status = 200 } = answer
    const made = textIn(bodyIn(answer), 'id')
    const credential = write.verb === 'change' ? undefined : made
    const etag = new Headers(Object.entries(answer.headers ?? {})).get('etag') ?? undefined
    if (status < 300 && credential !== undefined) {
      if (write.verb === 'revoke') this.#known.forget('Credential', credential)
      else this.#known.meet('Credential', credential, etag)
    }
    this.asked.push({ requestId: id, write, status, id: status < 300 ? made : undefined })
  }

  #note(asked: AskedChange & { readonly write: Write }): void {
    this.asked.push(asked)
    const { write, status, id, version } = asked
    if (id === undefined) return
    if (status === 404 || (write.verb === 'DELETE' && status < 300)) {
      this.#known.forget(write.type, id)
    } else if (status < 300) {
      this.#known.meet(write.type, id, version)
      if (write.type === 'Group') this.#known.learnMembers(id, write)
      if (write.type === 'User' && write.name !== undefined) this.#known.learnName(write.name)
    }
  }

  #instance(client: number): World['instances'][number] {
    const { instances } = this.#world
    const instance = instances[client % instances.length]
    if (instance === undefined) throw new Error('there is no instance')
    return instance
  }
}

function bodyIn({ body }: HttpResponseInit): JsonObject {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body
  const parsed: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {}
  return isObject(parsed) ? parsed : {}
}

function listIn(body: JsonObject, name: string): readonly JsonObject[] {
  const list = body[name]
  return isArray(list) ? list.filter(isObject) : []
}

function textIn(body: JsonObject, name: string): string | undefined {
  const value = body[name]
  return typeof value === 'string' ? value : undefined
}

function versionIn(etag: string | undefined): string | undefined {
  return /^W\/"(.*)"$/.exec(etag ?? '')?.[1]
}
