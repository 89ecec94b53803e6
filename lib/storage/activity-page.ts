import type { ActivityEntry, ActivityPage, ActivityQuery, ChangeEntry } from './activity-port.ts'
import { isWanted } from './journal-entry.ts'
import {
  compareEntries,
  compareRanks,
  placeBehind,
  rankOf,
  timeOf,
  type Rank,
} from './journal-position.ts'
import { journalRange, type KeyRange } from './keys.ts'

type Journal = ChangeEntry['table']

/** Refusals stand at the end of their minutes, at most so long behind the last of them. */
const REFUSAL_MILLISECONDS = 10 * 60 * 1000

/** What stands in a row of a journal; without an entry where that is none. */
export interface Placed {
  readonly key: string
  readonly entry: ActivityEntry | undefined
}

/** Where a page begins: at all of a millisecond, or behind one entry of it. */
interface Beginning {
  readonly time: number
  readonly behind?: Rank
}

/**
 * A page of what was read of the journals. Their rows stand where an entry belongs, or before: what is newer than the
 * last row that was read of each is known.
 * @param ends the milliseconds of the last rows that were read of those journals that go on.
 */
export function pageOf(
  placed: readonly Placed[],
  ends: readonly number[],
  query: ActivityQuery,
): ActivityPage {
  const end = Math.max(...ends)
  const known = wantedIn(placed, query, end).toSorted(compareEntries)
  const entries = known.slice(0, query.count)
  const last = entries.at(-1)
  if (last !== undefined && known.length > entries.length)
    return { entries, next: placeBehind(last) }
  return ends.length === 0 ? { entries } : { entries, next: String(end) }
}

/** The entries newer than a moment that a query asks for, in any order. */
export function wantedIn(
  placed: readonly Placed[],
  query: ActivityQuery,
  end: number,
): readonly ActivityEntry[] {
  const beginning = beginningOf(query)
  return placed.flatMap(({ entry }) => {
    if (entry === undefined || timeOf(entry) <= end) return []
    return isFrom(entry, beginning) && isWanted(entry, query) ? [entry] : []
  })
}

function isFrom(entry: ActivityEntry, beginning: Beginning | undefined): boolean {
  if (beginning === undefined) return true
  const { time, behind } = beginning
  if (timeOf(entry) !== time) return timeOf(entry) < time
  return behind === undefined || compareRanks(rankOf(entry), behind) > 0
}

const PLACE = /^(\d{1,15})(?: (\d) ([\w-]+))?$/

/** @throws TypeError for what is no `ActivityPage.next`. */
function beginningOf({ until, behind }: ActivityQuery): Beginning | undefined {
  if (behind === undefined) return until === undefined ? undefined : { time: until }
  const [, time, order, position] = PLACE.exec(behind) ?? []
  if (time === undefined) throw new TypeError('not a page of the activity')
  if (position === undefined) return { time: Number(time) }
  return { time: Number(time), behind: { order: Number(order), position } }
}

/** What a page may have entries of. */
interface JournalPart {
  /** Rows of refusals stand before the moment that the page begins at. */
  readonly range: KeyRange
  /** The keys of what else there may be on the page; undefined where they are all of the range. */
  readonly changes: KeyRange | undefined
  /** The moment that the page begins at, in milliseconds since 1970. */
  readonly time: number | undefined
}

/** The keys of a journal that a page may have entries of. */
export function partOf(table: Journal, query: ActivityQuery): JournalPart {
  const { since, outcome } = query
  const time = beginningOf(query)?.time
  const changes = journalRange({ since, until: time })
  if (table !== 'users' || outcome === 'changed' || time === undefined) {
    return { range: changes, changes: undefined, time }
  }
  const range = journalRange({ since, until: time + REFUSAL_MILLISECONDS })
  return { range, changes: outcome === 'refused' ? undefined : changes, time }
}
