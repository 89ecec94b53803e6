import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { indexedWith } from '../index-changes.ts'
import { isInactive, type IndexEntry } from '../index-entries.ts'
import { toEntity } from './entity.ts'
import { insertEntries } from './index-rows.ts'
import { invitationRows } from './invitation-rows.ts'
import type { ResourcePartition } from './partition.ts'

/** A resource that was not there, with its index rows and its invitation: whoever inserts it counts it, too. */
export function newRows(
  partition: ResourcePartition,
  stored: StoredResource,
  entries: readonly IndexEntry[],
  json: string,
): readonly TransactionAction[] {
  const holder = { id: stored.id, isInactive: isInactive(stored.attributes) }
  const indexed = indexedWith(partition.layout, stored.id, entries)
  return [
    ['create', toEntity(partition, { ...stored, indexed }, json)],
    ...invitationRows(partition, undefined, stored),
    ...insertEntries(partition, holder, entries),
  ]
}
