import type { JsonObject } from '../scim/json.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { Scope } from './port.ts'

/** Somebody who is to be invited. */
export interface DueInvitation extends JsonObject {
  readonly id: string
  /** ISO 8601: when the account was active for the first time. */
  readonly since: string
}

/** A page of invitations that are due, in the order of ids. */
export interface InvitationPage {
  readonly items: readonly DueInvitation[]
  /** Absent only when there are no more. */
  readonly next?: string
}

/**
 * Invitations that accounts have come to be due for by a change that `invites`: each account once, at its first
 * activation. One goes with the account, and comes back with an account that was kept out of sight.
 */
export interface Invitations {
  /** One page by position; `after` is absent for the first page. */
  listInvitations(
    scope: Scope,
    resourceType: ResourceType,
    query: { readonly after?: string; readonly count: number },
  ): Promise<InvitationPage>

  /**
   * Takes invitations off the list for good; no new version of the accounts, and no row in the journal.
   * @returns those of the ids that an invitation is known of, acknowledged before or now.
   */
  acknowledge(
    scope: Scope,
    resourceType: ResourceType,
    ids: readonly string[],
  ): Promise<readonly string[]>
}

/** Whose values are looked for. */
export interface SearchQuery {
  /** Attributes as `referencePath` prints them, each with an index. */
  readonly paths: readonly string[]
  /** Compared as filters compare the values of each attribute. */
  readonly beginning: string
  /** `next` of the page before. */
  readonly behind?: string
  readonly count: number
}

/** Some of those who were found; they are still to be read. */
export interface FoundPage {
  /** In the order of what was found, each once. */
  readonly ids: readonly string[]
  /** Whether one of them, as read behind this, is found and was on no page before. */
  readonly isHere: (stored: StoredResource) => boolean
  /** Absent only when there are no more; a page may have nobody and go on all the same. */
  readonly next?: string
}

export interface PeopleSearch {
  /**
   * Finds the resources with a value that begins so: one round trip, however many there are.
   * @throws ScimError `mutability` while an index does not have all of them.
   */
  search(scope: Scope, resourceType: ResourceType, query: SearchQuery): Promise<FoundPage>
}

/** A value of the attribute that the storage layout counts. */
export interface Level extends JsonObject {
  /** As most of its people have it, or had it: the smallest of several spellings. */
  readonly name: string
  /** How many have it; none, where all have left. */
  readonly people: number
}

export interface Levels {
  /** All levels that anybody has, or had since they were deleted, with how many have them: one round trip. */
  levels(
    scope: Scope,
    resourceType: ResourceType,
  ): Promise<{
    readonly levels: readonly Level[]
    /** False while not everybody is counted who was there before levels were, and where there are too many to be counted. */
    readonly complete: boolean
  }>

  /**
   * Takes a level off the list that nobody has.
   * @param name in any spelling.
   * @returns the level: where anybody has it nothing is done; undefined where there is no such level.
   * @throws ScimError `mutability` while not everybody is counted.
   */
  deleteLevel(scope: Scope, resourceType: ResourceType, name: string): Promise<Level | undefined>
}
