import type { ActivityStore } from '../activity-port.ts'
import type { LayoutOptions } from '../layout.ts'
import type { Memberships, ResourceStore } from '../port.ts'
import type { TeamStore } from '../team-port.ts'
import type { JournalSource } from '../tenant-journal.ts'
import type {
  EraseResources,
  MaintenanceStore,
  PartitionStore,
  TenantStore,
} from '../tenant-port.ts'
import { memoryActivity } from './activity.ts'
import { memoryMaintenance } from './maintenance.ts'
import { memoryMemberships } from './memberships.ts'
import { eraseMemory, memoryPartitions } from './partitions.ts'
import { memoryResourceStore } from './resources.ts'
import { memoryState, type MemoryState } from './state.ts'
import { memoryTeams } from './teams.ts'
import { memoryTenantStore } from './tenants.ts'

/** All stores of an app in memory. */
export interface MemoryStores {
  readonly resources: ResourceStore
  readonly memberships: Memberships
  readonly teams: TeamStore
  readonly tenants: TenantStore
  readonly activity: ActivityStore
  readonly erase: EraseResources
  readonly partitions: PartitionStore
  readonly maintenance: MaintenanceStore
  /** What is in them, and the journal. */
  readonly state: MemoryState
}

/**
 * Empty stores in memory, for tests and trials.
 * @throws TypeError for layouts that do not fit together.
 */
export function memoryStores(options: LayoutOptions & JournalSource = {}): MemoryStores {
  const state = memoryState()
  const memberships = memoryMemberships(state, options)
  const tenants = memoryTenantStore(state, options)
  return {
    resources: memoryResourceStore(state, memberships, options),
    memberships,
    teams: memoryTeams(state, options),
    tenants,
    activity: memoryActivity(state, tenants),
    erase: eraseMemory(state),
    partitions: memoryPartitions(state),
    maintenance: memoryMaintenance(),
    state,
  }
}
