/** Who is at work for one key, or waits. */
interface Turns {
  /** Settles when the last who asked for a turn is done. */
  last: Promise<unknown>
  /** Work that runs side by side. */
  readonly alongside: Set<Promise<unknown>>
}

const DONE: Promise<unknown> = Promise.resolve()

/** Gone when nobody is at work and nobody waits. */
const turnsOf = new Map<string, Turns>()

/**
 * Runs work for one key after the other within this process, and not while work runs `alongside`. Parallel changes of one
 * resource would else lose races against each other in the store and read again, each time. Correctness never depends on
 * it: other instances take part in the same races.
 */
export async function inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const turns = join(key)
  const before = Promise.allSettled([turns.last, ...turns.alongside])
  const mine = before.then(work)
  turns.last = mine
  try {
    return await mine
  } finally {
    leave(key, turns, mine)
  }
}

/**
 * Runs work for one key together with other such work: changes that never lose a race, but make those who read first and
 * write then lose theirs. It waits for whoever took a turn before, so that nobody in turn waits for ever.
 */
export async function alongside<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const turns = join(key)
  const mine = turns.last.then(work, work)
  turns.alongside.add(mine)
  try {
    return await mine
  } finally {
    turns.alongside.delete(mine)
    leave(key, turns, mine)
  }
}

function join(key: string): Turns {
  const turns = turnsOf.get(key) ?? { last: DONE, alongside: new Set() }
  turnsOf.set(key, turns)
  return turns
}

function leave(key: string, turns: Turns, mine: Promise<unknown>): void {
  // Whoever waits has put itself in the place of the last, or is in the set.
  if (turns.last === mine) turns.last = DONE
  if (turns.last === DONE && turns.alongside.size === 0) turnsOf.delete(key)
}
