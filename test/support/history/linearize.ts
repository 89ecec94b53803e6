/** What an object may have been through, as one operation saw or changed it. */
export interface Entry<State> {
  readonly called: number
  /** Infinite where it may still take effect whenever it likes. */
  readonly returned: number
  /** Whether it may have had no effect at all. */
  readonly isOptional: boolean
  /** Whether it changes the state; else it only tells of it. */
  readonly isChange: boolean
  /** The state behind it; undefined when it is not possible in this one. */
  readonly apply: (state: State) => State | undefined
  /** Two optional entries with the same effect are as good as each other, as long as both are possible. */
  readonly effect?: string
  /** For reports. */
  readonly words: string
}

/** An object and all that was done with it. */
export interface ObjectHistory<State> {
  readonly name: string
  readonly initial: State
  /** Tells states apart. */
  readonly key: (state: State) => string
  readonly entries: readonly Entry<State>[]
}

/** Configurations after which a search is given up: then the history is told to be too large. */
const MOST_CONFIGURATIONS = 100_000

/** A choice that was made, and those that are left to be tried in its place. */
interface Step<State> {
  readonly state: State
  /** The latest call among the entries chosen before. */
  readonly latest: number
  readonly candidates: readonly number[]
  tried: number
  chosen: number | undefined
}

/**
 * Whether an order of the entries explains them: each takes effect at one moment between its call and its return (Wing and
 * Gong's search, which remembers where it has been).
 * @throws RangeError when it takes too long to find out.
 */
export function isLinearizable<State>({ initial, key, entries }: ObjectHistory<State>): boolean {
  const sorted = entries.toSorted((one, other) => one.called - other.called)
  const search = new Search(sorted)
  const seen = new Visited()
  const steps: Step<State>[] = [search.step(initial, -1)]
  for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
    if (search.isComplete) return true
    if (step.chosen !== undefined) search.undo(step.chosen)
    step.chosen = undefined
    const at = step.candidates[step.tried]
    step.tried += 1
    if (at === undefined) {
      steps.pop()
      continue
    }
    const entry = sorted[at]
    const state = entry?.apply(step.state)
    if (entry === undefined || state === undefined) continue
    // What need not have an effect has none.
    if (entry.isOptional && key(state) === key(step.state)) continue
    search.choose(at)
    const latest = Math.max(step.latest, entry.called)
    if (!seen.isNew(`${search.position(latest)} ${key(state)}`, search.used(latest))) {
      search.undo(at)
      continue
    }
    step.chosen = at
    steps.push(search.step(state, latest))
  }
  return false
}

/** Where a search has been: what a configuration has not used yet, it can still use. */
class Visited {
  readonly #used = new Map<string, (readonly number[])[]>()
  #size = 0

  /** Whether the search was not here before, with all the optional entries left that are left now. */
  isNew(configuration: string, used: readonly number[]): boolean {
    const others = this.#used.get(configuration)
    if (others?.some((other) => other.every((at) => used.includes(at))) === true) return false
    this.#size += 1
    if (this.#size > MOST_CONFIGURATIONS) throw new RangeError('the search takes too long')
    if (others === undefined) this.#used.set(configuration, [used])
    else others.push(used)
    return true
  }
}

/** Which entries are in the order already, and which may come next. */
class Search<State> {
  readonly #entries: readonly Entry<State>[]
  readonly #optional: readonly number[]
  readonly #isChosen: boolean[]
  #required: number
  /** Every required entry before it is chosen. */
  #first = 0

  constructor(entries: readonly Entry<State>[]) {
    this.#entries = entries
    this.#optional = entries.flatMap(({ isOptional }, at) => (isOptional ? [at] : []))
    this.#isChosen = entries.map(() => false)
    this.#required = entries.length - this.#optional.length
  }

  get isComplete(): boolean {
    return this.#required === 0
  }

  choose(at: number): void {
    this.#isChosen[at] = true
    if (this.#entries[at]?.isOptional === false) this.#required -= 1
    this.#moveOn()
  }

  undo(at: number): void {
    this.#isChosen[at] = false
    if (this.#entries[at]?.isOptional === true) return
    this.#required += 1
    this.#first = Math.min(this.#first, at)
  }

  #moveOn(): void {
    for (;;) {
      const entry = this.#entries[this.#first]
      if (entry === undefined) return
      if (!entry.isOptional && this.#isChosen[this.#first] !== true) return
      this.#first += 1
    }
  }

  /** What may come next: whatever was called before one that is left had to return. Whoever must return first is tried first. */
  step(state: State, latest: number): Step<State> {
    const required: number[] = []
    let end = Infinity
    for (let at = this.#first; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at]
      if (entry === undefined || entry.called > end) break
      if (entry.isOptional || this.#isChosen[at] === true) continue
      required.push(at)
      end = Math.min(end, entry.returned)
    }
    const returnOf = (at: number): number => this.#entries[at]?.returned ?? 0
    const isOpen = (at: number): boolean => (this.#entries[at]?.called ?? 0) < end
    const candidates = required
      .filter(isOpen)
      .toSorted((one, other) => returnOf(one) - returnOf(other))
    const optional = this.#optional.filter(
      (at) => this.#isChosen[at] !== true && isOpen(at) && returnOf(at) > latest,
    )
    const chosen = undefined
    const all = [...candidates, ...this.#oneOfEach(optional)]
    return { state, latest, candidates: all, tried: 0, chosen }
  }

  /** Of those with the same effect the one that is possible for the shortest time: the others can take its place. */
  #oneOfEach(optional: readonly number[]): readonly number[] {
    const byEffect = new Map<string, number>()
    for (const at of optional) {
      const entry = this.#entries[at]
      if (entry === undefined) continue
      const effect = entry.effect ?? `of ${at}`
      const other = byEffect.get(effect)
      if (other === undefined || entry.returned < (this.#entries[other]?.returned ?? 0)) {
        byEffect.set(effect, at)
      }
    }
    return [...byEffect.values()]
  }

  /** The required entries that are chosen, in a few words: they say which are left. */
  position(latest: number): string {
    const chosen: number[] = []
    for (let at = this.#first; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at]
      if (entry === undefined || entry.called > latest) break
      if (this.#isChosen[at] === true && !entry.isOptional) chosen.push(at)
    }
    return `${this.#first} ${chosen.join()}`
  }

  /** The optional entries that are chosen, as far as they would still be possible. */
  used(latest: number): readonly number[] {
    return this.#optional.filter(
      (at) => this.#isChosen[at] === true && (this.#entries[at]?.returned ?? 0) > latest,
    )
  }
}
