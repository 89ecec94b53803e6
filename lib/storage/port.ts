import type { ResolvedFilter } from '../scim/filter/filter.ts'
import type { ChangeStamp, Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { Sort, SortKey } from '../scim/sort.ts'
import type { Bringing } from './bringing-port.ts'
import type { Deadline } from './deadline.ts'
import type { HiddenAccounts } from './hidden-port.ts'
import type { Invitations, Levels, PeopleSearch } from './people-port.ts'

/** Whose rows a call is about, and how long it may take. */
export interface Scope {
  /**
   * The PartitionKey of the tenant's users and groups. It has a random part, given when the tenant is created: a tenant
   * whose id was used before sees nothing of the one before.
   */
  readonly partitionKey: string
  readonly deadline: Deadline
}

/** What a change is called in the journal. */
export type JournalOperation = 'create' | 'put' | 'patch' | 'delete' | 'members' | 'restore'

/** Who asked for a change. */
export interface Author {
  /** `credential:<id>`, `manage`, `cli`, or `system` for what nobody asked for. */
  readonly actor: string
  /** Of `manage`: who of the vendor, as the vendor says; nobody has verified it. */
  readonly onBehalfOf?: string
  /** The identity provider that sent the request, as far as it can be told. */
  readonly client?: string
}

/** What nobody asked for. */
export const SYSTEM: Author = { actor: 'system' }

/** What the journal tells of a change beside when and by whom: names and ids, and no value but the one to recognise by. */
export interface JournalNote {
  /** The name of the resource type; in the table `tenants` `Tenant`, `Credential` or `Attribute`. */
  readonly type: string
  /** The id of what was changed. */
  readonly subject: string
  /** userName or displayName at that moment, at most 200 characters; absent where it is not known, or switched off. */
  readonly name?: string
  readonly externalId?: string
  /** Canonical paths of what was set, and of what was cleared. */
  readonly changed?: readonly string[]
  readonly cleared?: readonly string[]
  readonly flip?: 'activated' | 'deactivated'
  /** Names that the request has and that were ignored (`IgnoredNames`). */
  readonly ignored?: readonly string[]
  /** The id of the resource whose deletion, or failed creation, this follows from. */
  readonly cause?: string
  /** Of a deletion: the account is kept, out of sight, and may return. */
  readonly hidden?: true
  /** Of a creation: the id of a hidden account that may have been the same person's (`HiddenAccounts`). */
  readonly possibleReturner?: string
}

/**
 * What comes with every write. Each transaction of a change inserts one row into the journal, under a key that is made
 * once per change, not per attempt: a transaction that is sent again after a lost answer is refused as a whole, and
 * recognised as committed, whatever others have done to the resource since. A call with a change that is in the journal
 * does nothing and answers as the first did.
 */
export interface Change {
  /** See `journalPosition` in lib/storage/journal-position.ts; what takes several transactions derives one for each. */
  readonly position: string
  readonly stamp: ChangeStamp
  readonly operation: JournalOperation
  /** The id of the request that asked for it; of an operation of a bulk `<id>:<index>`. */
  readonly requestId: string
  readonly author: Author
  readonly note: JournalNote
  /** An account that is first active by it is to be invited. */
  readonly invites?: true
  /** When it happened, ISO 8601, where the stamp keeps the time of another change. */
  readonly at?: string
}

/** What to list. All matches count, one page of them is returned. */
export interface ListQuery {
  readonly filter?: ResolvedFilter
  /** 1-based; 1 or more. */
  readonly startIndex: number
  /** 0 or more, already capped. */
  readonly count: number
  /** Told the ids of resources that may match before they are read, where an index tells them. */
  readonly onCandidates?: (ids: readonly string[]) => void
}

export interface ResourcePage {
  /** All that match, exactly. */
  readonly totalResults: number
  /** In the order of their ids. Fewer than asked for when more would exceed LIMITS.answerBytes, but at least one. */
  readonly resources: readonly StoredResource[]
}

/** A page that continues behind a position; the position is the store's own, opaque to all others. */
export interface PositionedPage {
  /** As in ResourcePage. */
  readonly resources: readonly StoredResource[]
  /** Absent only when nothing more matches. */
  readonly next?: string
  /** Present where the store knows it without a further read. */
  readonly totalResults?: number
}

/** A resource in an order: of all that match the keys are held in memory, not the resources. */
export interface SortedEntry {
  readonly id: string
  readonly key: SortKey
  /** Present when all that match are together within LIMITS.answerBytes, and were read to find them. */
  readonly stored?: StoredResource
}

/** Which resources have their index rows brought in line: those with some ids, or one page. */
export type ReindexQuery =
  { readonly ids: readonly string[] } | { readonly after?: string; readonly count: number }

/** What keeps the index of a declared attribute from being complete. */
export interface Clash {
  /** The name of the attribute. */
  readonly attribute: string
  /** Of two resources that have one unique value, or of one that has more values than can be indexed. */
  readonly ids: readonly string[]
}

/** What bringing index rows in line came to. */
export interface Reindexed {
  /** How many resources had something to write; whether it was written the next look tells. */
  readonly changed: number
  readonly clashes: readonly Clash[]
  /** Absent only when there are no more. */
  readonly next?: string
}

/**
 * Keeps the users and groups of all tenants. Every method takes the scope first and sees that tenant's rows only. An `id`
 * may be any text a client sends. Reads see all writes that were answered before (strong consistency).
 *
 * Failures of the service itself, and the end of the scope's deadline, are ScimError `unavailable` (try again), or are
 * thrown as they come; no method reports a conflict for a write of its own whose answer was lost.
 */
export interface ResourceStore extends Bringing, HiddenAccounts, Invitations, Levels, PeopleSearch {
  /** The resource, or undefined when there is none or it was deleted. */
  get(scope: Scope, resourceType: ResourceType, id: string): Promise<StoredResource | undefined>

  /** The resources with these ids that exist, in the order of the ids; as in ResourcePage fewer when they are too large. */
  getAll(
    scope: Scope,
    resourceType: ResourceType,
    ids: readonly string[],
  ): Promise<readonly StoredResource[]>

  /**
   * Inserts the resource with the change's stamp, its index rows and its count, all or nothing. A group that is called
   * exactly as a team made by hand becomes that team (`TeamStore`).
   * @returns the id that it has: of a team, the team's.
   * @throws ScimError `uniqueness` naming the attribute when a unique value is taken; `invalidValue` when it is too
   *   large to be kept.
   */
  create(
    scope: Scope,
    resourceType: ResourceType,
    resource: NewResource,
    change: Change,
  ): Promise<string>

  /**
   * Replaces the attributes of `before`, as read by this store, index rows included, all or nothing.
   * @returns false when the resource was changed or deleted since `before` was read: nothing is written, read again.
   * @throws ScimError `uniqueness`, `invalidValue` as `create`.
   */
  replace(
    scope: Scope,
    resourceType: ResourceType,
    before: StoredResource,
    attributes: StoredResource['attributes'],
    change: Change,
  ): Promise<boolean>

  /**
   * Removes `before`, as read by this store: from the first moment it is invisible, its names are free and it is not
   * counted. Memberships (both directions) go with it, with the stamp and the request of this change.
   * @returns false when the resource was changed or deleted since `before` was read: nothing is removed, read again.
   */
  delete(
    scope: Scope,
    resourceType: ResourceType,
    before: StoredResource,
    change: Change,
  ): Promise<boolean>

  /** Does what is left to do of a deletion that was interrupted when the resource had gone; mostly nothing. */
  finishDelete(scope: Scope, resourceType: ResourceType, id: string): Promise<void>

  /**
   * Finishes the deletions of all these types that were interrupted; tells how many. Harmless beside those under way. Counts the
   * levels of people who were there before levels were counted, too.
   */
  sweep(scope: Scope, resourceTypes: readonly ResourceType[]): Promise<number>

  /**
   * Brings the index rows of resources in line with the indexes that their type has: no new version of them, and no row in
   * the journal. May be stopped, repeated, and run beside changes, each of which it lets win.
   */
  reindex(scope: Scope, resourceType: ResourceType, query: ReindexQuery): Promise<Reindexed>

  /** One page by index, in the order of ids. */
  list(scope: Scope, resourceType: ResourceType, query: ListQuery): Promise<ResourcePage>

  /** One page by position, in the order of ids: `after` is absent for the first page. */
  listFrom(
    scope: Scope,
    resourceType: ResourceType,
    query: { readonly filter?: ResolvedFilter; readonly after?: string; readonly count: number },
  ): Promise<PositionedPage>

  /** The position behind a resource, as `PositionedPage.next` would be after it. */
  positionBehind(id: string): string

  /**
   * All that match, in an order; those that are equal in it by their ids.
   * @throws ScimError `tooMany` for more than LIMITS.sortedResources, or LIMITS.sortedNames where the names alone tell.
   */
  sorted(
    scope: Scope,
    resourceType: ResourceType,
    query: { readonly filter?: ResolvedFilter; readonly sort: Sort },
  ): Promise<readonly SortedEntry[]>
}

/** A resource that is to be created; version and lastModified come with the change. */
export type NewResource = Pick<StoredResource, 'id' | 'created' | 'attributes'>

/** Who is to be in a group afterwards, and who is not; nobody is named twice. */
export interface MembersChange {
  readonly add: readonly Member[]
  /** Ids. */
  readonly remove: readonly string[]
}

/** What a change of members came to; `conflict` is possible only where a revision was given. */
export type MembersOutcome = 'changed' | 'unchanged' | 'noGroup' | 'conflict'

/**
 * Keeps who is in which group. Members are a set; a member need not exist. Every change is atomic for up to 47 members
 * and repeatable for more; it never reads the members it does not name.
 */
export interface MembershipStore {
  /**
   * Adds and removes members. Those who are where they should be already are left alone, and if all are, the stamp is not
   * applied and the journal says nothing.
   * @param revision that of the group as it was read: if anything changed since, its members included, nothing is
   *   written. It guards the first 47 members of a change; the others follow.
   */
  changeMembers(
    scope: Scope,
    groupId: string,
    members: MembersChange,
    change: Change,
    revision?: string,
  ): Promise<MembersOutcome>

  /** All members of a group in batches, in the order of their ids, never cut off. */
  members(scope: Scope, groupId: string): AsyncIterable<readonly Member[]>

  /** Whether the member is in the group. */
  isMember(scope: Scope, groupId: string, memberId: string): Promise<boolean>

  /** The ids of the groups each of these members is in directly. Members that are in none are absent. */
  groupsOf(
    scope: Scope,
    memberIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>

  /**
   * The groups of those members whose ids come behind one, or of the first ones, as far as one answer of the service has them:
   * for whoever reads the members themselves at the same time.
   */
  groupsBehind(scope: Scope, memberId: string | undefined): Promise<GroupsBehind>

  /** The display names of these groups; groups that do not exist are absent. */
  groupNames(scope: Scope, groupIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** What else there is to know of a removal of memberships. */
export interface RemovalOptions {
  /** Of what may return: whether it is still gone, asked behind what is read and before what is removed. */
  readonly isGone?: () => Promise<boolean>
  /** Who takes the place of what was deleted in everything that it was in, as a user and once. */
  readonly heir?: string | undefined
  /** When the deletion was taken up again, ISO 8601: what only then happens is not put before that. */
  readonly resumedAt?: string | undefined
}

/** The groups of members who follow each other. */
export interface GroupsBehind {
  /** The ids of the groups that each is in directly; who is in none is absent. */
  readonly groupsOf: ReadonlyMap<string, readonly string[]>
  /** Whether all groups of a member behind that one are known. */
  readonly isComplete: (memberId: string) => boolean
}

/** What a store of resources asks of the memberships when it deletes. */
export interface MembershipCascade {
  /**
   * Removes all memberships of a user or a group that was deleted, in both directions, those made by hand included, or gives
   * them to the heir; repeatable.
   * @param change that of the deletion: the groups that lose the resource get its stamp, and the journal says which members
   *   have lost a group.
   * @param isGroup whether it had members of its own.
   */
  removeAll(
    scope: Scope,
    id: string,
    isGroup: boolean,
    change: Change,
    options?: RemovalOptions,
  ): Promise<void>
}

/** What a store of resources asks of the memberships to answer filters on `members` and `groups`. */
export interface MembershipLookup extends Pick<MembershipStore, 'groupsOf' | 'isMember'> {
  /** The ids of a group's members in batches. */
  memberIdsOf(scope: Scope, groupId: string): AsyncIterable<readonly string[]>
}

/** Memberships as the verbs use them, and as the store of the resources does. */
export interface Memberships extends MembershipStore, MembershipLookup, MembershipCascade {}
