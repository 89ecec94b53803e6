import type {
  ActivityEntry,
  ActivityQuery,
  ActivityStore,
  ChangeEntry,
  DayFacts,
  HourCounts,
  PeopleCount,
  RefusalEntry,
} from '../../lib/storage/activity-port.ts'

/** What a test keeps of one tenant, as the port has it. */
export interface KeptActivity {
  readonly entries: ActivityEntry[]
  readonly hours: HourCounts[]
  readonly days: DayFacts[]
  readonly people: PeopleCount[]
}

/** A store whose entries are put in by hand. */
export interface FakeActivity extends ActivityStore {
  /** By PartitionKey. */
  readonly of: (partitionKey: string) => KeptActivity
  /** How often entries were read, and what for. */
  readonly reads: ActivityQuery[]
}

export function fakeActivity(): FakeActivity {
  const kept = new Map<string, KeptActivity>()
  const of = (partitionKey: string): KeptActivity => {
    const found = kept.get(partitionKey) ?? { entries: [], hours: [], days: [], people: [] }
    kept.set(partitionKey, found)
    return found
  }
  const reads: ActivityQuery[] = []
  return {
    of,
    reads,
    read: async ({ partitionKey }, query) => {
      reads.push(query)
      const { behind = '~', count } = query
      const matching = of(partitionKey)
        .entries.filter((entry) => matches(entry, query) && keyOf(entry) < behind)
        .toSorted((one, other) => (keyOf(one) > keyOf(other) ? -1 : 1))
      const entries = matching.slice(0, count)
      const last = matching.length > count ? entries.at(-1) : undefined
      return { entries, ...(last === undefined ? {} : { next: keyOf(last) }) }
    },
    noteRefusals: async () => {},
    noteUse: async () => {},
    notePeople: async ({ partitionKey }, count) => {
      const { people } = of(partitionKey)
      const at = people.findIndex(({ day }) => day === count.day)
      people.splice(at === -1 ? people.length : at, at === -1 ? 0 : 1, count)
    },
    hours: async ({ partitionKey }, from, to) =>
      of(partitionKey)
        .hours.filter(({ hour }) => hour >= from && hour <= to)
        .toSorted((one, other) => (one.hour < other.hour ? -1 : 1)),
    days: async ({ partitionKey }, from, to) =>
      byDay(of(partitionKey).days.filter(({ day }) => day >= from && day <= to)),
    people: async ({ partitionKey }, from, to) =>
      byDay(of(partitionKey).people.filter(({ day }) => day >= from && day <= to)),
    purge: async ({ partitionKey }, before, most) => {
      const { entries } = of(partitionKey)
      const old = entries.filter((entry) => Number(entry.position.slice(0, 13)) < before.getTime())
      const gone = new Set(old.slice(0, most))
      entries.splice(0, entries.length, ...entries.filter((entry) => !gone.has(entry)))
      return gone.size
    },
    forgetDeleted: async () => 0,
  }
}

function byDay<Item extends { readonly day: string }>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((one, other) => (one.day < other.day ? -1 : 1))
}

function keyOf(entry: ActivityEntry): string {
  return `${entry.position} ${entry.kind === 'change' ? entry.table : 'users'}`
}

function matches(
  entry: ActivityEntry,
  { since = 0, until = Infinity, outcome, about }: ActivityQuery,
): boolean {
  const isRefusal = entry.kind === 'refusal'
  const at = isRefusal ? Date.parse(entry.at) : Number(entry.position.slice(0, 13))
  if (at < since || at > until) return false
  if (outcome !== undefined && (outcome === 'refused') !== isRefusal) return false
  return about === undefined || isAbout(entry, about)
}

function isAbout(entry: ActivityEntry, about: NonNullable<ActivityQuery['about']>): boolean {
  const { ids, name } = subjectsOf(entry)
  const names = about.names.map((each) => each.toLowerCase())
  return ids.some((id) => about.ids.includes(id)) || names.includes(name?.toLowerCase() ?? '-')
}

function subjectsOf(entry: ActivityEntry): {
  readonly ids: readonly string[]
  readonly name: string | undefined
} {
  if (entry.kind === 'change') {
    const { subject, added = [], removed = [], name } = entry
    return { ids: [subject, ...added, ...removed], name }
  }
  const { subject, isId = false } = entry
  return isId ? { ids: [subject ?? '-'], name: undefined } : { ids: [], name: subject }
}

let made = 0

/** A change at a moment. */
export function aChangeAt(at: string, facts: Partial<ChangeEntry> = {}): ChangeEntry {
  made += 1
  const random = made.toString(36).padStart(8, '0')
  return {
    kind: 'change',
    position: `${Date.parse(at)}-${random}`,
    table: 'users',
    at,
    operation: 'patch',
    type: 'User',
    subject: `user-${random}`,
    version: 'v1',
    requestId: `request-${random}`,
    author: { actor: 'credential:c1c1c1c1c1c1', client: 'entra' },
    ...facts,
  }
}

/** Refusals of ten minutes, the last one at a moment. */
export function aRefusalAt(at: string, facts: Partial<RefusalEntry> = {}): RefusalEntry {
  made += 1
  const fingerprint = made.toString(16).padStart(8, '0')
  const end = (Math.floor(Date.parse(at) / 600_000) + 1) * 600_000
  return {
    kind: 'refusal',
    position: `${end}-r${fingerprint}`,
    at,
    first: at,
    count: 1,
    status: 409,
    scimType: 'uniqueness',
    reason: 'uniqueness',
    verb: 'POST',
    type: 'User',
    subject: 'jane@acme.example',
    author: { actor: 'credential:c1c1c1c1c1c1', client: 'entra' },
    detail: 'userName is taken',
    requestId: `request-${fingerprint}`,
    ...facts,
  }
}
