/** Who is at work for one key, or waits. */
interface Queue {
  /** Settles when the last who asked for a turn is done. */
  last: Promise<unknown>
  /** Work that runs side by side. */
  readonly alongside: Set<Promise<unknown>>
}

const DONE: Promise<unknown> = Promise.resolve()

/**
 * Keeps the writers of one resource within this process from losing races against each other in the store, and reading
 * again each time. Correctness never depends on it: other instances take part in the same races.
 */
export class Turns {
  /** A queue is gone when nobody is at work and nobody waits. */
  readonly #queues = new Map<string, Queue>()

  /** Runs work for one key after the other, and not while work runs `alongside`. */
  async inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#join(key)
    const before = Promise.allSettled([queue.last, ...queue.alongside])
    const mine = before.then(work)
    queue.last = mine
    try {
      return await mine
    } finally {
      this.#leave(key, queue, mine)
    }
  }

  /**
   * Runs work for one key together with other such work: changes that never lose a race, but make those who read first
   * and write then lose theirs. It waits for whoever took a turn before, so that nobody in turn waits for ever.
   */
  async alongside<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#join(key)
    const mine = queue.last.then(work, work)
    queue.alongside.add(mine)
    try {
      return await mine
    } finally {
      queue.alongside.delete(mine)
      this.#leave(key, queue, mine)
    }
  }

  #join(key: string): Queue {
    const queue = this.#queues.get(key) ?? { last: DONE, alongside: new Set() }
    this.#queues.set(key, queue)
    return queue
  }

  #leave(key: string, queue: Queue, mine: Promise<unknown>): void {
    // Whoever waits has put itself in the place of the last, or is in the set.
    if (queue.last === mine) queue.last = DONE
    if (queue.last === DONE && queue.alongside.size === 0) this.#queues.delete(key)
  }
}
