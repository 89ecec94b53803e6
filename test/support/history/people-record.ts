import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import { own, type JsonObject } from '../../../lib/scim/json.ts'
import { MESSAGE, URN } from '../../../lib/scim/urn.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import { everybody, round, type Seen } from './backend.ts'
import { Copy, differences } from './copy.ts'
import type { Instance } from './instance.ts'
import type { TypeName } from './operation.ts'
import { below, oneOf, seeded, weighted, type Random } from './random.ts'
import type { HistoryOptions } from './record.ts'
import { instanceOf, manage, scim, type Answered, type ScimRequest } from './requests.ts'
import type { Weather } from './unreliable.ts'
import type { VirtualTime } from './virtual-time.ts'
import { inconsistenciesOf, watchConsistency } from './consistency.ts'
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
  /** Of its rows, beside the clients. */
  readonly checks: number
  readonly calls: number
  readonly failed: number
  /** What the copy has too much or too little, and look-ups that said active behind the answer to `active=false`. */
  readonly wrong: readonly string[]
}

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
  const watching = watchConsistency(world, time, () => backend.isOver)
  await Promise.all(
    Array.from({ length: options.clients }, (_, client) =>
      clients.work(client, seeded(below(random, 2 ** 31))),
    ),
  )
  await time.pause(CALM_MILLISECONDS)
  weather.isFair = true
  backend.isOver = true
  await following
  const watched = await watching
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
  const { seen, copy } = backend
  const people = await everybody(world, seen, PAGE)
  const inconsistencies = [...watched.wrong, ...(await inconsistenciesOf(world, time))]
  const wrong = [
    ...clients.wrong,
    ...seen.strange,
    ...differences(copy, people),
    ...inconsistencies,
  ]
  const { pages } = seen
  return {
    asked,
    unknown,
    lookUps,
    pages,
    people: people.length,
    checks: watched.checks,
    calls,
    failed,
    wrong,
  }
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
    const instance = instanceOf(this.#world, client)
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
    const instance = instanceOf(this.#world, 0)
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
    method: ScimRequest['method'],
    type: TypeName,
    { id, body }: Pick<ScimRequest, 'id' | 'body'>,
  ): Promise<Answered> {
    this.asked += 1
    const name = `o${this.asked}`
    const answered = await scim(this.#world, instance, name, { method, type, id, body })
    if (answered.status >= 500) this.unknown += 1
    return answered
  }

  #patch(
    instance: Instance,
    type: TypeName,
    id: string,
    ...operations: readonly JsonObject[]
  ): Promise<Answered> {
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
    const path = `people/lookup?externalId=${user.externalId}`
    const request = { name: 'manage-people-lookup', path }
    const { status, json } = await manage(this.#world, instance, request)
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
  isOver = false
  readonly copy = new Copy()
  readonly seen: Seen = { pages: 0, again: 0, strange: [] }
  readonly #world: World
  readonly #time: VirtualTime
  #positions = ''

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

  async round(): Promise<void> {
    const options = { count: PAGE }
    this.#positions = await round(this.#world, this.copy, this.#positions, this.seen, options)
  }
}
