import type {
  MaintenanceStore,
  Orphan,
  PartitionStore,
  TaskState,
  TenantStore,
  TenantSummary,
} from '../storage/tenant-port.ts'
import type { Tell } from './maintenance-events.ts'
import { isOwned, ownPartition } from './orphans.ts'

const HOUR = 60 * 60 * 1000

/** A round over all partitions is begun so often; it takes as many runs as it needs. */
const ROUND_HOURS = 24

const ROUND = 'orphans'
const PAGE = 50

/** What the report works with. */
export interface OrphanReportParts {
  readonly store: TenantStore
  readonly runs: MaintenanceStore
  readonly partitions: PartitionStore
  readonly now: () => Date
  readonly tell: Tell
}

/**
 * Goes on with a round over the partitions of users and groups, and notes and tells of those that no tenant owns. It
 * removes nothing: that is the operator's to decide (`sweep --orphans`).
 * @param summaries tell of most partitions whose they are; each other one's tenant is read.
 */
export async function reportOrphans(
  parts: OrphanReportParts,
  summaries: readonly TenantSummary[],
  isOver: () => boolean,
): Promise<{ readonly orphans: readonly string[]; readonly complete: boolean }> {
  const { runs, partitions, now } = parts
  const round = dueRound(await runs.task(ROUND), now())
  if (round === undefined) return { orphans: [], complete: true }
  const { started } = round
  const owned = new Set(summaries.map(({ partitionKey }) => partitionKey))
  const notes = new Map((await partitions.notes()).map((each) => [each.partitionKey, each]))
  const orphans: string[] = []
  let { after = '' } = round
  while (!isOver()) {
    const keys = await partitions.next(after, PAGE)
    const last = keys.at(-1)
    if (last === undefined) {
      await forgetEmpty(partitions)
      await runs.keepTask(ROUND, { started })
      return { orphans, complete: true }
    }
    for (const key of keys.filter((each) => ownPartition(each) && !owned.has(each))) {
      if (await tellOrphan(parts, key, notes.get(key))) orphans.push(key)
    }
    after = last
    await runs.keepTask(ROUND, { started, after })
  }
  return { orphans, complete: false }
}

/** The round to go on with, or to begin; undefined when it is too early for another one. */
function dueRound(state: TaskState | undefined, now: Date): TaskState | undefined {
  if (state?.after !== undefined) return state
  const age = now.getTime() - Date.parse(state?.started ?? '')
  return age >= 0 && age < ROUND_HOURS * HOUR ? undefined : { started: now.toISOString() }
}

/** Of partitions whose tenants were deleted the deletion itself removes what is left. */
async function tellOrphan(
  { store, partitions, now, tell }: OrphanReportParts,
  partitionKey: string,
  note: Orphan | undefined,
): Promise<boolean> {
  if (note?.deleted === true || (await isOwned(store, partitionKey))) return false
  const found = note?.found ?? now().toISOString()
  if (note === undefined) await partitions.note({ partitionKey, found })
  tell({ event: 'orphan found', partition: partitionKey, found })
  return true
}

/** Findings that have gone since: somebody has removed them. */
async function forgetEmpty(partitions: PartitionStore): Promise<void> {
  for (const { partitionKey, deleted = false } of await partitions.notes()) {
    if (!deleted && (await partitions.count(partitionKey)) === 0) {
      await partitions.forget(partitionKey)
    }
  }
}
