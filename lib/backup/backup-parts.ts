import type { TenantTypes } from '../people/tenant-types.ts'
import type { ActivityStore } from '../storage/activity-port.ts'
import type { Deadline } from '../storage/deadline.ts'
import type { MembershipStore, ResourceStore, Scope } from '../storage/port.ts'
import type { TeamStore } from '../storage/team-port.ts'
import type { TenantStore } from '../storage/tenant-port.ts'
import type { Pause } from './again.ts'

/** What tenants are exported and imported with. */
export interface BackupParts {
  readonly tenants: TenantStore
  readonly resources: ResourceStore
  readonly memberships: MembershipStore
  readonly teams: TeamStore
  readonly activity: Pick<ActivityStore, 'read'>
  readonly typesOf: TenantTypes
  readonly now: () => Date
  readonly random: () => number
  readonly newVersion: () => string
  /** For one thing that is read or written. */
  readonly newDeadline: () => Deadline
  readonly pause: Pause
}

/** The rows of a tenant, for one thing that is read or written. */
export function scopeIn(
  { newDeadline }: Pick<BackupParts, 'newDeadline'>,
  partitionKey: string,
): Scope {
  return { partitionKey, deadline: newDeadline() }
}

/** Says how far it is; what it throws ends the work. */
export type Report = (done: Done) => void

/** What was read or written so far. */
export interface Done {
  readonly users: number
  readonly groups: number
  readonly members: number
  /** Present while what has changed meanwhile is read again. */
  readonly pass?: number
}
