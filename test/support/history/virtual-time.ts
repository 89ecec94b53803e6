import { syncBuiltinESMExports } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers'
import timers from 'node:timers/promises'
import type { Random } from './random.ts'

/** Time that passes only when nothing else is left to do: what waits for seconds takes none, and in the same order each time. */
export interface VirtualTime {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves after so many virtual milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** Lets time pass until the work is done. */
  readonly passUntil: <Result>(work: Promise<Result>) => Promise<Result>
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly fire: () => void
  isCancelled: boolean
}

/** Turns of the event loop in which all that follows from a timer happens: reading a body takes some. */
const TURNS = 2

/** The timers that are set, the next one first: a binary heap. */
class Agenda {
  readonly #heap: Timer[] = []

  add(timer: Timer): void {
    let at = this.#heap.push(timer) - 1
    while (at > 0 && this.#swapIfBefore(at, (at - 1) >> 1)) at = (at - 1) >> 1
  }

  take(): Timer | undefined {
    const [first] = this.#heap
    const last = this.#heap.pop()
    if (first === undefined || last === undefined || this.#heap.length === 0) return first
    this.#heap[0] = last
    let at = 0
    for (let child = this.#firstChild(at); child !== undefined; child = this.#firstChild(at)) {
      if (!this.#swapIfBefore(child, at)) break
      at = child
    }
    return first
  }

  #firstChild(at: number): number | undefined {
    const [left, right] = [2 * at + 1, 2 * at + 2]
    if (left >= this.#heap.length) return undefined
    return right < this.#heap.length && this.#isBefore(right, left) ? right : left
  }

  #swapIfBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined || !this.#isBefore(one, other)) return false
    this.#heap[one] = b
    this.#heap[other] = a
    return true
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined || b === undefined) return false
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }
}

/**
 * Replaces the timers and the clock of this process for good: those of the SDK (`setTimeout`), of the app
 * (node:timers/promises, `AbortSignal.timeout`), `performance.now`, and `Math.random`, by which the SDK's pauses differ.
 * @param start milliseconds since 1970.
 */
export function startVirtualTime(start: number, random: Random): VirtualTime {
  const agenda = new Agenda()
  let now = start
  let order = 0
  const set = (fire: () => void, milliseconds = 0): Timer => {
    order += 1
    const timer = { at: now + Math.max(0, milliseconds), order, fire, isCancelled: false }
    agenda.add(timer)
    return timer
  }
  const pause = (milliseconds?: number): Promise<void> =>
    new Promise((resolve) => set(resolve, milliseconds))
  replaceTimers(set, pause)
  Object.defineProperty(Math, 'random', { value: random })
  Object.defineProperty(performance, 'now', { value: () => now - start })
  return {
    now: () => now,
    pause,
    async passUntil(work) {
      let isDone = false
      const ending = work.finally(() => {
        isDone = true
      })
      ending.catch(() => undefined)
      for (;;) {
        for (let turn = 0; turn < TURNS; turn += 1) await realTurn()
        if (isDone) return ending
        let timer = agenda.take()
        while (timer?.isCancelled === true) timer = agenda.take()
        if (timer === undefined) throw new Error('nothing will ever happen again')
        now = timer.at
        timer.fire()
      }
    },
  }
}

function realTurn(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve)
  })
}

function cancel(timer: Timer | undefined): void {
  if (timer !== undefined) timer.isCancelled = true
}

function replaceTimers(
  set: (fire: () => void, milliseconds?: number) => Timer,
  pause: (milliseconds?: number) => Promise<void>,
): void {
  Object.defineProperty(globalThis, 'setTimeout', { value: set })
  Object.defineProperty(globalThis, 'clearTimeout', { value: cancel })
  Object.defineProperty(AbortSignal, 'timeout', {
    value: (milliseconds: number) => {
      const controller = new AbortController()
      set(
        () => controller.abort(new DOMException('The time is over.', 'TimeoutError')),
        milliseconds,
      )
      return controller.signal
    },
  })
  Object.defineProperty(timers, 'setTimeout', { value: pause })
  Object.defineProperty(timers, 'setImmediate', { value: () => pause() })
  syncBuiltinESMExports()
}
