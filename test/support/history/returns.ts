import { DEFAULT_RESOURCE_TYPES, USER } from '../../../lib/scim/default-resource-types.ts'
import type { StoredResource } from '../../../lib/scim/resource.ts'
import type { ChangeEntry } from '../../../lib/storage/activity-port.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import type { Scope } from '../../../lib/storage/port.ts'
import type { Operation, Outcome } from './operation.ts'
import { below, oneOf, seeded, weighted, type Random } from './random.ts'
import type { HistoryOptions } from './record.ts'
import { holdsOf } from './returns-check.ts'
import type { Weather } from './unreliable.ts'
import type { VirtualTime } from './virtual-time.ts'
import { inconsistenciesOf } from './consistency.ts'
import { CALM_MILLISECONDS, openWorld, type World } from './world.ts'

/** An operation on users, or on who is in a group, and what it was answered. */
export interface Made {
  readonly operation: Operation
  readonly outcome: Outcome
  readonly called: number
  /** Infinite where nobody knows what became of it. */
  readonly returned: number
}

/** What clients saw of users that go and return, and what is there at the end. */
export interface Returns {
  readonly made: readonly Made[]
  readonly entries: readonly ChangeEntry[]
  readonly live: readonly StoredResource[]
  readonly hidden: readonly StoredResource[]
  readonly total: number
  /** The groups that each user is in. */
  readonly groupsOf: ReadonlyMap<string, readonly string[]>
}

/** What came of it. */
export interface ReturnsReport {
  readonly operations: number
  readonly unknown: number
  readonly returned: number
  readonly calls: number
  readonly failed: number
  readonly wrong: readonly string[]
}

const PEOPLE = 4
const PAGE = 1000

/**
 * Has clients create, delete and group the same few people again and again, for a tenant that keeps who is deleted, while calls of the
 * storage fail. At the end it is well again, and everybody who is kept and has an externalId comes once more.
 */
export async function recordReturns(
  options: HistoryOptions,
  time: VirtualTime,
): Promise<ReturnsReport> {
  const random = seeded(options.seed)
  const weather: Weather = { isFair: true, calls: 0, failed: 0 }
  const world = await openWorld({ random, weather, time, onFailure: () => undefined })
  const settings = { deletionPolicy: 'deactivate' }
  await world.stores.tenants.update(world.tenant.id, () => ({ settings }))
  const recorder = new ReturnsRecorder(world)
  await recorder.openGroups()
  weather.isFair = false
  await Promise.all(
    Array.from({ length: options.clients }, (_, client) => {
      const share = Math.ceil(options.operations / options.clients)
      return recorder.work(client, seeded(below(random, 2 ** 31)), share)
    }),
  )
  await time.pause(CALM_MILLISECONDS)
  weather.isFair = true
  const { calls, failed } = weather
  const scope: Scope = { partitionKey: world.tenant.partitionKey, deadline: NO_DEADLINE }
  await world.stores.resources.sweep(scope, DEFAULT_RESOURCE_TYPES)
  const left = await world.stores.resources.sweep(scope, DEFAULT_RESOURCE_TYPES)
  const found = await everything(world, scope, recorder.made)
  const unswept = left === 0 ? [] : [`${left} deletions are not finished by a sweep`]
  const strangers = await recorder.allReturn(found.hidden, found.live)
  const inconsistencies = await inconsistenciesOf(world, time)
  return {
    operations: found.made.length,
    unknown: found.made.filter(({ returned }) => returned === Infinity).length,
    returned: found.entries.filter(({ operation }) => operation === 'restore').length,
    calls,
    failed,
    wrong: [...unswept, ...holdsOf(found), ...strangers, ...inconsistencies],
  }
}

async function everything(
  { stores, tenant }: World,
  scope: Scope,
  made: readonly Made[],
): Promise<Returns> {
  const { resources, memberships, activity } = stores
  const { resources: live } = await resources.listFrom(scope, USER, { count: PAGE })
  const { resources: hidden } = await resources.listHidden(scope, USER, { count: PAGE })
  const { totalResults: total } = await resources.list(scope, USER, { startIndex: 1, count: 0 })
  const ids = [...live, ...hidden].map(({ id }) => id)
  const entries: ChangeEntry[] = []
  let behind: { readonly behind?: string } = {}
  do {
    const page = await activity.read(tenant, { ...behind, count: PAGE })
    entries.push(...page.entries.filter((each) => each.kind === 'change'))
    behind = page.next === undefined ? {} : { behind: page.next }
  } while (behind.behind !== undefined)
  const groupsOf = await memberships.groupsOf(scope, ids)
  return { made: [...made], entries, live, hidden, total, groupsOf }
}

class ReturnsRecorder {
  readonly made: Made[] = []
  readonly #world: World
  readonly #users = new Set<string>()
  readonly #groups: string[] = []
  #moment = 0

  constructor(world: World) {
    this.#world = world
  }

  async openGroups(): Promise<void> {
    for (const name of ['one', 'two']) {
      const { seen } = await this.#make(0, { verb: 'POST', type: 'Group', name })
      this.#groups.push(...seen.map(({ id }) => id))
    }
  }

  /** One client. */
  async work(client: number, random: Random, operations: number): Promise<void> {
    for (let left = operations; left > 0; left -= 1) {
      const { seen } = await this.#make(client, this.#choose(random))
      for (const { id } of seen) if (!this.#groups.includes(id)) this.#users.add(id)
    }
  }

  /**
   * Everybody who is kept comes once more, under a name that nobody has: who was hidden last comes first. Nobody does by an
   * externalId that somebody has who is there.
   */
  async allReturn(
    hidden: readonly StoredResource[],
    live: readonly StoredResource[],
  ): Promise<readonly string[]> {
    const wrong: string[] = []
    const present = new Set(live.map(({ attributes }) => attributes['externalId']))
    const latestFirst = hidden.toSorted((one, other) => (orderOf(one) < orderOf(other) ? 1 : -1))
    for (const { id, attributes } of latestFirst) {
      const { externalId } = attributes
      // A name alone another one may have by now.
      if (typeof externalId !== 'string') continue
      const asked = { name: `again-${id}`, externalId }
      const { status, seen } = await this.#make(0, { verb: 'POST', type: 'User', ...asked })
      const isBack = seen[0]?.id === id
      if (isBack === present.has(externalId)) {
        wrong.push(
          `${id} ${isBack ? 'returns' : 'does not return'}: ${status} ${seen[0]?.id ?? ''}`,
        )
      }
      present.add(externalId)
    }
    return wrong
  }

  #choose(random: Random): Omit<Operation, 'id' | 'client'> {
    const resource = oneOf(random, [...this.#users])
    const group = oneOf(random, this.#groups)
    const kind = weighted<'come' | 'go' | 'join' | 'look'>(random, [
      [8, 'come'],
      [6, 'go'],
      [4, 'join'],
      [2, 'look'],
    ])
    if (kind === 'come' || resource === undefined || group === undefined) {
      const person = String(below(random, PEOPLE))
      const isIdentified = below(random, 4) > 0
      const number = below(random, 8) === 0 ? String(below(random, PEOPLE)) : person
      const externalId = isIdentified ? { externalId: `e${number}` } : {}
      return { verb: 'POST', type: 'User', name: `n${person}`, ...externalId }
    }
    if (kind === 'join') return { verb: 'PATCH', type: 'Group', resource: group, add: [resource] }
    return { verb: kind === 'go' ? 'DELETE' : 'GET', type: 'User', resource }
  }

  async #make(client: number, asked: Omit<Operation, 'id' | 'client'>): Promise<Outcome> {
    const { instances } = this.#world
    const operation: Operation = { id: `o${this.made.length}-${client}`, client, ...asked }
    this.#moment += 1
    const called = this.#moment
    const outcome = await instances[client % instances.length]?.send(operation)
    if (outcome === undefined) throw new Error('there is no instance')
    this.#moment += 1
    const returned = outcome.status < 500 ? this.#moment : Infinity
    this.made.push({ operation, outcome, called, returned })
    return outcome
  }
}

function orderOf({ lastModified, id }: StoredResource): string {
  return `${lastModified} ${id}`
}
