import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { Change, NewResource, PositionedPage, Scope } from './port.ts'

/**
 * Accounts that were deleted and are kept out of sight: no other method of a `ResourceStore` sees them, their names are free,
 * they are not counted, and they are in no group. What is kept has `active` false, and the version and time of its
 * deletion. Its id is used again by its own return and by nobody else.
 */
export interface HiddenAccounts {
  /** As `ResourceStore.delete`, and keeps `before` out of sight, all or nothing. */
  hide(
    scope: Scope,
    resourceType: ResourceType,
    before: StoredResource,
    change: Change,
  ): Promise<boolean>

  /**
   * As `ResourceStore.create`, unless a hidden account returns: one with the same externalId, else one with the same userName
   * where it or the resource has no externalId; of several the latest. It then has the attributes of the resource, and its
   * own id and time of creation; the journal says `restore`. Where the userName alone is the same, and both have an
   * externalId, the resource is another one, of which the store and the journal note whose return it may be.
   * @param change about the resource as if it were new.
   * @returns what is there now.
   */
  createOrRestore(
    scope: Scope,
    resourceType: ResourceType,
    resource: NewResource,
    change: Change,
  ): Promise<StoredResource>

  /** A hidden account; undefined when there is none with this id. */
  getHidden(
    scope: Scope,
    resourceType: ResourceType,
    id: string,
  ): Promise<StoredResource | undefined>

  /** One page of the hidden accounts by position, in the order of ids: `after` is absent for the first page. */
  listHidden(
    scope: Scope,
    resourceType: ResourceType,
    query: { readonly after?: string; readonly count: number },
  ): Promise<PositionedPage>

  /**
   * Brings a hidden account back, as read by this store, with these attributes.
   * @param returner the account under which the person has come again: it ends in the same transaction, and the hidden one
   *   takes its place in all that it is in, also in what it comes into at the same time; the attributes may have its unique
   *   values.
   * @returns what is there now; undefined when one of the two is not as it was read: nothing is written, read again.
   * @throws ScimError `uniqueness`, `invalidValue` as `create`.
   */
  restore(
    scope: Scope,
    resourceType: ResourceType,
    hidden: StoredResource,
    attributes: StoredResource['attributes'],
    change: Change,
    returner?: StoredResource,
  ): Promise<StoredResource | undefined>

  /**
   * Replaces the attributes of a hidden account, as read by this store; externalId and userName are to stay as they are, and
   * so do its version and time.
   * @returns false when it has returned, or was changed or deleted since: nothing is written.
   */
  replaceHidden(
    scope: Scope,
    resourceType: ResourceType,
    hidden: StoredResource,
    attributes: StoredResource['attributes'],
    change: Change,
  ): Promise<boolean>

  /**
   * Deletes a hidden account, as read by this store, for good.
   * @returns false when it has returned, or was changed or deleted since: nothing is written.
   */
  deleteHidden(
    scope: Scope,
    resourceType: ResourceType,
    hidden: StoredResource,
    change: Change,
  ): Promise<boolean>
}
