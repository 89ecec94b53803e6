import { setImmediate as nextTurn } from 'node:timers/promises'
import { checkDeadline, type Deadline } from './deadline.ts'

/** How long one request may work without a pause: the requests of all tenants share the event loop. */
const LONGEST_WORK_MILLISECONDS = 10

/**
 * Works on items one after the other. Other requests have their turn behind the last one, and whenever it has taken long.
 * @returns what the work gives, in the order of the items, without what is undefined.
 * @throws ScimError `unavailable` when the deadline has passed.
 */
export async function workThrough<Item, Result>(
  items: Iterable<Item>,
  deadline: Deadline,
  work: (item: Item) => Result | undefined,
): Promise<Result[]> {
  const results: Result[] = []
  let begun = performance.now()
  for (const item of items) {
    if (performance.now() - begun > LONGEST_WORK_MILLISECONDS) {
      await letOthersWork(deadline)
      begun = performance.now()
    }
    const result = work(item)
    if (result !== undefined) results.push(result)
  }
  await letOthersWork(deadline)
  return results
}

async function letOthersWork(deadline: Deadline): Promise<void> {
  await letOthersRun()
  checkDeadline(deadline)
}

let last: Promise<unknown> = Promise.resolve()

/**
 * Lets what others wait for run before long work goes on. Of all who ask at the same time one goes on in each turn of the
 * event loop: what they do would else add up.
 */
export async function letOthersRun(): Promise<void> {
  const mine = last.then(async () => nextTurn())
  last = mine
  await mine
}
