import type { TransactionAction } from '@azure/data-tables'
import { inParallel } from '../../in-parallel.ts'
import type { StoredResource } from '../../scim/resource.ts'
import { indexEntries, isInactive, type IndexEntry } from '../index-entries.ts'
import { lackOf, withEntries, type Lack } from '../index-filling.ts'
import { uniqueKey } from '../keys.ts'
import type { Clash, MembershipLookup, Reindexed, ReindexQuery } from '../port.ts'
import { toIndexedEntity } from './entity.ts'
import { readAll, readResource } from './get.ts'
import { insertEntries, removeRows, updateEntries } from './index-rows.ts'
import { listFrom } from './list.ts'
import { readRow, type ResourcePartition } from './partition.ts'
import { text, type Row } from './row.ts'
import { submit } from './transaction.ts'

/** Resources that are worked on at the same time. */
const AT_ONCE = 8

/** See `ResourceStore.reindex`. */
export async function reindex(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  query: ReindexQuery,
): Promise<Reindexed> {
  const { resources, next } = await resourcesOf(partition, lookup, query)
  const done = await inParallel(resources, AT_ONCE, (stored) => reindexOne(partition, stored))
  return {
    changed: done.filter(({ changed }) => changed).length,
    clashes: done.flatMap(({ clashes }) => clashes),
    ...(next === undefined ? {} : { next }),
  }
}

async function resourcesOf(
  partition: ResourcePartition,
  lookup: MembershipLookup,
  query: ReindexQuery,
): Promise<{ readonly resources: readonly StoredResource[]; readonly next?: string }> {
  if ('ids' in query) return { resources: await readAll(partition, query.ids) }
  return listFrom(partition, lookup, query)
}

interface Done {
  readonly changed: boolean
  readonly clashes: readonly Clash[]
}

/**
 * Writes what the index rows of a resource lack, on condition that it is as it was read; what became of it the next look
 * tells.
 */
async function reindexOne(partition: ResourcePartition, stored: StoredResource): Promise<Done> {
  const lack = lackOf(partition.layout, partition.resourceType, stored)
  if (lack === undefined) return { changed: false, clashes: [] }
  const { id } = stored
  const claims = await Promise.all(lack.claims.map((entry) => claimOf(partition, stored, entry)))
  const clashes = [
    ...lack.overfull.map(({ reference }) => ({ attribute: reference.attribute.name, ids: [id] })),
    ...claims.flatMap(({ clash }) => clash ?? []),
  ]
  const granted = claims.filter(({ clash }) => clash === undefined)
  if (lack.shared.length + lack.removed.length + granted.length === 0) {
    return { changed: false, clashes }
  }
  await submit(partition, rowsOf(partition, stored, lack, granted))
  return { changed: true, clashes }
}

function rowsOf(
  partition: ResourcePartition,
  { id, revision = '', attributes }: StoredResource,
  { shared, removed, indexed }: Lack,
  granted: readonly Claim[],
): readonly TransactionAction[] {
  const holder = { id, isInactive: isInactive(attributes) }
  const entries = granted.map(({ entry }) => entry)
  const declared = withEntries(id, indexed.declared, entries)
  const row = toIndexedEntity(partition, id, { ...indexed, declared })
  return [
    ['update', row, 'Merge', { etag: revision }],
    ...removeRows(partition, removed),
    ...insertEntries(partition, holder, shared),
    ...granted.flatMap(({ entry, present }) =>
      present === undefined
        ? insertEntries(partition, holder, [entry])
        : replaced(updateEntries(partition, holder, [entry]), text(present, 'etag')),
    ),
  ]
}

/** The same rows, in the place of one that is as it was read. */
function replaced(rows: readonly TransactionAction[], etag: string): readonly TransactionAction[] {
  return rows.map(([, row]) => ['update', row, 'Replace', { etag }])
}

/** A unique value that a resource has and that is not noted as its own. */
interface Claim {
  readonly entry: IndexEntry
  /** The row that is there and says nothing of another. */
  readonly present?: Row
  /** Another has the value. */
  readonly clash?: Clash
}

/** A row whose holder is gone, or has the value no more, was left by an earlier version: it gives way. */
async function claimOf(
  partition: ResourcePartition,
  { id }: StoredResource,
  entry: IndexEntry,
): Promise<Claim> {
  const { index, value } = entry
  const present = await readRow(partition, uniqueKey(index.name, value))
  if (present === undefined) return { entry }
  const holderId = text(present, 'id')
  if (holderId === id) return { entry, present }
  const holder = await readResource(partition, holderId)
  const held =
    holder === undefined
      ? []
      : indexEntries(partition.layout, partition.resourceType, holder.attributes)
  if (!held.some((each) => each.index.name === index.name && each.value === value)) {
    return { entry, present }
  }
  return { entry, clash: { attribute: index.reference.attribute.name, ids: [holderId, id] } }
}
