import type { LogEntry } from '../../lib/activity/entry.ts'
import {
  readLog,
  readNew,
  type LogPage,
  type LogParts,
  type LogQuery,
} from '../../lib/activity/log.ts'
import { readPosition } from '../../lib/activity/position.ts'
import { GROUP, USER } from '../../lib/scim/default-resource-types.ts'
import { directoryOf } from '../../lib/service/directory.ts'
import { readSettings } from '../../lib/tenants/settings.ts'
import { requireTenant } from '../../lib/tenants/tenants.ts'
import { UsageError } from '../command-line.ts'
import { dayOf, lineOf } from './activity-text.ts'
import type { OptionValues } from './command-line.ts'
import type { Workplace } from './commands.ts'
import { parseMoment } from './moment.ts'
import { printableJson, type Outcome } from './text.ts'

/** Listed when `--count` does not say how many. */
const DEFAULT_COUNT = 50

/** Read at a time. */
const PAGE = 200

/** Seconds from a look at what is new to the next. */
const FOLLOW_SECONDS = 2

/** What happened at a tenant, the newest first; with `--follow` the newest last, and on. @throws UsageError, ScimError */
export async function listActivity(
  workplace: Workplace,
  [id = '']: readonly string[],
  options: OptionValues,
): Promise<Outcome> {
  const wanted = countOf(options)
  // What is not read before it is followed would be told as new.
  const count = options.follow === true ? Math.max(wanted, PAGE) : wanted
  const query = queryOf(options, workplace.now())
  const parts = await partsOf(workplace, id)
  const { items, position, hasMore } = await firstOnes(
    { ...parts, now: workplace.now() },
    query,
    count,
  )
  if (options.follow === true) {
    return follow(workplace, { parts, query, options }, items.slice(0, wanted), position)
  }
  const what = Object.keys(query).length > 0 ? 'nothing that fits' : 'nothing'
  return {
    text: items.length === 0 ? `${what} has happened at tenant ${id}` : text(items),
    json: { tenant: { id }, items, hasMore },
  }
}

async function partsOf(workplace: Workplace, id: string): Promise<Omit<LogParts, 'now'>> {
  const { store, people, activity } = workplace
  const { tenant, credentials } = await store.findCredentials(id)
  const { partitionKey, settings } = tenant ?? (await requireTenant(store, id))
  return {
    store: activity,
    directory: directoryOf(people, [USER, GROUP]),
    tenant: { id, partitionKey },
    // No cursor leaves this process.
    sign: () => '',
    labels: new Map(credentials.map((each) => [each.id, each.label])),
    withNames: readSettings(settings).namesInActivity,
  }
}

type Parts = Awaited<ReturnType<typeof partsOf>>
type Filter = Omit<LogQuery, 'count'>

/** Page after page, until there are as many as are wanted. */
async function firstOnes(
  parts: LogParts,
  filter: Filter,
  count: number,
): Promise<Pick<LogPage, 'items' | 'position' | 'hasMore'>> {
  const items: LogEntry[] = []
  let cursor: string | undefined
  for (;;) {
    const query = { ...filter, count: Math.min(PAGE, count - items.length) }
    const page = await readLog(parts, query, cursor)
    items.push(...page.items)
    const { position, nextCursor } = page
    const isLast = nextCursor === undefined
    if (isLast || items.length >= count) return { items, position, hasMore: !isLast }
    cursor = nextCursor
  }
}

interface Following {
  readonly parts: Parts
  readonly query: Filter
  readonly options: OptionValues
}

/** Tells what is new until the process is ended. */
async function follow(
  { out, settle, now }: Workplace,
  { parts, query, options }: Following,
  first: readonly LogEntry[],
  begin: string,
): Promise<never> {
  let day = ''
  const tell = (items: readonly LogEntry[]): void => {
    for (const item of items.toReversed()) {
      if (options.json === true) {
        out(printableJson(item, 0))
        continue
      }
      const heading = dayOf(item)
      if (heading !== day) out(heading)
      day = heading
      out(lineOf(item))
    }
  }
  tell(first)
  let position = readPosition(begin)
  const { since: _since, until: _until, ...filter } = query
  for (;;) {
    if (position === undefined) throw new TypeError('a position is written as it is read')
    const page = await readNew({ ...parts, now: now() }, { ...filter, count: PAGE }, position)
    tell(page.items)
    position = readPosition(page.position)
    if (!page.hasMore) await settle(FOLLOW_SECONDS)
  }
}

function text(items: readonly LogEntry[]): string {
  let day = ''
  const lines = items.flatMap((item) => {
    const heading = dayOf(item)
    const isNew = heading !== day
    day = heading
    return [...(isNew ? [heading] : []), lineOf(item)]
  })
  return lines.join('\n')
}

function queryOf(options: OptionValues, now: Date): Filter {
  const { subject, refused = false } = options
  if (subject?.trim() === '') throw new UsageError('--subject is empty')
  return {
    ...rangeOf(options, now),
    ...(subject === undefined ? {} : { subject: subject.trim() }),
    ...(refused ? { outcome: 'refused' } : {}),
  }
}

function rangeOf(
  { since, until, follow: isFollowed = false }: OptionValues,
  now: Date,
): Pick<Filter, 'since' | 'until'> {
  if (isFollowed && until !== undefined) throw new UsageError('--follow goes on: leave --until out')
  const begin = since === undefined ? {} : { since: parseMoment('--since', since, now).getTime() }
  const end = until === undefined ? {} : { until: parseMoment('--until', until, now).getTime() }
  const range = { ...begin, ...end }
  if ((range.since ?? 0) > (range.until ?? Infinity))
    throw new UsageError('--until is before --since')
  return range
}

function countOf({ count }: OptionValues): number {
  if (count === undefined) return DEFAULT_COUNT
  if (/^[1-9]\d{0,5}$/.test(count)) return Number(count)
  throw new UsageError(`--count must be a whole number from 1 to 999999, not "${count}"`)
}
