import type { ResourceType } from '../scim/resource-type.ts'
import type { ServiceContext } from '../service/context.ts'
import type { ActivityStore } from '../storage/activity-port.ts'
import type { TeamStore } from '../storage/team-port.ts'
import type { ChangedBy, Tenant } from '../storage/tenant-port.ts'
import { readSettings } from '../tenants/settings.ts'
import { beingDeleted } from '../tenants/tenants.ts'
import type { ChangesParts } from './changes.ts'
import { peopleTypeOf, teamTypeOf } from '../scim/types-of-people.ts'

/** What teams are read and changed with, whosever they are. */
export interface TeamsParts {
  readonly service: Pick<
    ServiceContext,
    'store' | 'memberships' | 'now' | 'random' | 'newId' | 'newVersion' | 'newDeadline' | 'pause'
  >
  readonly teams: TeamStore
  readonly activity: Pick<ActivityStore, 'read'>
  /** The text's authentication code under the key, as base64url. */
  readonly sign: (key: string, text: string) => string
  /** Those that every tenant has: what a tenant has declared says nothing of its groups. */
  readonly resourceTypes: readonly ResourceType[]
}

/** The teams of one tenant, as they are changed by somebody. */
export interface TeamsContext extends Omit<TeamsParts, 'activity' | 'sign' | 'resourceTypes'> {
  readonly scope: ServiceContext['scope']
  readonly groups: ResourceType
  readonly people: ResourceType
  readonly changes: ChangesParts
  readonly by: ChangedBy
  readonly namesInActivity: boolean
}

/**
 * The teams of a tenant, as they are changed by somebody.
 * @throws ScimError `mutability` where the tenant is being deleted: nobody knows how much of it is left.
 */
export function teamsOf(
  { activity, sign, resourceTypes, ...parts }: TeamsParts,
  tenant: Tenant,
  by: ChangedBy,
): TeamsContext {
  if (tenant.status === 'deleting') throw beingDeleted(tenant.id)
  const { activityDays, namesInActivity } = readSettings(tenant.settings)
  const { service } = parts
  return {
    ...parts,
    scope: { partitionKey: tenant.partitionKey, deadline: service.newDeadline() },
    groups: teamTypeOf(resourceTypes),
    people: peopleTypeOf(resourceTypes),
    changes: {
      store: activity,
      tenant,
      sign: (text) => sign(tenant.signingKey, text),
      now: service.now(),
      activityDays,
    },
    by,
    namesInActivity,
  }
}
