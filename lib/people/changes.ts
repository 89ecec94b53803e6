import * as z from 'zod'
import { ScimError } from '../scim/errors.ts'
import { memberTypeOf } from '../scim/resource-id.ts'
import { seal, unseal, type Sign } from '../sealed-text.ts'
import type { ActivityQuery, ActivityStore, ChangeEntry } from '../storage/activity-port.ts'
import { placeBehind } from '../storage/journal-position.ts'
import type { TenantIdentity } from '../storage/tenant-port.ts'

/*
 * What has changed since a position, for lists that an application keeps a copy of:
 *
 *   positionNow(parts, 'teams')                                  before a full load: whence its changes are read
 *   readChanges(parts, 'teams', { changedSince, cursor }, count) the ids of what has changed since, page by page
 *
 * The ids are read from the journal, what they stand for afterwards from the storage: whatever the journal says has happened
 * is seen. An id of `own` for which there is nothing (any more) was removed; one that is not among them never was such.
 */

/** The lists whose changes can be asked for. */
export type ChangingList = 'people' | 'teams'

/** Whose changes are read, and with what. */
export interface ChangesParts {
  readonly store: Pick<ActivityStore, 'read'>
  readonly tenant: TenantIdentity
  /** Authenticates with the tenant's key: no position of another tenant, or of an earlier one of the same id, is good. */
  readonly sign: Sign
  readonly now: Date
  /** Days for which the tenant's journal is kept. */
  readonly activityDays: number
}

/** Whence changes are asked for: a position, or a page behind the first. */
export interface ChangesPlace {
  readonly changedSince: string
  readonly cursor?: string | undefined
}

/** A page of changes: the latest come first, over all pages. */
export interface ChangesPage {
  /** Ids, each once; another page may have one again. */
  readonly ids: readonly string[]
  /** Those whose own change is on the page: if there is nothing with such an id, it was removed. */
  readonly own: ReadonlySet<string>
  /** Of the next page; one may have no ids and go on all the same. */
  readonly nextCursor?: string
  /** Whence the changes behind these are read, once the last page is there; the same on all pages. */
  readonly position: string
}

/** Milliseconds after its own time in which a change may still be committed: what is younger is read again. */
const LATENESS = 150_000

const DAY = 24 * 60 * 60 * 1000

const MOMENT = {
  /** Milliseconds since 1970: what is older was told. */
  at: z.number(),
  /** Until when the journal has all since then. */
  good: z.number(),
}

const POSITION = z.strictObject(MOMENT)

/** Of a page: whence it goes on, and the position behind all pages. */
const CURSOR = z.strictObject({ behind: z.string(), position: POSITION })

type Position = z.output<typeof POSITION>

/** What a change says of a list. */
interface Named {
  readonly own: readonly string[]
  readonly moved: readonly string[]
}

/** The journals that a list changes with, and whom a change in them is about. */
const LISTS: Readonly<
  Record<
    ChangingList,
    {
      readonly tables: readonly ChangeEntry['table'][]
      readonly named: (entry: ChangeEntry) => Named
    }
  >
> = {
  people: {
    tables: ['users', 'groups'],
    named({ table, subject, added = [], removed = [] }) {
      if (table === 'users') return { own: [subject], moved: [] }
      const moved = [...added, ...removed].filter((id) => memberTypeOf(id) !== 'Group')
      return { own: [], moved }
    },
  },
  teams: {
    tables: ['groups'],
    named: ({ subject }) => ({ own: [subject], moved: [] }),
  },
}

/** Whence the changes of a list are read that it may not have yet. */
export function positionNow(parts: ChangesParts, list: ChangingList): string {
  return writePosition(parts, list, momentOf(parts))
}

/**
 * A page of what has changed since a position: one round trip. Nothing is missed, what is young may come again.
 * @param count ids of a page, unless a single change has more.
 * @throws ScimError `invalidCursor` for what is no position, or no cursor of it, of this tenant and list; `expiredCursor` for
 *   a position that is older than the journal.
 */
export async function readChanges(
  parts: ChangesParts,
  list: ChangingList,
  place: ChangesPlace,
  count: number,
): Promise<ChangesPage> {
  const since = readPosition(parts, list, place.changedSince)
  const { behind, position } = placeOf(parts, list, place)
  const { tables, named } = LISTS[list]
  const query: ActivityQuery = {
    outcome: 'changed',
    tables,
    withLosses: list === 'people',
    since: since.at,
    count,
    ...(behind === undefined ? {} : { behind }),
  }
  const page = await parts.store.read(parts.tenant, query)
  const entries = page.entries.filter((entry) => entry.kind === 'change')
  const { ids, own, used } = collected(entries.map(named), count)
  const last = entries[used - 1]
  const next = used < entries.length && last !== undefined ? placeBehind(last) : page.next
  return {
    ids,
    own,
    ...(next === undefined
      ? {}
      : {
          nextCursor: seal(parts.sign, 'changes', boundTo(list, place), { behind: next, position }),
        }),
    position: writePosition(parts, list, position),
  }
}

/** As many of the changes as name no more ids than asked for, and at least one. */
function collected(
  all: readonly Named[],
  count: number,
): Pick<ChangesPage, 'ids' | 'own'> & { readonly used: number } {
  const ids = new Set<string>()
  const own = new Set<string>()
  for (const [used, named] of all.entries()) {
    const more = [...named.own, ...named.moved].filter((id) => !ids.has(id))
    if (used > 0 && ids.size + more.length > count) return { ids: [...ids], own, used }
    for (const id of more) ids.add(id)
    for (const id of named.own) own.add(id)
  }
  return { ids: [...ids], own, used: all.length }
}

function momentOf({ now, activityDays }: ChangesParts): Position {
  const at = now.getTime() - LATENESS
  return { at, good: at + activityDays * DAY }
}

function writePosition({ sign }: ChangesParts, list: ChangingList, position: Position): string {
  return seal(sign, 'position', list, position)
}

function readPosition(parts: ChangesParts, list: ChangingList, text: string): Position {
  const { sign, now, activityDays } = parts
  const position = POSITION.safeParse(unseal(sign, 'position', list, text)).data
  if (position === undefined) {
    throw new ScimError(
      'invalidCursor',
      'This is no position of this list. Read everything again, without changedSince.',
    )
  }
  const good = Math.min(position.good, position.at + activityDays * DAY)
  // The clock of what purges the journal may be another one.
  if (now.getTime() < good - LATENESS) return position
  throw new ScimError(
    'expiredCursor',
    'What has changed since then is not known any more. Read everything again, without changedSince.',
  )
}

function placeOf(
  parts: ChangesParts,
  list: ChangingList,
  place: ChangesPlace,
): { readonly behind?: string; readonly position: Position } {
  const { cursor } = place
  if (cursor === undefined) return { position: momentOf(parts) }
  const content = CURSOR.safeParse(unseal(parts.sign, 'changes', boundTo(list, place), cursor)).data
  if (content !== undefined) return content
  throw new ScimError(
    'invalidCursor',
    'This cursor was not made for this list and position. Start again without a cursor.',
  )
}

/** What a cursor is good for. */
function boundTo(list: ChangingList, { changedSince }: ChangesPlace): string {
  return JSON.stringify([list, changedSince])
}
