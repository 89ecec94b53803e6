import type { Census } from './census.ts'
import type { Violation } from './check.ts'
import { inWords, type Event } from './operation.ts'

/** Totals that no order of the operations allows: fewer than were there all the time, more than can have been there. */
export function wrongTotals(census: Census): readonly Violation[] {
  return census.events.flatMap((event) => {
    const { total, seen } = event.outcome
    if (total === undefined || event.operation.verb === 'FIND') return []
    const [least, most] =
      event.operation.verb === 'LIST' ? [seen.length, seen.length] : boundsOf(census, event)
    if (total >= least && total <= most) return []
    const about = `a total that should be from ${least} to ${most}`
    return [{ about, operations: [inWords(event)] }]
  })
}

function boundsOf(census: Census, count: Event): readonly [least: number, most: number] {
  const { type } = count.operation
  const most = census.ids(type).filter((id) => census.mayMeet(id, count))
  return [census.thereDuring(type, count).length, most.length + unseen(census, count)]
}

/** Creations of which nobody knows whether they were made, and whose resource nobody has seen. */
function unseen(census: Census, count: Event): number {
  return census.events.filter(
    ({ operation, called, outcome }) =>
      operation.verb === 'POST' &&
      operation.type === count.operation.type &&
      outcome.status >= 500 &&
      called < count.returned &&
      !census.isMadeKnown(operation),
  ).length
}
