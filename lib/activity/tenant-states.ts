import type { TenantIdentity } from '../storage/tenant-port.ts'

/** Tenants of which something is held at the same time. */
const MOST_TENANTS = 2000

/**
 * What an instance holds of each tenant, in bounds: of those that were used longest ago nothing is held any more. A tenant
 * is the one that has the PartitionKey: a later one of the same id is another.
 */
export class TenantStates<State> {
  readonly #states = new Map<string, State>()
  readonly #make: (tenant: TenantIdentity) => State
  readonly #weightOf: (state: State) => number
  readonly #most: number
  /** The one that was used last. */
  #last: { readonly partitionKey: string; readonly state: State } | undefined

  /** @param most of all weights together, as far as `trim` sees to it. */
  constructor({
    make,
    weightOf = () => 0,
    most = Infinity,
  }: {
    readonly make: (tenant: TenantIdentity) => State
    readonly weightOf?: (state: State) => number
    readonly most?: number
  }) {
    this.#make = make
    this.#weightOf = weightOf
    this.#most = most
  }

  find({ partitionKey }: TenantIdentity): State | undefined {
    return this.#states.get(partitionKey)
  }

  /** The tenant's, a new one where there is none; it counts as used last. */
  of({ id, partitionKey }: TenantIdentity): State {
    if (this.#last?.partitionKey === partitionKey) return this.#last.state
    const state = this.#states.get(partitionKey) ?? this.#make({ id, partitionKey })
    this.#states.delete(partitionKey)
    this.#states.set(partitionKey, state)
    if (this.#states.size > MOST_TENANTS) this.#dropOldest()
    this.#last = { partitionKey, state }
    return state
  }

  /** Those that were used last at the end. */
  all(): State[] {
    return [...this.#states.values()]
  }

  /** Drops tenants until the weights are in bounds; the one that was used last stays. */
  trim(): void {
    let sum = 0
    for (const state of this.#states.values()) sum += this.#weightOf(state)
    for (const state of this.#states.values()) {
      if (sum <= this.#most || this.#states.size === 1) return
      sum -= this.#weightOf(state)
      this.#dropOldest()
    }
  }

  #dropOldest(): void {
    for (const key of this.#states.keys()) {
      this.#states.delete(key)
      return
    }
  }
}
