/** The last holder of each turn, by key; gone when nobody waits. */
const turns = new Map<string, Promise<unknown>>()

/**
 * Runs work for one key after the other within this process. Parallel changes of one resource would else lose races
 * against each other in the store and read again, each time. Correctness never depends on it: other instances take part in
 * the same races.
 */
export async function inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const before = turns.get(key) ?? Promise.resolve()
  const mine = before.then(work, work)
  turns.set(key, mine)
  try {
    return await mine
  } finally {
    if (turns.get(key) === mine) turns.delete(key)
  }
}
