import { changedEntries } from '../index-changes.ts'
import { isInactive } from '../index-entries.ts'
import { withInvitation } from '../invitations.ts'
import type { StoredResource } from '../../scim/resource.ts'
import type { Change } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { toEntity } from './entity.ts'
import { storageStatus } from './failure.ts'
import { holdersOf, insertEntries, refuseTaken, removeRows, updateEntries } from './index-rows.ts'
import { isAsRead } from './get.ts'
import { invitationRows } from './invitation-rows.ts'
import { commitOnce } from './journal.ts'
import { levelRows } from './levels.ts'
import type { ResourcePartition } from './partition.ts'

/**
 * Replaces a resource's attributes and what has changed in its index rows, in one transaction.
 * @returns false when it was changed or deleted since it was read.
 * @throws ScimError `uniqueness`, `invalidValue`, `unavailable`.
 */
export async function replaceResource(
  partition: ResourcePartition,
  before: StoredResource,
  attributes: StoredResource['attributes'],
  change: Change,
): Promise<boolean> {
  const { layout, resourceType } = partition
  const { id, revision } = before
  if (revision === undefined) return false
  const json = storableJson(resourceType, { ...before, attributes })
  const { added, removed, renoted, indexed } = changedEntries(
    layout,
    resourceType,
    before,
    attributes,
  )
  const holder = { id, isInactive: isInactive(attributes) }
  const stored = withInvitation(before, { ...before, attributes, ...change.stamp }, change)
  const after = toEntity(partition, { ...stored, indexed }, json)
  return commitOnce(partition, change, {
    rows: async () => [
      ['update', after, 'Replace', { etag: revision }],
      ...invitationRows(partition, before, stored),
      ...(await levelRows(partition, before, attributes)),
      ...removeRows(partition, removed),
      ...insertEntries(partition, holder, added),
      ...updateEntries(partition, holder, renoted),
    ],
    committed: true,
    explain: async (refusal) => {
      if (!(await isAsRead(partition, before))) return { result: false }
      const holders = await holdersOf(partition, added)
      refuseTaken(partition, id, holders)
      const fits = storageStatus(refusal?.error) !== 404 && holders.length === 0
      // If they fit, whoever had the name has given it up in this moment.
      if (fits) return { again: refusal?.error }
      // Another may have given it the same name in this moment; else its index rows are those that it was read with.
      if (!(await isAsRead(partition, before))) return { result: false }
      throw new Error(`the index rows of ${resourceType.name} ${id} do not fit it`, {
        cause: refusal?.error,
      })
    },
  })
}
