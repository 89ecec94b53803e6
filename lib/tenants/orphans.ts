import type { EraseResources, Orphan, PartitionStore, TenantStore } from '../storage/tenant-port.ts'

/** A partition may be removed when it was found without a tenant twice, so many hours apart. */
export const ORPHAN_HOURS = 24

const HOUR = 60 * 60 * 1000

/** What `createTenant` makes, or made before there were random parts. */
const PARTITION_KEY = /^[a-z0-9-]{1,32}(?:_[a-z0-9]{16})?$/

/** Whether a partition is of this app's making. */
export function ownPartition(partitionKey: string): boolean {
  return PARTITION_KEY.test(partitionKey)
}

/** A partition without a tenant. */
export interface FoundOrphan extends Orphan {
  readonly rows: number
  /** ISO 8601, UTC: it may be removed when it is found so again from then on. */
  readonly removableFrom: string
  readonly removable: boolean
}

/** What is in the tables without belonging to a tenant. */
export interface Orphans {
  readonly orphans: readonly FoundOrphan[]
  /** Partitions that are not of this app's making; nobody but their maker can tell whose they are. */
  readonly foreign: readonly string[]
}

/** Where orphans are looked for. */
export interface OrphanStores {
  readonly store: TenantStore
  readonly partitions: PartitionStore
}

/**
 * Finds the partitions of users and groups that no tenant owns and notes them. The partitions are read first, then the
 * row of each one's tenant: a tenant's row is written before its partition has any, so a tenant that is created in
 * between is not taken for missing.
 */
export async function findOrphans(stores: OrphanStores, now: Date): Promise<Orphans> {
  const { partitions } = stores
  const keys = await partitions.list()
  const notes = new Map((await partitions.notes()).map((each) => [each.partitionKey, each]))
  const orphans: FoundOrphan[] = []
  for (const partitionKey of keys.filter(ownPartition)) {
    if (await isOwned(stores.store, partitionKey)) continue
    const found = notes.get(partitionKey)?.found ?? now.toISOString()
    await partitions.note({ partitionKey, found })
    const rows = await partitions.count(partitionKey)
    orphans.push({ partitionKey, found, rows, ...removability(found, now) })
  }
  const still = new Set(orphans.map(({ partitionKey }) => partitionKey))
  for (const [noted, { deleted = false }] of notes) {
    // What the maintenance has noted of its own deletions, it forgets itself.
    if (!still.has(noted) && !deleted) await partitions.forget(noted)
  }
  return { orphans, foreign: keys.filter((key) => !ownPartition(key)) }
}

/**
 * Removes a partition without a tenant and tells how many rows that were: 0, with nothing removed, when it is too young a
 * finding, or has a tenant now.
 */
export async function removeOrphan(
  stores: OrphanStores & { readonly erase: EraseResources },
  { partitionKey, found }: Orphan,
  now: Date,
): Promise<number> {
  const { store, partitions, erase } = stores
  if (!removability(found, now).removable || (await isOwned(store, partitionKey))) return 0
  const rows = await erase(partitionKey)
  await partitions.forget(partitionKey)
  return rows
}

/** Whether the tenant named in a PartitionKey is there and has this partition, not a later one. */
export async function isOwned(store: TenantStore, partitionKey: string): Promise<boolean> {
  const [tenantId = ''] = partitionKey.split('_')
  return (await store.get(tenantId))?.partitionKey === partitionKey
}

/** A date that cannot be read is none that has passed. */
function removability(found: string, now: Date): Pick<FoundOrphan, 'removableFrom' | 'removable'> {
  const from = Date.parse(found) + ORPHAN_HOURS * HOUR
  if (Number.isNaN(from)) return { removableFrom: 'never', removable: false }
  return { removableFrom: new Date(from).toISOString(), removable: now.getTime() >= from }
}
