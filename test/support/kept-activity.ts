import type {
  ActivityEntry,
  ChangeEntry,
  DayFacts,
  HourCounts,
  RefusalEntry,
} from '../../lib/storage/activity-port.ts'
import { countKey } from '../../lib/storage/keys.ts'
import type { MemoryState } from '../../lib/storage/memory/state.ts'

/** What happened at one tenant on stores in memory, put in by hand. */
export interface KeptActivity {
  readonly put: (...entries: readonly ActivityEntry[]) => void
  /** Each by an instance of its own. */
  readonly putHours: (...hours: readonly HourCounts[]) => void
  readonly putDays: (...days: readonly DayFacts[]) => void
  /** Users and groups that were changed: when. */
  readonly times: () => readonly string[]
}

export function keptActivity(state: MemoryState, partitionKey: string): KeptActivity {
  const { refusals, hours, days } = state.activity(partitionKey)
  let instances = 0
  const instance = (): string => {
    instances += 1
    return instances.toString(36).padStart(8, '0')
  }
  return {
    put(...entries) {
      for (const entry of entries) {
        if (entry.kind === 'change') {
          const { kind: _, table, ...facts } = entry
          state.journal(partitionKey, { table }).entries.set(facts.position, facts)
        } else {
          const { kind: _, position, first, at, count, ...facts } = entry
          refusals.set(position, { facts, counted: new Map([['one', { first, at, count }]]) })
        }
      }
    },
    putHours(...all) {
      for (const each of all) hours.set(countKey('stats', each.hour, instance()), each)
    },
    putDays(...all) {
      for (const each of all) days.set(countKey('day', each.day, instance()), each)
    },
    times: () =>
      (['users', 'groups'] as const).flatMap((table) =>
        Array.from(state.journal(partitionKey, { table }).entries.values(), ({ at }) => at),
      ),
  }
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
