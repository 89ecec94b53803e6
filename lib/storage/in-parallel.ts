/**
 * Does the work for each item, at most `limit` at a time; results in the order of the items. After a failure nothing new
 * is begun, what runs is awaited, and the first error is thrown.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const errors: unknown[] = []
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (errors.length > 0) return
      try {
        results[index] = await work(item)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (errors.length > 0) throw errors[0]
  return results
}

/**
 * What the sources give, one source after the other, while the next ones have been asked for their first value already:
 * at most `ahead` values are held. Within a source one value is asked for ahead.
 */
export async function* readAhead<Value>(
  sources: Iterable<AsyncIterable<Value>>,
  ahead: number,
): AsyncGenerator<Value> {
  const waiting = sources[Symbol.iterator]()
  const begun: Begun<Value>[] = []
  for (;;) {
    while (begun.length < ahead) {
      const source = waiting.next()
      if (source.done === true) break
      begun.push(begin(source.value))
    }
    const current = begun.shift()
    if (current === undefined) return
    yield* valuesOf(current)
  }
}

interface Begun<Value> {
  readonly values: AsyncIterator<Value>
  first: Promise<IteratorResult<Value>>
}

function begin<Value>(source: AsyncIterable<Value>): Begun<Value> {
  const values = source[Symbol.asyncIterator]()
  return { values, first: heldBack(values.next()) }
}

async function* valuesOf<Value>({ values, first }: Begun<Value>): AsyncGenerator<Value> {
  let result = await first
  while (result.done !== true) {
    const next = heldBack(values.next())
    yield result.value
    result = await next
  }
}

/** A promise whose failure is seen by whoever awaits it later, or by nobody when the consumer stops before. */
function heldBack<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  return promise
}
