import type { TransactionAction } from '@azure/data-tables'
import { indexEntries, requireStorable } from '../index-entries.ts'
import { withInvitation } from '../invitations.ts'
import { guardKey, resourceKey } from '../keys.ts'
import type { Change, NewResource } from '../port.ts'
import { storableJson } from '../stored-size.ts'
import { claimId } from './adoption.ts'
import { countAction } from './counters.ts'
import { IDENTITY_COLUMNS } from './entity.ts'
import { holdersOf, refuseTaken } from './index-rows.ts'
import { commitOnce, committedSubject } from './journal.ts'
import { newRows } from './new-rows.ts'
import { levelMove } from './levels.ts'
import { readRow, type Partition, type ResourcePartition } from './partition.ts'

/**
 * Inserts a resource with its index rows and counts it, in one transaction; a group under the id of the team that was made
 * by hand under its name, if there is one.
 * @returns the id.
 * @throws ScimError `uniqueness`, `invalidValue`, `unavailable`.
 */
export async function createResource(
  partition: ResourcePartition,
  resource: NewResource,
  change: Change,
): Promise<string> {
  const { layout, resourceType } = partition
  const { id, attributes } = resource
  const entries = indexEntries(layout, resourceType, attributes)
  requireStorable(entries)
  const json = storableJson(resourceType, { attributes })
  const tried = new Set<string>()
  let created = id
  await commitOnce(partition, change, {
    rows: async () => {
      const claim = await claimId(partition, resource, entries, change)
      created = claim.id
      tried.add(created)
      const made = { ...resource, id: created, ...change.stamp }
      const stored = withInvitation(undefined, made, change)
      return [
        ...newRows(partition, stored, entries, json),
        ...guardRows(partition, created, 'create'),
        ...claim.rows,
        countAction(partition, claim.counter, 1, levelMove(partition, undefined, attributes)),
      ]
    },
    told: () => ({ ...change, note: { ...change.note, subject: created } }),
    committed: undefined,
    explain: async (refusal) => {
      const [same, holders] = await Promise.all([
        readRow(partition, resourceKey(layout, id), IDENTITY_COLUMNS),
        holdersOf(partition, entries),
      ])
      // New ids are never used twice, so a row with this one is from this very creation.
      if (same !== undefined) return { result: undefined }
      refuseTaken(partition, id, holders)
      return { again: refusal?.error }
    },
  })
  return tried.size === 1 ? created : committedSubject(partition, change)
}

/** The row that keeps members from being added to a group that is gone (see `guardKey`); users have none. */
export function guardRows(
  { partitionKey, layout }: Partition,
  id: string,
  action: 'create' | 'delete',
): readonly TransactionAction[] {
  return layout.guarded ? [[action, { partitionKey, rowKey: guardKey(id) }]] : []
}
