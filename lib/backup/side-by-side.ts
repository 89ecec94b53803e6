/** Work that is done side by side, so much of it at a time; what is for one key in its turn. */
export class SideBySide {
  readonly #most: number
  readonly #running = new Set<Promise<void>>()
  readonly #turns = new Map<string, Promise<void>>()
  readonly #errors: unknown[] = []

  /** @param most pieces of work that are begun and not done, those that wait for their turn included. */
  constructor(most: number) {
    this.#most = most
  }

  /** Begins a piece of work as soon as there is room for it. @throws what another has thrown. */
  async add(key: string, work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#most) await Promise.race(this.#running)
    this.#refuse()
    const before = this.#turns.get(key)
    const running = this.#inTurn(before, work).finally(() => {
      this.#running.delete(running)
      if (this.#turns.get(key) === running) this.#turns.delete(key)
    })
    this.#running.add(running)
    this.#turns.set(key, running)
  }

  /** Waits until all is done. @throws the first error. */
  async done(): Promise<void> {
    await Promise.all(this.#running)
    this.#refuse()
  }

  async #inTurn(before: Promise<void> | undefined, work: () => Promise<void>): Promise<void> {
    await before
    // After a failure nothing new is begun.
    if (this.#errors.length > 0) return
    try {
      await work()
    } catch (error) {
      this.#errors.push(error)
    }
  }

  #refuse(): void {
    if (this.#errors.length > 0) throw this.#errors[0]
  }
}
