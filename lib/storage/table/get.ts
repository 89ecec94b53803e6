import type { StoredResource } from '../../scim/resource.ts'
import { resourceKey } from '../keys.ts'
import { emptyPage } from '../page.ts'
import { fromEntity, IDENTITY_COLUMNS } from './entity.ts'
import { inOrder } from './in-order.ts'
import { readRow, type ResourcePartition } from './partition.ts'

/** Resources read one by one at the same time. */
const READS_AT_ONCE = 32

/** Reads a resource; undefined when there is none. */
export async function readResource(
  partition: ResourcePartition,
  id: string,
): Promise<StoredResource | undefined> {
  const row = await readRow(partition, resourceKey(partition.layout, id))
  return row === undefined ? undefined : fromEntity(partition.resourceType, row)
}

/** The resources with these ids that exist, one by one, in the order of the ids. */
export async function* readEach(
  partition: ResourcePartition,
  ids: readonly string[],
): AsyncGenerator<StoredResource> {
  for await (const stored of inOrder(ids, READS_AT_ONCE, (id) => readResource(partition, id))) {
    if (stored !== undefined) yield stored
  }
}

/** The same as far as they fit into an answer. */
export async function readAll(
  partition: ResourcePartition,
  ids: readonly string[],
): Promise<readonly StoredResource[]> {
  const page = emptyPage(ids.length)
  for await (const stored of readEach(partition, ids)) {
    if (!page.add(stored)) break
  }
  return page.resources
}

/** Whether nobody has written the resource since it was read. */
export async function isAsRead(
  partition: ResourcePartition,
  { id, revision }: StoredResource,
): Promise<boolean> {
  const row = await readRow(partition, resourceKey(partition.layout, id), IDENTITY_COLUMNS)
  return row?.['etag'] === revision
}
