import { ScimError } from '../../scim/errors.ts'
import type { StoredResource } from '../../scim/resource.ts'
import { entriesMissingIn, indexEntries } from '../index-entries.ts'
import { resourceKey } from '../keys.ts'
import { storableJson } from '../stored-size.ts'
import { IDENTITY_COLUMNS, toEntity } from './entity.ts'
import { insertEntries, refuseTaken, removeEntries } from './index-rows.ts'
import { readRow, type Partition } from './partition.ts'
import { submit, untilDecided, type Attempt } from './transaction.ts'

/**
 * Replaces a resource and what has changed in its index rows, in one transaction.
 * @returns false when it was changed or deleted since it was read.
 * @param patience milliseconds for which an unavailable storage is tried again.
 * @throws ScimError `uniqueness`, `invalidValue`, `unavailable`.
 */
export async function replaceResource(
  partition: Partition,
  before: StoredResource,
  after: StoredResource,
  patience: number,
): Promise<boolean> {
  const { id, revision } = before
  if (revision === undefined) return false
  const oldEntries = indexEntries(partition.resourceType, before.attributes)
  const newEntries = indexEntries(partition.resourceType, after.attributes)
  const json = storableJson(partition.resourceType, after, newEntries)
  const added = entriesMissingIn(oldEntries, newEntries)
  return untilDecided(async (): Promise<Attempt<boolean>> => {
    const outcome = await submit(partition, [
      ['update', toEntity(partition, { ...after, id }, json), 'Replace', { etag: revision }],
      ...removeEntries(partition, id, entriesMissingIn(newEntries, oldEntries)),
      ...insertEntries(partition, id, added),
    ])
    if (outcome.committed) return { result: true }
    return decide(partition, id, revision, after.version, outcome.error, () =>
      refuseTaken(partition, id, added),
    )
  }, patience)
}

/** Finds out from what is stored why a transaction was refused. */
async function decide(
  partition: Partition,
  id: string,
  revision: string,
  version: string,
  error: unknown,
  refuse: () => Promise<void>,
): Promise<Attempt<boolean>> {
  const row = await readRow(partition, resourceKey(partition.resourceType, id), IDENTITY_COLUMNS)
  if (row === undefined) return { result: false }
  // Versions are never used twice: the answer to the first try was lost.
  if (row['version'] === version) return { result: true }
  if (row['etag'] !== revision) return { result: false }
  await refuse()
  if (error instanceof ScimError) return { again: error }
  throw new Error(`the index rows of ${partition.resourceType.name} ${id} do not fit it`, {
    cause: error,
  })
}
