import type {
  EraseResources,
  PartitionStore,
  Tenant,
  TenantStore,
  TenantSummary,
} from '../storage/tenant-port.ts'
import type { Tell } from './maintenance-events.ts'
import { isOwned, ORPHAN_HOURS } from './orphans.ts'
import { beginDeletion, secondsToSettle } from './tenants.ts'

const SECOND = 1000
const HOUR = 60 * 60 * SECOND

/** After so much erasing it is noted how many rows that were. */
const STEP_SECONDS = 5

/** What deletions work with. */
export interface DeletionParts {
  readonly store: TenantStore
  readonly partitions: PartitionStore
  readonly erase: EraseResources
  readonly now: () => Date
  readonly tell: Tell
}

/** `dropped`: there was only its summary left; `kept`: it is not being deleted. */
interface Progress {
  readonly state: 'deleting' | 'deleted' | 'dropped' | 'kept'
  readonly rows: number
}

/**
 * Goes on with the deletion of a tenant as far as time and requests that may still run for it allow. May be stopped
 * anywhere, and run beside another one that does the same.
 */
export async function continueDeletion(
  parts: DeletionParts,
  summary: TenantSummary,
  isOver: () => boolean,
): Promise<Progress> {
  const { store, now } = parts
  const tenant = await store.get(summary.id)
  if (tenant?.partitionKey !== summary.partitionKey) {
    const isDropped = tenant === undefined && (await store.dropSummary(summary))
    return { state: isDropped ? 'dropped' : 'kept', rows: 0 }
  }
  if (tenant.status !== 'deleting') return { state: 'kept', rows: 0 }
  // An earlier version of this app may have begun it.
  const begun = await beginDeletion(store, tenant.id, now())
  if (secondsToSettle(begun, now()) > 0 || isOver()) return { state: 'deleting', rows: 0 }
  const rows = await eraseInSteps(parts, begun, isOver)
  if (isOver()) return { state: 'deleting', rows }
  return { state: 'deleted', rows: rows + (await finish(parts, begun, isOver)) }
}

async function eraseInSteps(
  { store, erase, now }: DeletionParts,
  { id, partitionKey }: Tenant,
  isOver: () => boolean,
): Promise<number> {
  let rows = 0
  await noteRows(store, id, 0)
  for (;;) {
    const end = now().getTime() + STEP_SECONDS * SECOND
    let isCut = false
    const removed = await erase(partitionKey, () => {
      isCut ||= isOver() || now().getTime() >= end
      return isCut
    })
    rows += removed
    if (removed > 0) await noteRows(store, id, removed)
    if (!isCut || isOver()) return rows
  }
}

async function noteRows(store: TenantStore, id: string, removed: number): Promise<void> {
  await store.update(id, ({ deletion }) =>
    deletion === undefined
      ? {}
      : { deletion: { ...deletion, phase: 'erasing', rows: deletion.rows + removed } },
  )
}

/**
 * That the partition is nobody's any more is noted before nothing else tells it: what may come late all the same is
 * removed by a later run, also when this one ends here.
 */
async function finish(
  { store, partitions, erase, now, tell }: DeletionParts,
  tenant: Tenant,
  isOver: () => boolean,
): Promise<number> {
  const { id, partitionKey } = tenant
  const latest = await store.get(id)
  await partitions.note({ partitionKey, found: now().toISOString(), deleted: true })
  await store.delete(tenant)
  const late = await erase(partitionKey, isOver)
  tell({ event: 'tenant deleted', tenant: id, rows: (latest?.deletion?.rows ?? 0) + late })
  return late
}

/** Removes what came late into partitions of tenants that were deleted; a day later nothing comes any more. */
export async function eraseLate(
  { store, partitions, erase, now }: DeletionParts,
  isOver: () => boolean,
): Promise<number> {
  let rows = 0
  for (const { partitionKey, found, deleted = false } of await partitions.notes()) {
    if (!deleted) continue
    if (isOver()) break
    if (await isOwned(store, partitionKey)) continue
    let isCut = false
    rows += await erase(partitionKey, () => {
      isCut ||= isOver()
      return isCut
    })
    const isOld = now().getTime() - Date.parse(found) >= ORPHAN_HOURS * HOUR
    if (isOld && !isCut) await partitions.forget(partitionKey)
  }
  return rows
}
