/**
 * Works on items side by side and gives the results in the order of the items. Stops starting when the consumer stops
 * reading.
 * @param atOnce how many are worked on, or wait to be read, at the same time.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const started: Promise<Result>[] = []
  const remaining = items.values()
  const start = (): void => {
    const next = remaining.next()
    if (next.done === true) return
    const running = work(next.value)
    // It is awaited later, or never when the consumer stops: its failure must not pass for an unhandled one.
    running.catch(() => undefined)
    started.push(running)
  }
  for (let slot = 0; slot < atOnce; slot += 1) start()
  for (let oldest = started.shift(); oldest !== undefined; oldest = started.shift()) {
    const result = await oldest
    start()
    yield result
  }
}
