import type { ActivityEntry, ChangeEntry } from '../../../lib/storage/activity-port.ts'
import type { AskedChange, ChangeRecord } from './change-record.ts'

/** What came of a record. */
export interface ChangeReport {
  /** Changes that clients asked for, and of them those that they saw succeed, or refused; of the others nobody knows. */
  readonly asked: number
  readonly succeeded: number
  readonly refused: number
  readonly unknown: number
  /** Of those the ones that have rows all the same: they were made, as what is there tells. */
  readonly unknownButMade: number
  readonly rows: number
  /** What the journal has too much, or too little. */
  readonly wrong: readonly string[]
}

/** Holds the journal against what clients saw, and against what is there. */
export function checkChanges(record: ChangeRecord): ChangeReport {
  const { asked } = record
  const entries = record.entries.filter(isChange)
  const byRequest = groupedBy(entries, ({ requestId }) => requestId)
  const byVersion = groupedBy(entries, ({ subject, version }) => `${subject} ${version}`)
  const rowsOf = ({ requestId }: AskedChange): readonly ChangeEntry[] =>
    byRequest.get(requestId) ?? []
  const unknown = asked.filter(({ status }) => status >= 500)
  return {
    asked: asked.length,
    succeeded: asked.filter(({ status }) => status < 300).length,
    refused: asked.filter(({ status }) => status >= 300 && status < 500).length,
    unknown: unknown.length,
    unknownButMade: unknown.filter((each) => rowsOf(each).length > 0).length,
    rows: entries.length,
    wrong: [
      ...asked.flatMap((each) => wrongOf(each, rowsOf(each), madeBy(each, byVersion))),
      ...repeated(entries),
      ...unasked(entries, asked),
      ...wrongLives(entries, record),
      ...wrongRevocations(entries, record),
      ...wrongMemberships(entries, record),
    ],
  }
}

function isChange(entry: ActivityEntry): entry is ChangeEntry {
  return entry.kind === 'change'
}

function groupedBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

function inWords(entry: ChangeEntry): string {
  const { requestId, operation, type, subject, version } = entry
  return `${requestId}: ${operation} ${type} ${subject} ${version}`
}

/** The rows of the version that an answer to a PUT or PATCH has: of this request, or of the one that made it. */
function madeBy(
  { id = '', version = '' }: AskedChange,
  byVersion: ReadonlyMap<string, readonly ChangeEntry[]>,
): readonly ChangeEntry[] {
  return byVersion.get(`${id} ${version}`) ?? []
}

/** Which rows the client that was answered so expects. */
function wrongOf(
  asked: AskedChange,
  rows: readonly ChangeEntry[],
  made: readonly ChangeEntry[],
): readonly string[] {
  const { status, write, requestId } = asked
  const are = `${JSON.stringify(asked)} has ${rows.map(inWords).join('; ') || 'no row'}`
  if (status >= 500) return []
  if (status >= 300) return rows.length === 0 ? [] : [`${are}, and was refused`]
  if (write.verb === 'PUT' || write.verb === 'PATCH') {
    if (made.length === 0) return [`${are}, and its version has none`]
    const isOurs = made.some((row) => row.requestId === requestId)
    return isOurs || rows.length === 0 ? [] : [`${are}, and found all as it was to be`]
  }
  const isRight = expectedOf(asked).every((each) => rows.filter(each).length === 1)
  return isRight ? [] : [`${are}, and succeeded`]
}

type Test = (row: ChangeEntry) => boolean

function rowOf(operation: ChangeEntry['operation'], subject?: string): Test {
  return (row) => row.operation === operation && (subject === undefined || row.subject === subject)
}

/** The rows of a success, each of which is there once. */
function expectedOf({ write, id }: AskedChange): readonly Test[] {
  const expected: Readonly<Partial<Record<AskedChange['write']['verb'], readonly Test[]>>> = {
    POST: [rowOf('create', id)],
    DELETE: [rowOf('delete', id)],
    change: [rowOf('patch', id)],
    relabel: [rowOf('patch', id)],
    issue: [rowOf('issue', id)],
    rotate: [rowOf('issue', id), rowOf('rotate')],
  }
  // Of two who revoke at once one finds it done.
  return expected[write.verb] ?? []
}

function onceOf({ requestId, operation, subject }: ChangeEntry): string {
  return `${requestId} ${operation} ${subject}`
}

/** A request changes something once by one kind of operation. */
function repeated(entries: readonly ChangeEntry[]): readonly string[] {
  return [...groupedBy(entries, onceOf).values()]
    .filter((rows) => rows.length > 1)
    .map((rows) => `twice: ${rows.map(inWords).join('; ')}`)
}

/** All but what the record began with. */
function unasked(
  entries: readonly ChangeEntry[],
  asked: readonly AskedChange[],
): readonly string[] {
  const known = new Set(asked.map(({ requestId }) => requestId))
  return entries
    .filter(({ requestId, author }) => author.actor !== 'system' && !known.has(requestId))
    .map((entry) => `nobody asked for ${inWords(entry)}`)
}

/** Who was created once and not deleted is there, in a version that has a row; nobody else is. */
function wrongLives(
  entries: readonly ChangeEntry[],
  { left, credentials }: ChangeRecord,
): readonly string[] {
  const lives = groupedBy(
    entries.filter(({ table }) => table !== 'tenants'),
    ({ subject }) => subject,
  )
  const issued = entries.filter(
    ({ operation, author }) => operation === 'issue' && author.actor !== 'system',
  )
  const subjects = issued.map(({ subject }) => subject)
  return [
    ...[...lives].flatMap(([id, rows]) => {
      const [created, deleted] = ['create', 'delete'].map(
        (operation) => rows.filter((each) => each.operation === operation).length,
      )
      const is = left.get(id)
      const isRight = created === 1 && deleted === (is === undefined ? 1 : 0)
      const isLast = is === undefined || rows.some(({ version }) => version === is.version)
      return isRight && isLast
        ? []
        : [`${id} is ${is?.version ?? 'gone'}: ${rows.map(inWords).join('; ')}`]
    }),
    ...[...left.keys()].filter((id) => !lives.has(id)).map((id) => `${id} came from nowhere`),
    ...credentials.filter((id) => !subjects.includes(id)).map((id) => `${id} was never issued`),
    ...subjects.filter((id) => !credentials.includes(id)).map((id) => `${id} was not issued`),
  ]
}

/** What somebody has seen revoked was revoked once. */
function wrongRevocations(
  entries: readonly ChangeEntry[],
  { asked }: ChangeRecord,
): readonly string[] {
  const revoked = groupedBy(
    entries.filter(({ operation }) => operation === 'revoke'),
    ({ subject }) => subject,
  )
  const seen = asked.flatMap(({ write, status, id = '' }) =>
    write.verb === 'revoke' && status < 300 ? [id] : [],
  )
  return [...new Set([...seen, ...revoked.keys()])]
    .filter((id) => revoked.get(id)?.length !== 1)
    .map((id) => `revoked ${String(revoked.get(id)?.length ?? 0)} times: ${id}`)
}

/** Who was added once more than removed is a member, and nobody else: in whatever order they are. */
function wrongMemberships(
  entries: readonly ChangeEntry[],
  { left }: ChangeRecord,
): readonly string[] {
  const balance = new Map<string, number>()
  const count = (group: string, ids: readonly string[], step: number): void => {
    for (const id of ids) balance.set(`${group} ${id}`, (balance.get(`${group} ${id}`) ?? 0) + step)
  }
  for (const { subject, added = [], removed = [] } of entries) {
    if (!left.has(subject)) continue
    count(subject, added, 1)
    count(subject, removed, -1)
  }
  for (const [id, { members }] of left) count(id, members, -1)
  return [...balance]
    .filter(([, difference]) => difference !== 0)
    .map(([membership, difference]) => `membership ${membership}: ${difference} rows too many`)
}
