import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import { everybody, round, type Seen } from './backend.ts'
import { Copy, differences } from './copy.ts'
import { below, seeded, type Random } from './random.ts'
import { Sync } from './sync.ts'
import type { Weather } from './unreliable.ts'
import type { VirtualTime } from './virtual-time.ts'
import { CALM_MILLISECONDS, openWorld, type World } from './world.ts'

/** How large the story is. */
export interface StoryOptions {
  readonly seed: number
  readonly people: number
  readonly changes: number
  /** Requests of the identity provider at the same time. */
  readonly clients: number
}

/** What came of it. */
export interface StoryReport {
  /** People of the first load. */
  readonly loaded: number
  /** Changes that were made, and answers that left open whether they were. */
  readonly made: number
  readonly unknown: number
  readonly rounds: number
  /** How often the backend was stopped between two pages, and began again with the positions that it had. */
  readonly stops: number
  readonly pages: number
  /** People who came again in the version that the copy had. */
  readonly again: number
  readonly people: number
  readonly calls: number
  readonly failed: number
  readonly wrong: readonly string[]
}

/** A page of changes is three calls a person and more, all of which have to come through. */
const PAGE = 50
const FAULTS_PERCENT = 2

const ROUND_MILLISECONDS = 60_000

/** So long changes may be late. */
const LATE_MILLISECONDS = 200_000

/** Of so many pages the backend is stopped before one. */
const PAGES_OF_A_STOP = 40

class Stopped extends Error {}

/**
 * A vendor's backend loads all people and keeps in step by `changedSince`, while an identity provider sends changes and calls
 * of the storage fail. At the end it must have what is there.
 */
export async function playBackend(options: StoryOptions, time: VirtualTime): Promise<StoryReport> {
  const { people, changes, clients } = options
  const random = seeded(options.seed)
  const weather: Weather = { isFair: true, calls: 0, failed: 0, percent: FAULTS_PERCENT }
  const world = await openWorld({ random, weather, time, onFailure: () => undefined })
  const settings = { deletionPolicy: 'deactivate' }
  await world.stores.tenants.update(world.tenant.id, () => ({ settings }))
  const sync = new Sync(world, time)
  const own = (): Random => seeded(below(random, 2 ** 31))
  await sync.fill(people, clients, own())
  await time.pause(LATE_MILLISECONDS)
  const backend = new Backend(world, time, own())
  weather.isFair = false
  const following = backend.follow()
  await sync.change(changes, clients, own())
  await time.pause(CALM_MILLISECONDS)
  weather.isFair = true
  backend.isOver = true
  await following
  const scope = { partitionKey: world.tenant.partitionKey, deadline: NO_DEADLINE }
  await world.stores.resources.sweep(scope, DEFAULT_RESOURCE_TYPES)
  await time.pause(LATE_MILLISECONDS)
  await backend.untilRead()
  const { made, unknown } = sync
  const { seen, copy, loaded, rounds, stops } = backend
  const list = await everybody(world, seen, PAGE)
  const { calls, failed } = weather
  const counts = { loaded, made, unknown, rounds, stops, people: list.length, calls, failed }
  const wrong = [...seen.strange, ...differences(copy, list)]
  return { ...counts, pages: seen.pages, again: seen.again, wrong }
}

/** It is made anew for each round: what it takes along is its database and the text of its positions. */
class Backend {
  isOver = false
  loaded = 0
  rounds = 0
  stops = 0
  readonly copy = new Copy()
  readonly seen: Seen = { pages: 0, again: 0, strange: [] }
  readonly #world: World
  readonly #time: VirtualTime
  readonly #random: Random
  #positions = ''

  constructor(world: World, time: VirtualTime, random: Random) {
    this.#world = world
    this.#time = time
    this.#random = random
  }

  async follow(): Promise<void> {
    while (!this.isOver) {
      await this.untilRead()
      await this.#time.pause(ROUND_MILLISECONDS)
    }
  }

  /** One whole round, however often it is stopped. */
  async untilRead(): Promise<void> {
    while (!(await this.#round()));
    if (this.rounds === 1) this.loaded = this.copy.people().size
  }

  async #round(): Promise<boolean> {
    const beforePage = (): void => {
      if (below(this.#random, PAGES_OF_A_STOP) === 0) throw new Stopped()
    }
    const options = {
      count: PAGE,
      beforePage,
      strange: ['otherInOneVersion', 'sameInTwoVersions'],
    } as const
    try {
      this.#positions = await round(this.#world, this.copy, this.#positions, this.seen, options)
      this.rounds += 1
      return true
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
      this.stops += 1
      return false
    }
  }
}
