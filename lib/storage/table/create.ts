import type { TransactionAction } from '@azure/data-tables'
import type { StoredResource } from '../../scim/resource.ts'
import { indexEntries } from '../index-entries.ts'
import { resourceKey } from '../keys.ts'
import { guardKey } from '../membership-keys.ts'
import { storableJson } from '../stored-size.ts'
import { countAction, readCounter } from './counters.ts'
import { IDENTITY_COLUMNS, toEntity } from './entity.ts'
import { insertEntries, refuseTaken } from './index-rows.ts'
import { readRow, type Partition } from './partition.ts'
import { submit, untilDecided, type Attempt } from './transaction.ts'

/**
 * Inserts a resource with its index rows and counts it, in one transaction.
 * @param patience milliseconds for which lost races for the counter are repeated.
 * @throws ScimError `uniqueness`, `invalidValue`, `unavailable`.
 */
export async function createResource(
  partition: Partition,
  resource: StoredResource,
  patience: number,
): Promise<void> {
  const { id, attributes } = resource
  const entries = indexEntries(partition.resourceType, attributes)
  const json = storableJson(partition.resourceType, resource, entries)
  const rows: readonly TransactionAction[] = [
    ['create', toEntity(partition, resource, json)],
    ...guardRows(partition, id, 'create'),
    ...insertEntries(partition, id, entries),
  ]
  await untilDecided(async (): Promise<Attempt<void>> => {
    const counter = await readCounter(partition, id)
    const outcome = await submit(partition, [...rows, countAction(partition, counter, 1)])
    if (outcome.committed) return { result: undefined }
    const [created] = await Promise.all([
      readRow(partition, resourceKey(partition.resourceType, id), IDENTITY_COLUMNS),
      refuseTaken(partition, id, entries),
    ])
    // Ids are never used twice, so a row with this id is from this very creation, whatever became of it since.
    return created === undefined ? { again: outcome.error } : { result: undefined }
  }, patience)
}

/** The row that keeps members from being added to a group that is gone (see `guardKey`); users have none. */
export function guardRows(
  { partitionKey, resourceType }: Partition,
  id: string,
  action: 'create' | 'delete',
): readonly TransactionAction[] {
  return resourceType.name === 'Group' ? [[action, { partitionKey, rowKey: guardKey(id) }]] : []
}
