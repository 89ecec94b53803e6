import { odata } from '@azure/data-tables'
import { pageOf, partOf, wantedIn, type Placed } from '../activity-page.ts'
import type { ActivityPage, ActivityQuery, ChangeEntry } from '../activity-port.ts'
import type { Deadline } from '../deadline.ts'
import { foldedName, formsOfId } from '../journal-entry.ts'
import { JOURNALS, timeOf } from '../journal-position.ts'
import { journalSlices, momentOfJournalKey, type KeyRange } from '../keys.ts'
import type { TenantIdentity } from '../tenant-port.ts'
import { inOrder } from './in-order.ts'
import { toChangeEntry } from './journal-row.ts'
import { MAX_PAGE_SIZE, readRows, type RowPartition } from './partition.ts'
import { REFUSED, toRefusalEntry } from './refusal-row.ts'
import { text, type Row } from './row.ts'
import type { Tables } from './tables.ts'

/** Slices of time of one journal that are read at the same time; two journals may have so many. */
const SLICES_AT_ONCE = 4

/** Rows that are read for one page. */
const MOST_ROWS = 20_000

/** Rows that are read at least: those of one millisecond are shown together. */
const FEWEST_ROWS = 20

/** Rows that are read beside those of the page: of refusals, of which 200 may stand before their time. */
const ROOM = 250

/** Comparisons that Azure takes in a filter beside those of the keys, and characters in the URL of a request. */
const MOST_COMPARISONS = 12
const MOST_CHARACTERS = 8000

type Journal = ChangeEntry['table']

/** What is read of one journal, and how. */
interface Reading {
  readonly partition: RowPartition
  readonly table: Journal
  readonly range: KeyRange
  /** The moment that the page begins at. */
  readonly time: number | undefined
  readonly condition: string | undefined
  readonly pageSize: number
  readonly query: ActivityQuery
  /** Whose rows of the table `tenants` count. */
  readonly owner: string
  /** Shared by the journals. */
  readonly budget: { rows: number }
}

/** What was read of a range: all of it, or up to a key. */
interface Part {
  readonly placed: readonly Placed[]
  readonly end?: string
}

/** One page: the journals are read side by side, and merged as far as each of them was read. */
export async function readActivity(
  tables: Tables,
  tenant: TenantIdentity,
  query: ActivityQuery,
  deadline: Deadline,
): Promise<ActivityPage> {
  const budget = { rows: MOST_ROWS }
  const { outcome, tables: asked = JOURNALS } = query
  const journals = asked.filter((table) => outcome !== 'refused' || table === 'users')
  const parts = await Promise.all(
    journals.map((table) => readJournal(readingOf(tables, tenant, table, query, deadline, budget))),
  )
  const placed = parts.flatMap((part) => part.placed)
  const ends = parts.flatMap(({ end }) => (end === undefined ? [] : [momentOfJournalKey(end)]))
  return pageOf(placed, ends, query)
}

function readingOf(
  tables: Tables,
  { id, partitionKey: owner }: TenantIdentity,
  table: Journal,
  query: ActivityQuery,
  deadline: Deadline,
  budget: Reading['budget'],
): Reading {
  const partitionKey = table === 'tenants' ? id : owner
  const { range, changes, time } = partOf(table, query)
  const room = table === 'users' ? ROOM : 0
  return {
    partition: { table: tables[table], partitionKey, deadline },
    table,
    range,
    time,
    condition: conditionOf(table, query, changes),
    pageSize: isSparse(query)
      ? MAX_PAGE_SIZE
      : Math.min(Math.max(query.count, FEWEST_ROWS) + 1 + room, MAX_PAGE_SIZE),
    query,
    owner,
    budget,
  }
}

/** Whether few of the rows may be entries that are asked for. */
function isSparse({ about, outcome }: ActivityQuery): boolean {
  return about !== undefined || outcome === 'refused'
}

async function readJournal(reading: Reading): Promise<Part> {
  const { range, query } = reading
  const first = await readUntil(reading, range, (placed, key) => goesOn(reading, placed, key))
  const { end } = first
  if (end === undefined || !isSparse(query) || isEnough(reading, first.placed, end)) return first
  const placed = [...first.placed]
  const slices = journalSlices(range, placed[0]?.key ?? end, end)
  const parts = inOrder(slices, SLICES_AT_ONCE, async (slice) => {
    return { slice, part: await readUntil(reading, slice, () => reading.budget.rows <= 0) }
  })
  for await (const { slice, part } of parts) {
    placed.push(...part.placed)
    if (part.end !== undefined) return { placed, end: part.end }
    const isLast = slice.to === reading.range.to
    if (!isLast && isEnough(reading, placed, slice.to)) return { placed, end: slice.to }
  }
  return { placed }
}

/** Whether what was read up to a key brings the page on: one that ended in its first millisecond would be read for ever. */
function goesOn({ time }: Reading, placed: readonly Placed[], key: string): boolean {
  const end = momentOfJournalKey(key)
  if (time !== undefined) return end < time
  return placed.some(({ entry }) => entry !== undefined && timeOf(entry) > end)
}

function isEnough({ query, budget }: Reading, placed: readonly Placed[], key: string): boolean {
  if (budget.rows <= 0) return true
  const end = momentOfJournalKey(key)
  const { count, enough = { count, since: end } } = query
  const wanted = wantedIn(placed, query, end).length
  return wanted >= count || (end < enough.since && wanted >= enough.count)
}

/** Reads a range answer by answer to its end, or until there is enough of it. */
async function readUntil(
  { partition, table, condition, pageSize, owner, budget }: Reading,
  range: KeyRange,
  isDone: (placed: readonly Placed[], key: string) => boolean,
): Promise<Part> {
  const placed: Placed[] = []
  if (range.from >= range.to) return { placed }
  if (budget.rows <= 0) return { placed, end: range.from }
  for await (const { rows, more } of readRows(partition, { range, pageSize, condition })) {
    budget.rows -= rows.length
    placed.push(...rows.map((row) => placedRow(table, owner, row)))
    const key = placed.at(-1)?.key
    if (more && key !== undefined && isDone(placed, key)) return { placed, end: key }
  }
  return { placed }
}

function placedRow(table: Journal, owner: string, row: Row): Placed {
  const key = text(row, 'rowKey')
  // Of an earlier tenant of the same id.
  if (table === 'tenants' && row['of'] !== owner) return { key, entry: undefined }
  const isRefusal = row['operation'] === REFUSED
  return { key, entry: isRefusal ? toRefusalEntry(row) : toChangeEntry(row, table) }
}

/** What the service can tell of the rows that are asked for: what is left out is matched in memory. */
function conditionOf(
  table: Journal,
  { outcome, about }: ActivityQuery,
  changes: KeyRange | undefined,
): string | undefined {
  const conditions: string[] = []
  let left = MOST_COMPARISONS
  if (changes !== undefined) {
    conditions.push(`(${odata`RowKey ge ${changes.from}`} or operation eq '${REFUSED}')`)
    left -= 2
  }
  if (outcome !== undefined) {
    conditions.push(`operation ${outcome === 'refused' ? 'eq' : 'ne'} '${REFUSED}'`)
    left -= 1
  }
  const any = about === undefined ? [] : comparisons(table, about)
  const anyOf = `(${any.join(' or ')})`
  const isShort = encodeURIComponent(anyOf).length <= MOST_CHARACTERS
  if (any.length > 0 && any.length <= left && isShort) {
    conditions.push(anyOf)
  }
  return conditions.length === 0 ? undefined : conditions.join(' and ')
}

function comparisons(
  table: Journal,
  { ids, names }: Exclude<ActivityQuery['about'], undefined>,
): readonly string[] {
  const forms = ids.flatMap(formsOfId).filter((id) => !/\p{Surrogate}/u.test(id))
  return [
    ...forms.map((id) => odata`subject eq ${id}`),
    ...names.map((name) => odata`find eq ${foldedName(name)}`),
    ...(table === 'groups' && forms.length > 0
      ? [...forms.map((id) => odata`member eq ${id}`), 'many eq true']
      : []),
  ]
}
