import { compareIds } from '../storage/keys.ts'

interface WithId {
  readonly id: string
}

/** What two lists have of one id, of which at least one has something. */
export interface Both<One, Other> {
  readonly id: string
  readonly one: One | undefined
  readonly other: Other | undefined
}

type Source<Value> = AsyncIterable<Value> | Iterable<Value>

/** Two lists in the order of ids as one. */
export async function* inOrderOfIds<One extends WithId, Other extends WithId>(
  ones: Source<One>,
  others: Source<Other>,
): AsyncGenerator<Both<One, Other>> {
  const [left, right] = [readerOf(ones), readerOf(others)]
  let one = await left()
  let other = await right()
  while (one !== undefined || other !== undefined) {
    const order = orderOf(one, other)
    const id = (order <= 0 ? one : other)?.id ?? ''
    yield { id, one: order <= 0 ? one : undefined, other: order >= 0 ? other : undefined }
    if (order <= 0) one = await left()
    if (order >= 0) other = await right()
  }
}

function orderOf(one: WithId | undefined, other: WithId | undefined): number {
  if (one === undefined) return 1
  return other === undefined ? -1 : compareIds(one.id, other.id)
}

function readerOf<Value>(source: Source<Value>): () => Promise<Value | undefined> {
  const values = eachOf(source)
  return async () => {
    const next = await values.next()
    return next.done === true ? undefined : next.value
  }
}

async function* eachOf<Value>(source: Source<Value>): AsyncGenerator<Value, void> {
  for await (const value of source) yield value
}
