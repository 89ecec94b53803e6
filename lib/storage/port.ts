import type { ResolvedAttribute } from '../scim/attribute-path.ts'
import type { ResolvedFilter } from '../scim/filter/filter.ts'
import type { ChangeStamp, Member, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'

/** What to list. All matches count, one page of them is returned. */
export interface ListQuery {
  readonly filter?: ResolvedFilter
  /** Without it resources come in the order of their ids, which never changes. */
  readonly sort?: { readonly by: ResolvedAttribute; readonly descending: boolean }
  /** 1-based; 1 or more. */
  readonly startIndex: number
  /** 0 or more, already capped. */
  readonly count: number
  /** The answer will show the groups that the resources are in: where they can be read on the way, they are. */
  readonly withGroups?: boolean
}

export interface ResourcePage {
  /** All that match, exactly. */
  readonly totalResults: number
  readonly resources: readonly StoredResource[]
  /** As `MembershipStore.groupsOf` gives it for these resources; only with `withGroups`, and not always then. */
  readonly groupsOf?: ReadonlyMap<string, readonly string[]>
}

/** A page that continues behind a position; the position is the store's own, opaque to all others. */
export interface PositionedPage {
  readonly resources: readonly StoredResource[]
  /** Absent only when nothing more matches. */
  readonly next?: string
  /** Present where the store knows it without a further read. */
  readonly totalResults?: number
}

/**
 * Keeps the users and groups of all tenants. Every method takes the tenant id first and sees that tenant's rows only.
 * An `id` may be any text a client sends. Reads see all writes that were answered before (strong consistency).
 *
 * Failures of the service itself are ScimError `unavailable` (throttled, not reachable: try again) or are thrown as
 * they come; no method reports a conflict for a write of its own whose answer was lost.
 */
export interface ResourceStore {
  /** The resource, or undefined when there is none or it was deleted. */
  get(tenantId: string, resourceType: ResourceType, id: string): Promise<StoredResource | undefined>

  /**
   * Inserts the resource, its index rows and its count, all or nothing.
   * @throws ScimError `uniqueness` naming the attribute when a unique value is taken; `invalidValue` when it is too
   *   large to be kept.
   */
  create(tenantId: string, resourceType: ResourceType, resource: StoredResource): Promise<void>

  /**
   * Replaces `before`, as read by this store, with `after` (same id), index rows included, all or nothing.
   * @returns false when the resource was changed or deleted since `before` was read: nothing is written, read again.
   * @throws ScimError `uniqueness`, `invalidValue` as `create`.
   */
  replace(
    tenantId: string,
    resourceType: ResourceType,
    before: StoredResource,
    after: StoredResource,
  ): Promise<boolean>

  /**
   * Removes `before`, as read by this store: from the first moment it is invisible, its names are free and it is not
   * counted. Memberships (both directions) go with it.
   * @returns false when the resource was changed or deleted since `before` was read: nothing is removed, read again.
   */
  delete(tenantId: string, resourceType: ResourceType, before: StoredResource): Promise<boolean>

  /** Does what is left to do of a deletion that was interrupted when the resource had gone; mostly nothing. */
  finishDelete(tenantId: string, resourceType: ResourceType, id: string): Promise<void>

  /** One page by index. */
  list(tenantId: string, resourceType: ResourceType, query: ListQuery): Promise<ResourcePage>

  /** One page by position, in the order of ids: `after` is absent for the first page. */
  listFrom(
    tenantId: string,
    resourceType: ResourceType,
    query: { readonly filter?: ResolvedFilter; readonly after?: string; readonly count: number },
  ): Promise<PositionedPage>
}

/** Who is to be in a group afterwards, and who is not; nobody is named twice. */
export interface MembersChange {
  readonly add: readonly Member[]
  /** Ids. */
  readonly remove: readonly string[]
}

/** What a change of members did; `conflict` is possible only where a revision was given. */
export type MembershipChange = 'changed' | 'unchanged' | 'noGroup' | 'conflict'

/**
 * Keeps who is in which group. Members are a set; a member need not exist. Every change is atomic for up to 49 members
 * and repeatable for more; it never reads the members it does not name.
 */
export interface MembershipStore {
  /**
   * Adds and removes members. Those who are where they should be already are left alone, and if all are, the stamp is not
   * applied.
   * @param revision that of the group as it was read: if anything changed since, its members included, nothing is
   *   written. It guards the first 49 members of a change; the others follow.
   */
  changeMembers(
    tenantId: string,
    groupId: string,
    change: MembersChange,
    stamp: ChangeStamp,
    revision?: string,
  ): Promise<MembershipChange>

  /** All members of a group in batches, in the order of their ids, never cut off. */
  members(tenantId: string, groupId: string): AsyncIterable<readonly Member[]>

  /** Whether the member is in the group. */
  isMember(tenantId: string, groupId: string, memberId: string): Promise<boolean>

  /** The ids of the groups each of these members is in directly. Members that are in none are absent. */
  groupsOf(
    tenantId: string,
    memberIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>

  /** The display names of these groups; groups that do not exist are absent. */
  groupNames(tenantId: string, groupIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** What a store of resources asks of the memberships when it deletes. */
export interface MembershipCascade {
  /** Removes all memberships of a user or a group that was deleted, in both directions; repeatable. */
  removeAll(tenantId: string, resourceType: ResourceType, id: string): Promise<void>
}

/** What a store of resources asks of the memberships to answer filters on `members` and `groups`. */
export interface MembershipLookup extends Pick<MembershipStore, 'groupsOf' | 'isMember'> {
  /** The ids of a group's members in batches. */
  memberIdsOf(tenantId: string, groupId: string): AsyncIterable<readonly string[]>
}
