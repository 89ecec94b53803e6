import type { ActivityEntry, ActivityPage, ActivityQuery } from '../storage/activity-port.ts'
import { compareEntries, timeOf } from '../storage/journal-position.ts'
import { floorAt, markOf, positionBehind, type Position } from './position.ts'

/** Entries that are held at a time: who was away for long gets the oldest part of what is new. */
const MOST_HELD = 1000

type Read = (
  range: Pick<ActivityQuery, 'since' | 'until' | 'behind' | 'count'>,
) => Promise<ActivityPage>

interface New {
  /** The oldest of what is new, at most as many as asked for. */
  readonly fresh: readonly ActivityEntry[]
  readonly position: Position
  readonly hasMore: boolean
}

/** What is new since a position, and the position behind it. */
export async function newSince(
  read: Read,
  position: Position,
  { count, now }: { readonly count: number; readonly now: Date },
): Promise<New> {
  const { found, until } = await firstWithNew(read, position, now)
  const isNew = (entry: ActivityEntry): boolean => !position.marks.has(markOf(entry))
  const waiting = found.filter(isNew).toSorted((one, other) => compareEntries(other, one))
  const fresh = waiting.slice(0, count)
  const left = waiting[count]
  const behindWindow = until === undefined ? Infinity : until + 1
  const ceiling = left === undefined ? behindWindow : timeOf(left)
  const floor = Math.min(Math.max(position.floor, floorAt(now)), ceiling)
  const answered = [...found.filter((entry) => !isNew(entry)), ...fresh]
  return {
    fresh,
    position: positionBehind(answered, floor, { ceiling }),
    hasMore: ceiling !== Infinity,
  }
}

/** All entries from the floor on to the end of the first window that has new ones; `until` is absent at the very end. */
async function firstWithNew(
  read: Read,
  { floor, marks }: Position,
  now: Date,
): Promise<{ readonly found: readonly ActivityEntry[]; readonly until: number | undefined }> {
  const found: ActivityEntry[] = []
  let since = floor
  for (;;) {
    const { entries, until } = await windowFrom(read, since, now)
    found.push(...entries)
    const hasNew = entries.some((entry) => !marks.has(markOf(entry)))
    if (hasNew || until === undefined) return { found, until }
    since = until + 1
  }
}

/** The time from a moment on, or as much of it as has few enough entries: they can only be read the newest first. */
async function windowFrom(
  read: Read,
  since: number,
  now: Date,
): Promise<{ readonly entries: readonly ActivityEntry[]; readonly until: number | undefined }> {
  let until: number | undefined
  for (;;) {
    const entries = await entriesIn(read, since, until)
    if (entries !== undefined) return { entries, until }
    const end = until ?? Math.max(now.getTime(), since + 2)
    until = Math.floor((since + end) / 2)
  }
}

/** Undefined when there are too many; a single millisecond cannot be parted. */
async function entriesIn(
  read: Read,
  since: number,
  until: number | undefined,
): Promise<readonly ActivityEntry[] | undefined> {
  const range = { since, ...(until === undefined ? {} : { until }), count: MOST_HELD }
  const entries: ActivityEntry[] = []
  let behind: { readonly behind?: string } = {}
  for (;;) {
    const page = await read({ ...range, ...behind })
    entries.push(...page.entries.filter((entry) => timeOf(entry) >= since))
    if (page.next === undefined) return entries
    if (entries.length >= MOST_HELD && until !== since) return undefined
    behind = { behind: page.next }
  }
}
