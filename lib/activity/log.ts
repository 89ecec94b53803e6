import * as z from 'zod'
import { ScimError } from '../scim/errors.ts'
import { seal, unseal, type Sign } from '../sealed-text.ts'
import type {
  ActivityEntry,
  ActivityPage,
  ActivityQuery,
  ActivityStore,
} from '../storage/activity-port.ts'
import { placeBehind, timeOfPlace } from '../storage/journal-position.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'
import type { Directory, KnownResource } from './directory.ts'
import { toldEntry, type LogEntry } from './entry.ts'
import { knownOf } from './known.ts'
import { newSince } from './new-since.ts'
import {
  floorAt,
  markOf,
  MOST_MARKS,
  positionBehind,
  readPosition,
  writePosition,
  type Position,
} from './position.ts'

/** Whose activity is read, and with what. */
export interface LogParts {
  readonly store: Pick<ActivityStore, 'read'>
  readonly directory: Directory
  readonly tenant: TenantIdentity
  /** Authenticates with the tenant's key. */
  readonly sign: Sign
  /** Labels of the tenant's credentials by id. */
  readonly labels: ReadonlyMap<string, string>
  /** Whether names may be told that the journal has not. */
  readonly withNames: boolean
  readonly now: Date
}

/** Which entries. */
export interface LogQuery {
  /** Milliseconds since 1970; both ends are included. */
  readonly since?: number
  readonly until?: number
  /** The id of a user, group or credential, or a name. */
  readonly subject?: string
  readonly outcome?: 'changed' | 'refused'
  readonly count: number
}

export interface LogPage {
  /** The newest first. */
  readonly items: readonly LogEntry[]
  /** Of the page behind this one. */
  readonly nextCursor?: string
  /** To be sent to get what is new since. */
  readonly position: string
  /** Whether there is more of what was asked for. */
  readonly hasMore: boolean
}

/** Ids that a name stands for, at most: a filter takes few. */
const MOST_IDS = 5

/** Entries in which a name is looked for, of those who are not there any more. */
const NAMED_ENTRIES = 50

const CURSOR = z.strictObject({
  behind: z.string(),
  ids: z.array(z.string()).optional(),
  position: z.string(),
})

/** Where a page goes on. */
interface Place {
  readonly behind?: string
  /** The ids that the subject stands for, once they are known. */
  readonly ids?: readonly string[] | undefined
  readonly position: Position
}

/**
 * A page, the newest entries first: one round trip, one more for a name that is asked for, and at most two for names and
 * managers that the page leaves open.
 * @throws ScimError `invalidCursor` for a text that is none of this tenant and query.
 */
export async function readLog(parts: LogParts, query: LogQuery, cursor?: string): Promise<LogPage> {
  const { store, tenant, now } = parts
  const place = cursor === undefined ? undefined : readCursor(parts, query, cursor)
  const subject = await subjectOf(parts, query, place?.ids)
  const { count } = query
  const filter = filterOf(query, subject)
  const behind = place?.behind === undefined ? {} : { behind: place.behind }
  const floor = floorAt(now)
  const size = place === undefined ? sizeOfFirst(query, floor) : { count }
  const page = await store.read(tenant, { ...filter, ...behind, ...size })
  const position = place === undefined ? seenBy(page, floor) : seenToo(page, place.position)
  const entries = page.entries.slice(0, count)
  const last = entries.at(-1)
  const isCut = last !== undefined && entries.length < page.entries.length
  const next = isCut ? placeBehind(last) : page.next
  return {
    items: await told(parts, entries, subject?.known),
    ...(next === undefined
      ? {}
      : { nextCursor: writeCursor(parts, query, { ids: subject?.ids, position, behind: next }) }),
    position: writePosition(position),
    hasMore: next !== undefined,
  }
}

/** Beside what is shown of the first page those are read that are young enough to be marked. */
function sizeOfFirst(
  { until = Infinity, count }: LogQuery,
  floor: number,
): Pick<ActivityQuery, 'count' | 'enough'> {
  if (until < floor) return { count }
  return { count: Math.max(count, MOST_MARKS + 1), enough: { count, since: floor } }
}

/** What is there already is not new, whether it is on the page or behind it. */
function seenBy({ entries, next }: ActivityPage, floor: number): Position {
  const from = next === undefined ? floor : Math.max(floor, timeOfPlace(next) + 1)
  return positionBehind(entries, from)
}

/** A later page may have what came late. */
function seenToo({ entries }: ActivityPage, { floor, marks }: Position): Position {
  const late = entries.filter((entry) => !marks.has(markOf(entry)))
  return positionBehind(late, floor, { before: marks })
}

/**
 * What is new since a position: nothing is missed that came late, nothing is told twice, and a refusal that came again
 * is told again. Where there is more than fits, the oldest comes first.
 */
export async function readNew(
  parts: LogParts,
  query: Omit<LogQuery, 'since' | 'until'>,
  position: Position,
): Promise<LogPage> {
  const { store, tenant, now } = parts
  const subject = await subjectOf(parts, query)
  const filter = filterOf(query, subject)
  const read = (range: Pick<ActivityQuery, 'since' | 'until' | 'behind' | 'count'>) =>
    store.read(tenant, { ...filter, ...range })
  const {
    fresh,
    position: behind,
    hasMore,
  } = await newSince(read, position, {
    count: query.count,
    now,
  })
  return {
    items: await told(parts, fresh.toReversed(), subject?.known),
    position: writePosition(behind),
    hasMore,
  }
}

async function told(
  parts: LogParts,
  entries: readonly ActivityEntry[],
  seen: readonly KnownResource[] = [],
): Promise<readonly LogEntry[]> {
  const known = await knownOf(parts, entries, seen)
  return entries.map((entry) => toldEntry(entry, known))
}

function filterOf(
  { since, until, outcome, subject: name }: LogQuery,
  subject: Subject | undefined,
): Pick<ActivityQuery, 'since' | 'until' | 'outcome' | 'about'> {
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(subject === undefined || name === undefined
      ? {}
      : { about: { ids: subject.ids, names: [name] } }),
  }
}

/** Whom a query is about. */
interface Subject {
  readonly ids: readonly string[]
  /** What was found out on the way. */
  readonly known: readonly KnownResource[]
}

/** What is asked for may be an id, and a name of several: of those who are there, and of those who were. */
async function subjectOf(
  { store, directory, tenant }: LogParts,
  { subject }: LogQuery,
  ids?: readonly string[],
): Promise<Subject | undefined> {
  if (subject === undefined) return undefined
  if (ids !== undefined) return { ids, known: [] }
  const [known, { entries }] = await Promise.all([
    directory.named(tenant.partitionKey, subject),
    store.read(tenant, {
      outcome: 'changed',
      about: { ids: [], names: [subject] },
      count: NAMED_ENTRIES,
    }),
  ])
  const were = entries.flatMap((entry) => (entry.kind === 'change' ? [entry.subject] : []))
  const all = [subject, ...known.map(({ id }) => id), ...were]
  return { ids: [...new Set(all)].slice(0, MOST_IDS), known }
}

/** All that a page depends on but its place and size. */
function boundTo({ since, until, subject, outcome }: LogQuery): string {
  return JSON.stringify([since ?? null, until ?? null, subject ?? null, outcome ?? null])
}

function writeCursor({ sign }: LogParts, query: LogQuery, place: Place): string {
  const { behind, ids, position } = place
  const content = { behind, ids, position: writePosition(position) }
  return seal(sign, 'activity', boundTo(query), content)
}

function readCursor({ sign }: LogParts, query: LogQuery, cursor: string): Place {
  const content = CURSOR.safeParse(unseal(sign, 'activity', boundTo(query), cursor)).data
  const position = readPosition(content?.position ?? '')
  if (content === undefined || position === undefined) {
    throw new ScimError(
      'invalidCursor',
      'This cursor was not made for this query. Start again without a cursor.',
    )
  }
  return { behind: content.behind, ids: content.ids, position }
}
