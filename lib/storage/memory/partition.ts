import type { StoredResource } from '../../scim/resource.ts'
import type { ResourceType } from '../../scim/resource-type.ts'
import type { StorageLayout } from '../layout.ts'
import type { Scope } from '../port.ts'
import { fromStored } from '../stored-attributes.ts'
import type { MemoryJournal, MemoryRows } from './state.ts'

/** A tenant's resources of one type. */
export interface MemoryPartition extends Scope {
  readonly layout: StorageLayout
  readonly resourceType: ResourceType
  readonly rows: MemoryRows
  /** Those that are kept out of sight. */
  readonly hidden: MemoryRows
  readonly journal: MemoryJournal
  /** Levels that anybody has or had, by their folds. */
  readonly levels: Map<string, ReadonlySet<string>>
}

/** Finds them. */
export type Open = (scope: Scope, resourceType: ResourceType) => MemoryPartition

/** Whether nobody has written a resource since it was read. */
export function isCurrent(
  { rows }: Pick<MemoryPartition, 'rows'>,
  before: StoredResource,
): boolean {
  return before.revision !== undefined && rows.get(before.id)?.revision === before.revision
}

/** What was read for a resource type, and with it what that type knows of it. */
interface Readable {
  readonly resourceType: ResourceType
  readonly resource: StoredResource
}

const readables = new WeakMap<StoredResource, Readable>()

/** What is kept of a resource as a resource of the type, whatever the type knew when it was written. */
export function readable(resourceType: ResourceType, kept: StoredResource): StoredResource {
  let read = readables.get(kept)
  if (read?.resourceType !== resourceType) {
    read = { resourceType, resource: { ...kept, ...fromStored(resourceType, kept.attributes) } }
    readables.set(kept, read)
  }
  return read.resource
}
