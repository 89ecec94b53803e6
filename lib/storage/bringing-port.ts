import type { ScimError } from '../scim/errors.ts'
import type { StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { Change, Scope } from './port.ts'

/** What has come of something that was brought: it was inserted, is there in this version, or in another one. */
export type Brought = 'brought' | 'there' | 'other'

/** A value that no two of those that are brought may have. */
export interface UniqueValue {
  /** The same text for the same value, in the form in which the values are compared. */
  readonly key: string
  /** The error for another one that is to have it. */
  readonly taken: () => ScimError
}

/**
 * Inserts what was elsewhere, or earlier, with the id, version, times and marks that it had there; nothing that is there is
 * changed. The stamp of the change has no say.
 */
export interface Bringing {
  /**
   * A resource, its index rows and its count, all or nothing. It adopts no team and restores no hidden account. Where the index of
   * an attribute is not complete that the tenant has declared to be unique, a value that another has is left out of it.
   * @throws ScimError `uniqueness` naming any other attribute whose unique value is taken; `invalidValue` when it is too
   *   large to be kept.
   */
  bring(
    scope: Scope,
    resourceType: ResourceType,
    resource: StoredResource,
    change: Change,
  ): Promise<Brought>

  /** An account that is kept out of sight. */
  bringHidden(
    scope: Scope,
    resourceType: ResourceType,
    account: StoredResource,
    change: Change,
  ): Promise<Brought>

  /**
   * The values of a resource for which `bring` refuses another one.
   * @throws ScimError `invalidValue` as `bring`.
   */
  uniqueValues(resourceType: ResourceType, resource: StoredResource): readonly UniqueValue[]

  /** What `bring` would come to; nothing is written. @throws ScimError as `bring`. */
  rehearse(scope: Scope, resourceType: ResourceType, resource: StoredResource): Promise<Brought>

  /** What `bringHidden` would come to. @throws ScimError as `bringHidden`. */
  rehearseHidden(
    scope: Scope,
    resourceType: ResourceType,
    account: StoredResource,
  ): Promise<Brought>
}
