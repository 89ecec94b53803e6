import { HttpRequest, type HttpResponseInit } from '@azure/functions'
import { endpoint } from '../../../lib/http/endpoint.ts'
import { manageEndpoint } from '../../../lib/http/manage.ts'
import { verbSteps } from '../../../lib/http/steps.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import { isArray, isObject, own, type JsonObject, type JsonValue } from '../../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import type { Verb } from '../../../lib/service/context.ts'
import { create } from '../../../lib/service/create.ts'
import { remove } from '../../../lib/service/delete.ts'
import { patch } from '../../../lib/service/patch.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import type { Instance } from './instance.ts'
import type { TypeName } from './operation.ts'
import { below, oneOf, seeded, weighted, type Random } from './random.ts'
import type { HistoryOptions } from './record.ts'
import type { Weather } from './unreliable.ts'
import type { VirtualTime } from './virtual-time.ts'
import { CALM_MILLISECONDS, openWorld, type World } from './world.ts'

/** What came of a vendor's backend that keeps a copy of people while an identity provider changes them. */
export interface PeopleReport {
  /** Changes that clients asked for, and those of which nobody knows whether they were made. */
  readonly asked: number
  readonly unknown: number
  readonly lookUps: number
  /** Pages that the backend has read, and people in the end. */
  readonly pages: number
  readonly people: number
  readonly calls: number
  readonly failed: number
  /** What the copy has too much or too little, and look-ups that said active behind the answer to `active=false`. */
  readonly wrong: readonly string[]
}

const VERBS = { POST: create, PATCH: patch, DELETE: remove } as const satisfies Record<string, Verb>

/** A user as the clients know it. */
interface KnownUser {
  readonly id: string
  readonly externalId: string
  /** Whether the answer to `active=false` came, and nobody has asked for the contrary since. */
  isInactive: boolean
  /** Activations that may still take effect. */
  activating: number
  /** All activations that were asked for. */
  activated: number
}

/** People in a page of the backend: few, so that there are several pages. */
const PAGE = 25

/** Milliseconds between two rounds of the backend. */
const ROUND = 20_000

/** Milliseconds of a client's pauses: the record takes much longer than changes may be late. */
const LONGEST_PAUSE = 6000

/** So long changes may be late. */
const LATE_MILLISECONDS = 200_000

/** Has clients change people and teams, and a backend follow them, while calls of the storage fail. */
export async function recordPeople(
  options: HistoryOptions,
  time: VirtualTime,
): Promise<PeopleReport> {
  const random = seeded(options.seed)
  const weather: Weather = { isFair: true, calls: 0, failed: 0 }
  const world = await openWorld({ random, weather, time, onFailure: () => undefined })
  const clients = new Clients(world, time, options.operations)
  const backend = new Backend(world, time)
  weather.isFair = false
  const following = backend.follow()
  await Promise.all(
    Array.from({ length: options.clients }, (_, client) =>
      clients.work(client, seeded(below(random, 2 ** 31))),
    ),
  )
  await time.pause(CALM_MILLISECONDS)
  weather.isFair = true
  backend.isOver = true
  await following
  const { partitionKey } = world.tenant
  const scope = { partitionKey, deadline: NO_DEADLINE }
  await world.stores.resources.sweep(scope, DEFAULT_RESOURCE_TYPES)
  await time.pause(LATE_MILLISECONDS)
  await backend.round()
  // What nobody changes again: the copy is right only if each of these is told.
  await clients.partFromTeams()
  await time.pause(LATE_MILLISECONDS)
  await backend.round()
  const { calls, failed } = weather
  const { asked, unknown, lookUps } = clients
  const { pages, copy } = backend
  const people = await backend.all()
  const wrong = [...clients.wrong, ...differences(copy, people)]
  return { asked, unknown, lookUps, pages, people: people.size, calls, failed, wrong }
}

function differences(
  copy: ReadonlyMap<string, string>,
  people: ReadonlyMap<string, string>,
): readonly string[] {
  const ids = new Set([...copy.keys(), ...people.keys()])
  return [...ids].flatMap((id) => {
    const [kept = 'nothing', is = 'nothing'] = [copy.get(id), people.get(id)]
    return kept === is ? [] : [`the copy has ${kept}, and there is ${is}`]
  })
}

class Clients {
  asked = 0
  unknown = 0
  lookUps = 0
  readonly wrong: string[] = []
  readonly #world: World
  readonly #time: VirtualTime
  readonly #users: KnownUser[] = []
  /** Groups, and whom the clients have put into each. */
  readonly #groups: { readonly id: string; readonly members: Set<string> }[] = []
  #left: number

  constructor(world: World, time: VirtualTime, changes: number) {
    this.#world = world
    this.#time = time
    this.#left = changes
  }

  /** One client. */
  async work(client: number, random: Random): Promise<void> {
    const { instances } = this.#world
    const instance = instances[client % instances.length]
    if (instance === undefined) throw new Error('there is no instance')
    while (this.#left > 0) {
      this.#left -= 1
      const act = weighted(random, [
        [10, () => this.#hire(instance)],
        [20, () => this.#title(instance, random)],
        [20, () => this.#setActive(instance, random)],
        [30, () => this.#lookUp(instance, random)],
        [5, () => this.#found(instance, random)],
        [30, () => this.#move(instance, random)],
        [3, () => this.#dismiss(instance, random)],
        [4, () => this.#disband(instance, random)],
      ])
      await act()
      await this.#time.pause(below(random, LONGEST_PAUSE))
    }
  }

  /** Half of the teams lose somebody, the others all. */
  async partFromTeams(): Promise<void> {
    const [instance] = this.#world.instances
    if (instance === undefined) throw new Error('there is no instance')
    for (const [at, { id, members }] of this.#groups.entries()) {
      const [value] = members
      if (at % 2 === 0) await this.#send(instance, 'DELETE', 'Group', { id })
      else if (value !== undefined) {
        const leaving = { op: 'remove', path: 'members', value: [{ value }] }
        await this.#patch(instance, 'Group', id, leaving)
      }
    }
  }

  async #send(
    instance: Instance,
    method: keyof typeof VERBS,
    type: TypeName,
    { id, body }: { readonly id?: string; readonly body?: JsonObject },
  ): Promise<{ readonly status: number; readonly json: JsonObject }> {
    this.asked += 1
    const request = new HttpRequest({
      method,
      url: `https://scim.example/api/scim/${type}s${id === undefined ? '' : `/${id}`}`,
      headers: {
        authorization: `Bearer ${this.#world.secretToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      params: id === undefined ? {} : { id },
      ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
    })
    const answer = await instance.answer(
      `o${this.asked}`,
      (runtime) => endpoint(runtime, verbSteps(VERBS[method], type)),
      request,
    )
    const { status = 200 } = answer
    if (status >= 500) this.unknown += 1
    return { status, json: bodyIn(answer) }
  }

  #patch(
    instance: Instance,
    type: TypeName,
    id: string,
    ...operations: readonly JsonObject[]
  ): Promise<{ readonly status: number; readonly json: JsonObject }> {
    const body = { schemas: [MESSAGE.patchOp], Operations: operations }
    return this.#send(instance, 'PATCH', type, { id, body })
  }

  async #hire(instance: Instance): Promise<void> {
    const externalId = `e${this.asked}`
    const body = { schemas: [URN.user], userName: `n${this.asked}`, externalId }
    const { json } = await this.#send(instance, 'POST', 'User', { body })
    const id = own(json, 'id')
    if (typeof id !== 'string') return
    this.#users.push({ id, externalId, isInactive: false, activating: 0, activated: 0 })
  }

  async #title(instance: Instance, random: Random): Promise<void> {
    const user = oneOf(random, this.#users)
    if (user === undefined) return this.#hire(instance)
    const value = `t${this.asked}`
    await this.#patch(instance, 'User', user.id, { op: 'replace', path: 'title', value })
  }

  async #setActive(instance: Instance, random: Random): Promise<void> {
    const user = oneOf(random, this.#users)
    if (user === undefined) return this.#hire(instance)
    const value = below(random, 3) === 0
    // Of those that go on at the same time nobody knows which is the last.
    const isAlone = user.activating === 0
    if (value) {
      user.isInactive = false
      user.activating += 1
      user.activated += 1
    }
    const { activated } = user
    const change = { op: 'replace', path: 'active', value }
    const { status } = await this.#patch(instance, 'User', user.id, change)
    // Of an unknown one the effect may come at any time.
    if (value && status < 500) user.activating -= 1
    if (!value && status < 300 && isAlone && activated === user.activated) user.isInactive = true
  }

  async #lookUp(instance: Instance, random: Random): Promise<void> {
    const user = oneOf(random, this.#users)
    if (user === undefined) return
    this.lookUps += 1
    const { isInactive, activated } = user
    const query = `/lookup?externalId=${user.externalId}`
    const { status, json } = await manage(this.#world, instance, 'manage-people-lookup', query)
    const isActive = status < 300 && json['status'] === 'active'
    if (isActive && isInactive && activated === user.activated) {
      this.wrong.push(`a look-up says that ${user.id} is active, who is not any more`)
    }
  }

  async #found(instance: Instance, random: Random): Promise<void> {
    const member = oneOf(random, this.#users)
    const members = member === undefined ? [] : [{ value: member.id }]
    const body = { schemas: [URN.group], displayName: `g${this.asked}`, members }
    const { json } = await this.#send(instance, 'POST', 'Group', { body })
    const id = own(json, 'id')
    const first = member === undefined ? [] : [member.id]
    if (typeof id === 'string') this.#groups.push({ id, members: new Set(first) })
  }

  async #move(instance: Instance, random: Random): Promise<void> {
    const [group, user] = [oneOf(random, this.#groups), oneOf(random, this.#users)]
    if (group === undefined || user === undefined) return this.#hire(instance)
    const leaving = below(random, 3) === 0 ? oneOf(random, [...group.members]) : undefined
    const op = leaving === undefined ? 'add' : 'remove'
    const value = [{ value: leaving ?? user.id }]
    if (leaving === undefined) group.members.add(user.id)
    else group.members.delete(leaving)
    await this.#patch(instance, 'Group', group.id, { op, path: 'members', value })
  }

  async #dismiss(instance: Instance, random: Random): Promise<void> {
    const user = oneOf(random, this.#users)
    if (user !== undefined) await this.#send(instance, 'DELETE', 'User', { id: user.id })
  }

  async #disband(instance: Instance, random: Random): Promise<void> {
    const [group] = this.#groups.splice(below(random, this.#groups.length), 1)
    if (group !== undefined) await this.#send(instance, 'DELETE', 'Group', { id: group.id })
  }
}

/** A vendor's backend: it loads everything once, and follows. */
class Backend {
  pages = 0
  isOver = false
  /** People by their ids, as texts. */
  readonly copy = new Map<string, string>()
  readonly #world: World
  readonly #time: VirtualTime
  #position: string | undefined

  constructor(world: World, time: VirtualTime) {
    this.#world = world
    this.#time = time
  }

  async follow(): Promise<void> {
    while (!this.isOver) {
      await this.#time.pause(ROUND)
      await this.round()
    }
  }

  /** All that has changed since the round before; all there are in the first one. */
  async round(): Promise<void> {
    const since = this.#position
    const query = since === undefined ? '' : `&changedSince=${since}`
    this.#position = await this.#read(query, (person) => {
      const id = idOf(person)
      if (person['removed'] === true) this.copy.delete(id)
      else this.copy.set(id, inWords(person))
    })
  }

  /** Everybody who is there. */
  async all(): Promise<ReadonlyMap<string, string>> {
    const people = new Map<string, string>()
    await this.#read('', (person) => people.set(idOf(person), inWords(person)))
    return people
  }

  async #read(query: string, take: (person: JsonObject) => void): Promise<string> {
    let cursor: JsonValue | undefined
    for (;;) {
      const page = typeof cursor === 'string' ? `&cursor=${cursor}` : ''
      const json = await this.#page(`?count=${PAGE}${query}${page}`)
      const { items, position } = json
      if (!isArray(items) || typeof position !== 'string') throw new Error('this is no page')
      for (const person of items) if (isObject(person)) take(person)
      cursor = json['nextCursor']
      if (cursor === undefined) return position
    }
  }

  /** Until there is an answer, from one instance after the other. */
  async #page(query: string): Promise<JsonObject> {
    const { instances } = this.#world
    for (;;) {
      this.pages += 1
      const instance = instances[this.pages % instances.length]
      if (instance === undefined) throw new Error('there is no instance')
      const { status, json } = await manage(this.#world, instance, 'manage-people-list', query)
      if (status < 300) return json
      if (status < 500) throw new Error(`${query} is refused: ${JSON.stringify(json)}`)
    }
  }
}

function idOf({ id }: JsonObject): string {
  if (typeof id !== 'string') throw new Error('a person without an id')
  return id
}

/** What of a person must be the same: names of teams are a list of their own. */
function inWords({ id, version, status, position, teams = [] }: JsonObject): string {
  const ids = isArray(teams) ? teams.map((team) => JSON.stringify(own(team, 'id'))).toSorted() : []
  return JSON.stringify([id, version, status, position ?? '', ids])
}

let requests = 0

async function manage(
  { tenant }: World,
  instance: Instance,
  name: string,
  query: string,
): Promise<{ readonly status: number; readonly json: JsonObject }> {
  requests += 1
  const request = new HttpRequest({
    method: 'GET',
    url: `https://localhost/api/manage/tenants/${tenant.id}/people${query}`,
    headers: { host: 'localhost' },
    params: { id: tenant.id },
  })
  const answer = await instance.answer(
    `m${requests}`,
    (runtime) => manageEndpoint(runtime, name),
    request,
  )
  return { status: answer.status ?? 200, json: bodyIn(answer) }
}

function bodyIn({ body }: HttpResponseInit): JsonObject {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : body
  const parsed: unknown = typeof text === 'string' && text !== '' ? JSON.parse(text) : {}
  return isObject(parsed) ? parsed : {}
}
