import type { BulkOperation } from '../scim/bulk.ts'
import { footprintOf, mustFollow, type Footprint } from '../scim/bulk-order.ts'
import { postponeReferences, type Postponed } from '../scim/bulk-reference.ts'
import { ScimError } from '../scim/errors.ts'
import type { ResourceType } from '../scim/resource-type.ts'

interface Waiting {
  readonly operation: BulkOperation | undefined
  readonly footprint: Footprint | undefined
  /** Operations that create what this one refers to. */
  readonly needs: Set<number>
  /** Earlier operations that it should not overtake. */
  readonly follows: Set<number>
  readonly dependents: Set<number>
}

/** What has become of a bulkId. */
type Resolution = { readonly id: string } | 'failed'

/**
 * The order of the operations of a BulkRequest (RFC 7644 §3.7): references first, also forward ones; else the order in
 * which the client wrote them, where it can matter; circular references are postponed.
 */
export class BulkSchedule {
  readonly #waiting: Map<number, Waiting>
  readonly #started = new Map<number, Waiting>()
  readonly #creators = new Map<string, number>()
  readonly #resolved = new Map<string, Resolution>()
  readonly #postponed = new Map<number, { operation: BulkOperation } & Postponed>()
  readonly #bulkIds: readonly (string | undefined)[]

  /** @param operations undefined for one that cannot be done; it settles like the others. */
  constructor(
    resourceTypes: readonly ResourceType[],
    operations: readonly (BulkOperation | undefined)[],
  ) {
    this.#bulkIds = operations.map((operation) => operation?.bulkId)
    for (const [index, operation] of operations.entries()) {
      const isCreator = operation?.method === 'POST' && operation.bulkId !== undefined
      if (isCreator) this.#creators.set(operation.bulkId, index)
    }
    this.#waiting = new Map(
      operations.map((operation, index) => [
        index,
        {
          operation,
          footprint: operation === undefined ? undefined : footprintOf(resourceTypes, operation),
          needs: new Set(),
          follows: new Set(),
          dependents: new Set(),
        },
      ]),
    )
    for (const [index, waiting] of this.#waiting) this.#link(index, waiting)
  }

  #link(index: number, waiting: Waiting): void {
    const { footprint } = waiting
    if (footprint === undefined) return
    for (const bulkId of footprint.references) {
      const creator = this.#creators.get(bulkId)
      if (creator !== undefined) waiting.needs.add(creator)
    }
    for (let earlier = 0; earlier < index; earlier += 1) {
      const before = this.#waiting.get(earlier)?.footprint
      if (before !== undefined && mustFollow(footprint, before)) waiting.follows.add(earlier)
    }
    for (const other of [...waiting.needs, ...waiting.follows]) {
      this.#waiting.get(other)?.dependents.add(index)
    }
  }

  /**
   * Takes the next operation that can be done.
   * @param mustChoose nothing is running that could free another one: a cycle has to be broken.
   * @returns its index; undefined when none is left, or none is ready.
   */
  next(mustChoose: boolean): number | undefined {
    const index =
      this.#first(({ needs, follows }) => needs.size === 0 && follows.size === 0) ??
      (mustChoose ? this.#breakCycle() : undefined)
    if (index !== undefined) this.#started.set(index, this.#take(index))
    return index
  }

  #take(index: number): Waiting {
    const waiting = this.#waiting.get(index)
    if (waiting === undefined) throw new RangeError(`Operation ${index} was taken before.`)
    this.#waiting.delete(index)
    return waiting
  }

  #first(isWanted: (waiting: Waiting) => boolean): number | undefined {
    for (const [index, waiting] of this.#waiting) if (isWanted(waiting)) return index
    return undefined
  }

  /** A forward reference outweighs the order of writing; a circular one is left out at first (RFC 7644 §3.7.1). */
  #breakCycle(): number | undefined {
    const ready = this.#first(({ needs }) => needs.size === 0)
    if (ready !== undefined) return ready
    const index = this.#first(({ operation }) => operation?.method === 'POST')
    const waiting = index === undefined ? undefined : this.#waiting.get(index)
    if (index === undefined || waiting?.operation?.data === undefined)
      return this.#first(() => true)
    const unresolved = new Set(
      [...this.#creators].filter(([, creator]) => waiting.needs.has(creator)).map(([id]) => id),
    )
    const split = postponeReferences(waiting.operation.data, unresolved)
    this.#postponed.set(index, { operation: waiting.operation, ...split })
    return index
  }

  /** Notes the end of an operation; `id` is that of the resource it was about, undefined when it failed. */
  settle(index: number, id: string | undefined): void {
    const bulkId = this.#bulkIds[index]
    // Nobody waits for other operations than POST, so that a reference to their bulkId would be resolved by chance.
    if (bulkId !== undefined && this.#creators.get(bulkId) === index) {
      this.#resolved.set(bulkId, id === undefined ? 'failed' : { id })
    }
    for (const dependent of this.#started.get(index)?.dependents ?? []) {
      const waiting = this.#waiting.get(dependent)
      waiting?.needs.delete(index)
      waiting?.follows.delete(index)
    }
    this.#started.delete(index)
  }

  /** The operation without the references that would go round in a circle. */
  withoutPostponed(operation: BulkOperation): BulkOperation {
    for (const postponed of this.#postponed.values()) {
      if (postponed.operation === operation) return { ...operation, data: postponed.now }
    }
    return operation
  }

  /** What is to be added to the resources that were created without some of their references. */
  postponed(): ReadonlyMap<number, { operation: BulkOperation } & Postponed> {
    return this.#postponed
  }

  /**
   * The id that a bulkId stands for.
   * @throws ScimError `invalidValue` for one that no POST of the request has, or whose POST failed (§3.7.2).
   */
  idOf(bulkId: string): string {
    const resolution = this.#resolved.get(bulkId)
    if (resolution === undefined) {
      throw new ScimError(
        'invalidValue',
        'The operation refers to a bulkId that no POST of this request has.',
      )
    }
    if (resolution === 'failed') {
      throw new ScimError(
        'invalidValue',
        'The operation refers to the bulkId of a POST that has failed.',
      )
    }
    return resolution.id
  }
}
