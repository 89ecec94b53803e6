import type { ActivityStore } from '../activity-port.ts'
import type { Deadline } from '../deadline.ts'
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
import { tableActivity } from './activity.ts'
import { eraseTenantResources } from './erase.ts'
import { tableMaintenance } from './maintenance.ts'
import { tableMemberships } from './memberships.ts'
import { missingTables } from './missing-tables.ts'
import { tablePartitions } from './partitions.ts'
import { tableResourceStore } from './resources.ts'
import type { Tables } from './tables.ts'
import { tableTeams } from './teams.ts'
import { tableTenantStore } from './tenants.ts'

/** All stores of an app on Table Storage, and how to remove what one tenant has in them. */
export interface TableStores {
  readonly resources: ResourceStore
  readonly memberships: Memberships
  readonly teams: TeamStore
  readonly tenants: TenantStore
  readonly activity: ActivityStore
  readonly erase: EraseResources
  /** The names of tables that are missing. */
  readonly missingTables: (deadline: Deadline) => Promise<readonly string[]>
  readonly partitions: PartitionStore
  readonly maintenance: MaintenanceStore
}

/**
 * The stores on tables.
 * @throws TypeError for layouts that do not fit together.
 */
export function tableStores(
  tables: Tables,
  options: LayoutOptions & JournalSource = {},
): TableStores {
  const memberships = tableMemberships(tables, options)
  return {
    resources: tableResourceStore(tables, memberships, options),
    memberships,
    teams: tableTeams(tables, memberships, options),
    tenants: tableTenantStore(tables, options),
    activity: tableActivity(tables),
    erase: eraseTenantResources(tables),
    missingTables: (deadline) => missingTables(tables, deadline),
    partitions: tablePartitions(tables),
    maintenance: tableMaintenance(tables),
  }
}
