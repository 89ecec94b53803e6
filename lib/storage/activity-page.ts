import type { ActivityEntry, ActivityPage, ActivityQuery, ChangeEntry } from './activity-port.ts'
import { isWanted } from './journal-entry.ts'
import { journalRange, rangeBehind, type KeyRange } from './keys.ts'

type Journal = ChangeEntry['table']

/** The journals of a tenant, in the order of entries that have the same place in time. */
export const JOURNALS: readonly Journal[] = ['users', 'groups', 'tenants']

/** Refusals stand at the end of their minutes, at most so long behind the last of them. */
const REFUSAL_MILLISECONDS = 10 * 60 * 1000

/** A place in a journal: at a key, or where such a key would be. */
export interface Place {
  readonly table: Journal
  readonly key: string
}

/** What stands at a place; undefined for what is no entry. */
export interface Placed extends Place {
  readonly entry: ActivityEntry | undefined
}

/**
 * A page of what was read of the journals.
 * @param ends up to where each journal was read that goes on behind it.
 */
export function pageOf(
  placed: readonly Placed[],
  ends: readonly Place[],
  query: ActivityQuery,
): ActivityPage {
  const [end] = ends.toSorted(comparePlaces)
  const known = placed.filter((each) => end === undefined || comparePlaces(each, end) <= 0)
  const entries: ActivityEntry[] = []
  let last: Place | undefined
  for (const each of known.toSorted(comparePlaces)) {
    if (each.entry !== undefined && isWanted(each.entry, query)) {
      if (last !== undefined && entries.length >= query.count)
        return { entries, next: textOf(last) }
      entries.push(each.entry)
    }
    last = each
  }
  return end === undefined ? { entries } : { entries, next: textOf(end) }
}

function comparePlaces(one: Place, other: Place): number {
  if (one.key !== other.key) return one.key < other.key ? -1 : 1
  return JOURNALS.indexOf(one.table) - JOURNALS.indexOf(other.table)
}

function textOf({ table, key }: Place): string {
  return `${table} ${key}`
}

/** @throws TypeError for what is no `ActivityPage.next`. */
function placeIn(text: string): Place {
  const [name, key] = text.split(' ', 2)
  const table = JOURNALS.find((each) => each === name)
  if (table === undefined || key === undefined) throw new TypeError('not a page of the activity')
  return { table, key }
}

/** The keys of a journal that a page may have entries of: somewhat more than a time bounds, as refusals stand late. */
export function rangeIn(table: Journal, { since, until, behind }: ActivityQuery): KeyRange {
  const late = table === 'users' ? REFUSAL_MILLISECONDS : 0
  const range = journalRange({ since, until: until === undefined ? undefined : until + late })
  if (behind === undefined) return range
  const place = placeIn(behind)
  const isRead = JOURNALS.indexOf(table) <= JOURNALS.indexOf(place.table)
  const rest = isRead ? rangeBehind(range, place.key) : { ...range, from: place.key }
  return rest.from > range.from ? rest : range
}
