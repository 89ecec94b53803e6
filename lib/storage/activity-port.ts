import type { Author, JournalNote } from './port.ts'
import type { Deadline } from './deadline.ts'
import type { TenantActivity, TenantIdentity } from './tenant-port.ts'

/**
 * What a change in the table `tenants` is called in the journal: of a tenant `create`, `patch`, `delete` (its deletion
 * begins), of a credential `issue`, `patch`, `revoke`, `rotate`.
 */
export type ActivityOperation =
  'create' | 'put' | 'patch' | 'delete' | 'members' | 'restore' | 'issue' | 'revoke' | 'rotate'

/** A change as the journal has it. */
export interface ChangeEntry extends JournalNote {
  readonly kind: 'change'
  /** 13 digits of milliseconds, `-`, 8 characters: where it stands; with its table it names the entry. */
  readonly position: string
  readonly table: 'users' | 'groups' | 'tenants'
  /** ISO 8601, UTC. */
  readonly at: string
  readonly operation: ActivityOperation
  readonly version: string
  readonly requestId: string
  readonly author: Author
  /** Members that really moved, by id; ids of more than 160 characters in the form of a key. */
  readonly added?: readonly string[]
  readonly removed?: readonly string[]
}

/** What a request was refused for, without values but the subject. */
export interface RefusalFacts {
  readonly status: number
  readonly scimType?: string
  /** One of the closed list in lib/activity/reasons.ts. */
  readonly reason: string
  /** `POST`, `PUT`, `PATCH`, `DELETE`, `GET`; `SEARCH` and `BULK` of what POST asks for instead of a creation. */
  readonly verb: string
  /** The name of the resource type; absent where the request is about none. */
  readonly type?: string
  /** The id in the path, else the userName, displayName or externalId that was sent, at most 200 characters. */
  readonly subject?: string
  /** Whether the subject is the id in the path. */
  readonly isId?: boolean
  readonly author: Author
  /** `ScimError.activityDetail`, at most 500 characters. */
  readonly detail: string
  readonly requestId: string
}

/** Equal refusals of ten minutes by one instance, to be written: all counts are absolute, so that they can be repeated. */
export interface RefusalNote extends RefusalFacts {
  /** 8 hexadecimal digits of what makes refusals equal; `more` for those beyond the cap. */
  readonly fingerprint: string
  /** Milliseconds since 1970 of the end of their ten minutes. */
  readonly end: number
  /** ISO 8601, UTC: the first and the last one that this instance saw. */
  readonly first: string
  readonly at: string
  /** How many this instance saw. */
  readonly count: number
}

/** Equal refusals of ten minutes, of all instances. */
export interface RefusalEntry extends RefusalFacts {
  readonly kind: 'refusal'
  /** 13 digits of the end of the ten minutes, `-r`, the fingerprint. */
  readonly position: string
  readonly first: string
  readonly at: string
  readonly count: number
}

export type ActivityEntry = ChangeEntry | RefusalEntry

/** Which entries. */
export interface ActivityQuery {
  /** Milliseconds since 1970; both ends are included; a refusal counts by its `at`. */
  readonly since?: number
  readonly until?: number
  readonly outcome?: 'changed' | 'refused'
  /** Whose journals are read; all when absent. Refusals stand in that of the users. */
  readonly tables?: readonly ChangeEntry['table'][]
  /** Also what members have lost with a group that was deleted; else its deletion stands for that. */
  readonly withLosses?: boolean
  /** Changes of, in or out of these, and refusals of them; names compare case-insensitively. */
  readonly about?: { readonly ids: readonly string[]; readonly names: readonly string[] }
  /** `ActivityPage.next` of the page before; a refusal that has come again since then may be on no page any more. */
  readonly behind?: string
  /** 1 or more. */
  readonly count: number
  /** So many do when all are known that are not older than a time. */
  readonly enough?: { readonly count: number; readonly since: number }
}

export interface ActivityPage {
  /** The newest first; of the same millisecond members that moved before what they follow from. */
  readonly entries: readonly ActivityEntry[]
  /** Absent on the last page. A page may have fewer entries than asked for, or none, and go on all the same. */
  readonly next?: string
}

/** What one instance counted in one hour: absolute, so that it can be written again. */
export interface HourCounts {
  /** `YYYY-MM-DDTHH`, UTC. */
  readonly hour: string
  readonly requests: number
  /** Answered with less than 400; with 4xx but 429; with 429 or 5xx. */
  readonly served: number
  readonly refused: number
  readonly failed: number
  /** GET and .search. */
  readonly lookups: number
  /** POST, PUT, PATCH, DELETE, each operation of a bulk by itself; and those of them that were refused, or failed. */
  readonly writes: number
  readonly writesRefused: number
  readonly writesFailed: number
}

/** The counts of an hour without the hour. */
export type Counts = Omit<HourCounts, 'hour'>

export const NO_COUNTS: Counts = {
  requests: 0,
  served: 0,
  refused: 0,
  failed: 0,
  lookups: 0,
  writes: 0,
  writesRefused: 0,
  writesFailed: 0,
}

export function addCounts(one: Counts, other: Counts): Counts {
  return {
    requests: one.requests + other.requests,
    served: one.served + other.served,
    refused: one.refused + other.refused,
    failed: one.failed + other.failed,
    lookups: one.lookups + other.lookups,
    writes: one.writes + other.writes,
    writesRefused: one.writesRefused + other.writesRefused,
    writesFailed: one.writesFailed + other.writesFailed,
  }
}

/** What one instance saw of one credential on one day. ISO 8601, UTC. */
export interface ConnectionFacts {
  readonly credentialId: string
  readonly client?: string
  readonly first: string
  readonly last: string
  readonly lastSuccess?: string
  readonly lastRefusal?: string
  /** Why, one of the closed list. */
  readonly lastReason?: string
  /** The last Test Connection: a look-up of a user that cannot be there. */
  readonly lastProbe?: string
}

/** What one instance saw of one attribute of one resource type on one day. */
export interface SeenAttribute {
  /** The name of the resource type; absent where nobody knows. */
  readonly type?: string
  /** The canonical path; of what is no attribute the name as it was sent. */
  readonly path: string
  /** Whether there is such an attribute. */
  readonly known: boolean
  /** What may have been meant by what is no attribute. */
  readonly like?: string
  readonly first: string
  readonly last: string
  readonly count: number
}

/** What one instance saw on one day. */
export interface DayFacts {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string
  readonly connections: readonly ConnectionFacts[]
  /** At most 200, of which 100 are unknown, each of at most 200 characters. */
  readonly attributes: readonly SeenAttribute[]
  /** Different attributes beyond that, at least. */
  readonly more: number
}

/** How many users and groups there were on a day. */
export interface PeopleCount {
  readonly day: string
  readonly users: number
  readonly groups: number
}

/** What an instance has to note of the uses of a tenant; absolute, each replaces what the instance wrote before. */
export interface UseNotes {
  /** Names the instance among others: 8 characters `a-z 0-9`. */
  readonly instance: string
  readonly activity: TenantActivity
  readonly hours: readonly HourCounts[]
  readonly days: readonly DayFacts[]
}

/**
 * Keeps what happened at a tenant: reads the journals of its changes, and keeps the rest in the tenant's own partition
 * of the table `users`, whose key no later tenant of the same id has.
 */
export interface ActivityStore {
  /** One page, from all journals side by side: one round trip. */
  read(tenant: TenantIdentity, query: ActivityQuery, deadline?: Deadline): Promise<ActivityPage>
  /** One transaction (of at most 100), nothing is read. */
  noteRefusals(
    tenant: TenantIdentity,
    instance: string,
    refusals: readonly RefusalNote[],
    deadline?: Deadline,
  ): Promise<void>
  /** One transaction, and beside it the tenant's line in the list; nothing is read. */
  noteUse(tenant: TenantIdentity, notes: UseNotes, deadline?: Deadline): Promise<void>
  notePeople(tenant: TenantIdentity, count: PeopleCount): Promise<void>
  /** The hours from one (`YYYY-MM-DDTHH`) to another, both included, oldest first, those of all instances added up. */
  hours(tenant: TenantIdentity, from: string, to: string): Promise<readonly HourCounts[]>
  /** The days from one to another, both included, oldest first, one item for each instance and day. */
  days(tenant: TenantIdentity, from: string, to: string): Promise<readonly DayFacts[]>
  people(tenant: TenantIdentity, from: string, to: string): Promise<readonly PeopleCount[]>
  /**
   * Removes what is older than a time, at most so many rows; may be stopped and repeated.
   * @returns how many rows; fewer than `most` when nothing older is left.
   */
  purge(tenant: TenantIdentity, before: Date, most: number): Promise<number>
  /**
   * Takes `name` and `externalId` out of the entries about what was deleted since a time, and the subject out of refusals
   * that have such a name, unless somebody else has it who was not deleted; may be stopped and repeated.
   * @returns how many rows were changed.
   */
  forgetDeleted(tenant: TenantIdentity, since: Date, isOver?: () => boolean): Promise<number>
}
