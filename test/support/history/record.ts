import { Acquaintance, choose, NAMES, type Choice } from './choose.ts'
import type { Instance } from './instance.ts'
import type { Event, Operation } from './operation.ts'
import { below, seeded, type Random } from './random.ts'
import type { Weather } from './unreliable.ts'
import type { VirtualTime } from './virtual-time.ts'
import { inconsistenciesOf } from './consistency.ts'
import { CALM_MILLISECONDS, openWorld } from './world.ts'

/** What is recorded. */
export interface HistoryOptions {
  readonly seed: number
  readonly operations: number
  readonly clients: number
}

/** What happened, as the clients saw it. */
export interface History {
  readonly events: readonly Event[]
  /** What the app logged of its failures. */
  readonly failures: readonly string[]
  /** Calls of the table service, and how many of them failed. */
  readonly calls: number
  readonly failed: number
  /** What a check of the rows found wrong at the end. */
  readonly inconsistencies: readonly string[]
}

/**
 * Has clients work on instances of the app that share a table service: each client one operation after the other, while
 * calls of the service fail. At the end the storage is well again and everything is read.
 */
export async function record(options: HistoryOptions, time: VirtualTime): Promise<History> {
  const random = seeded(options.seed)
  const weather: Weather = { isFair: true, calls: 0, failed: 0 }
  const failures: string[] = []
  const onFailure = (text: string): number => failures.push(text)
  const world = await openWorld({ random, weather, time, onFailure })
  const recorder = new Recorder(world.instances, options.operations)
  weather.isFair = false
  await Promise.all(
    Array.from({ length: options.clients }, (_, client) =>
      recorder.work(client, seeded(below(random, 2 ** 31))),
    ),
  )
  await time.pause(CALM_MILLISECONDS)
  weather.isFair = true
  await recorder.readAll()
  const { calls, failed } = weather
  const inconsistencies = await inconsistenciesOf(world, time)
  return { events: recorder.events, failures, calls, failed, inconsistencies }
}

class Recorder {
  readonly events: Event[] = []
  readonly #instances: readonly Instance[]
  readonly #known = new Acquaintance()
  #left: number
  #operations = 0
  #moment = 0

  constructor(instances: readonly Instance[], operations: number) {
    this.#instances = instances
    this.#left = operations
  }

  /** One client. */
  async work(client: number, random: Random): Promise<void> {
    while (this.#left > 0) {
      this.#left -= 1
      await this.#make(client, choose(random, this.#known))
    }
  }

  /** Counts, lists, and reads by every id that was ever seen and by every name. */
  async readAll(): Promise<void> {
    for (const type of ['User', 'Group'] as const) {
      await this.#make(0, { verb: 'COUNT', type })
      await this.#make(0, { verb: 'LIST', type })
      const seen = this.events.filter(({ operation }) => operation.type === type)
      const ids = new Set(seen.flatMap(({ outcome }) => outcome.seen.map(({ id }) => id)))
      for (const resource of ids) await this.#make(0, { verb: 'GET', type, resource })
      for (const value of NAMES[type]) {
        await this.#make(0, { verb: 'FIND', type, find: { by: 'name', value } })
      }
    }
  }

  async #make(client: number, choice: Choice): Promise<void> {
    this.#operations += 1
    const operation: Operation = { id: `o${this.#operations}`, client, ...choice }
    const called = this.#tick()
    const outcome = await this.#instances[client % this.#instances.length]?.send(operation)
    if (outcome === undefined) throw new Error('there is no instance')
    const returned = this.#tick()
    this.#known.learn(operation, outcome)
    const isKnown = outcome.status < 500
    this.events.push({ operation, called, returned: isKnown ? returned : Infinity, outcome })
  }

  #tick(): number {
    this.#moment += 1
    return this.#moment
  }
}
