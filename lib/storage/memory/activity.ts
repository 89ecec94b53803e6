import { pageOf, partOf, type Placed } from '../activity-page.ts'
import type {
  ActivityQuery,
  ActivityStore,
  ChangeEntry,
  RefusalEntry,
  RefusalFacts,
  RefusalNote,
} from '../activity-port.ts'
import { addedUp, periodsAt } from '../counted.ts'
import { checkDeadline } from '../deadline.ts'
import { foldedName, type JournalFacts } from '../journal-entry.ts'
import { JOURNALS, millisecondsOf } from '../journal-position.ts'
import { countKey, journalKey, positionOfJournalKey, refusalKey } from '../keys.ts'
import type { TenantIdentity, TenantStore } from '../tenant-port.ts'
import type { KeptRefusal, MemoryState } from './state.ts'

/** What happened at a tenant, in memory. */
export function memoryActivity(
  state: MemoryState,
  tenants: Pick<TenantStore, 'noteActivity'>,
): ActivityStore {
  return {
    async read(tenant, query, deadline) {
      if (deadline !== undefined) checkDeadline(deadline)
      const { tables = JOURNALS } = query
      return pageOf(
        tables.flatMap((table) => placedIn(state, tenant, table, query)),
        [],
        query,
      )
    },
    async noteRefusals({ partitionKey }, instance, notes) {
      const { refusals } = state.activity(partitionKey)
      for (const note of notes) noteRefusal(refusals, instance, note)
    },
    async noteUse(tenant, { instance, activity, hours, days }) {
      const kept = state.activity(tenant.partitionKey)
      for (const each of hours) kept.hours.set(countKey('stats', each.hour, instance), each)
      for (const each of days) kept.days.set(countKey('day', each.day, instance), each)
      await tenants.noteActivity(tenant, activity)
    },
    async notePeople({ partitionKey }, count) {
      state.activity(partitionKey).people.set(count.day, count)
    },
    async hours({ partitionKey }, from, to) {
      const hours = inOrderOfKeys(state.activity(partitionKey).hours)
      return addedUp(hours.filter(({ hour }) => hour >= from && hour <= to))
    },
    async days({ partitionKey }, from, to) {
      const days = inOrderOfKeys(state.activity(partitionKey).days)
      return days.filter(({ day }) => day >= from && day <= to)
    },
    async people({ partitionKey }, from, to) {
      const people = inOrderOfKeys(state.activity(partitionKey).people)
      return people.filter(({ day }) => day >= from && day <= to)
    },
    purge: async (tenant, before, most) => purge(state, tenant, before, most),
    forgetDeleted: async (tenant, since, isOver = () => false) =>
      isOver() ? 0 : forgetDeleted(state, tenant, since),
  }
}

function inOrderOfKeys<Value>(values: ReadonlyMap<string, Value>): readonly Value[] {
  const entries = [...values].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return entries.map(([, value]) => value)
}

function placedIn(
  state: MemoryState,
  { partitionKey }: TenantIdentity,
  table: ChangeEntry['table'],
  query: ActivityQuery,
): readonly Placed[] {
  const { from, to } = partOf(table, query).range
  const changes = Array.from(state.journal(partitionKey, { table }).entries.values(), (facts) => {
    return placed({ kind: 'change', table, ...facts })
  })
  const refusals = table === 'users' ? [...state.activity(partitionKey).refusals] : []
  const refused = refusals.map(([position, kept]) => placed(toEntry(position, kept)))
  return [...changes, ...refused].filter(({ key }) => key >= from && key < to)
}

function placed(entry: ChangeEntry | RefusalEntry): Placed {
  const { kind, position } = entry
  return { key: kind === 'change' ? journalKey(position) : keyOfRefusal(position), entry }
}

function keyOfRefusal(position: string): string {
  const [, fingerprint = ''] = position.split('-r', 2)
  return refusalKey(millisecondsOf(position), fingerprint)
}

function noteRefusal(
  refusals: Map<string, KeptRefusal>,
  instance: string,
  { end, fingerprint, first, at, count, ...facts }: RefusalNote,
): void {
  const position = positionOfJournalKey(refusalKey(end, fingerprint))
  const before = refusals.get(position)
  const counted = new Map(before?.counted).set(instance, { first, at, count })
  refusals.set(position, { facts: { ...before?.facts, ...facts }, counted })
}

function toEntry(position: string, { facts, counted }: KeptRefusal): RefusalEntry {
  const all = [...counted.values()]
  return {
    kind: 'refusal',
    position,
    ...facts,
    first: all.map(({ first }) => first).toSorted()[0] ?? '',
    at:
      all
        .map(({ at }) => at)
        .toSorted()
        .at(-1) ?? '',
    count: all.reduce((sum, { count }) => sum + count, 0),
  }
}

function purge(
  state: MemoryState,
  { partitionKey }: TenantIdentity,
  before: Date,
  most: number,
): number {
  const { hour, day } = periodsAt(before)
  const { refusals, hours, days, people } = state.activity(partitionKey)
  const isOld = (position: string): boolean => millisecondsOf(position) < before.getTime()
  const stale: readonly (readonly [{ delete(key: string): boolean }, readonly string[]])[] = [
    ...[refusals, ...JOURNALS.map((table) => state.journal(partitionKey, { table }).entries)].map(
      (kept) => [kept, [...kept.keys()].filter(isOld)] as const,
    ),
    [hours, keysBefore(hours, countKey('stats', hour))],
    [days, keysBefore(days, countKey('day', day))],
    [people, keysBefore(people, day)],
  ]
  const doomed = stale.flatMap(([kept, keys]) => keys.map((key) => () => kept.delete(key)))
  for (const remove of doomed.slice(0, most)) remove()
  return Math.min(doomed.length, most)
}

function keysBefore(kept: ReadonlyMap<string, unknown>, bound: string): readonly string[] {
  return [...kept.keys()].filter((key) => key < bound)
}

function forgetDeleted(state: MemoryState, { partitionKey }: TenantIdentity, since: Date): number {
  const journals = (['users', 'groups'] as const).map((table) =>
    state.journal(partitionKey, { table }),
  )
  const deleted = new Set(journals.flatMap(({ entries }) => [...deletedIn(entries, since)]))
  const held = new Set<string>()
  for (const { entries } of journals) {
    for (const facts of entries.values()) {
      if (!deleted.has(facts.subject)) for (const each of givenNames(facts)) held.add(each)
    }
  }
  const names = new Set<string>()
  let changed = 0
  for (const { entries } of journals) {
    for (const [position, facts] of namedOf(entries, since)) {
      const { name: _, externalId: __, ...rest } = facts
      for (const given of givenNames(facts)) if (!held.has(given)) names.add(given)
      entries.set(position, rest)
      changed += 1
    }
  }
  const { refusals } = state.activity(partitionKey)
  for (const [position, { facts, counted }] of refusals) {
    if (!isNamed(facts, names)) continue
    const { subject: _, ...rest } = facts
    refusals.set(position, { facts: rest, counted })
    changed += 1
  }
  return changed
}

function givenNames({ name, externalId }: JournalFacts): readonly string[] {
  return [name, externalId].flatMap((each) => (each === undefined ? [] : [foldedName(each)]))
}

function deletedIn(entries: ReadonlyMap<string, JournalFacts>, since: Date): ReadonlySet<string> {
  const isDeletion = ({ operation, position, hidden }: JournalFacts): boolean =>
    operation === 'delete' && hidden !== true && millisecondsOf(position) >= since.getTime()
  return new Set([...entries.values()].filter(isDeletion).map(({ subject }) => subject))
}

function namedOf(
  entries: ReadonlyMap<string, JournalFacts>,
  since: Date,
): readonly (readonly [string, JournalFacts])[] {
  const deleted = deletedIn(entries, since)
  return [...entries].filter(([, { subject, name, externalId }]) => {
    return deleted.has(subject) && (name !== undefined || externalId !== undefined)
  })
}

function isNamed({ subject, isId = false }: RefusalFacts, names: ReadonlySet<string>): boolean {
  return subject !== undefined && !isId && names.has(foldedName(subject))
}
