import type { ResourceType } from '../scim/resource-type.ts'
import type { WriteContext } from '../service/change.ts'
import type { ServiceContext } from '../service/context.ts'
import type { ActivityStore } from '../storage/activity-port.ts'
import type { ChangedBy, Declarations } from '../storage/tenant-port.ts'
import { readSettings } from '../tenants/settings.ts'
import { beingDeleted } from '../tenants/tenants.ts'
import type { ChangesParts } from './changes.ts'
import { mappingOf, type PersonMapping } from './mapping.ts'
import { unfilledIndexes, type TenantTypes } from './tenant-types.ts'
import { peopleTypeOf } from '../scim/types-of-people.ts'

/** What people are read and changed with, whosever they are. */
export interface PeopleParts {
  readonly service: Pick<
    ServiceContext,
    'store' | 'memberships' | 'turns' | 'now' | 'random' | 'newVersion' | 'newDeadline' | 'pause'
  >
  readonly activity: Pick<ActivityStore, 'read'>
  /** The text's authentication code under the key, as base64url. */
  readonly sign: (key: string, text: string) => string
  readonly typesOf: TenantTypes
}

/** The people of one tenant. */
export interface PeopleContext extends WriteContext {
  readonly memberships: ServiceContext['memberships']
  readonly resourceType: ResourceType
  readonly mapping: PersonMapping
  readonly changes: ChangesParts
  /** Whether people may be changed here, too. */
  readonly localEdits: boolean
}

/** The people of tenants, as they are changed by somebody. */
export interface PeopleSource {
  /** @throws ScimError as `peopleOf`. */
  readonly of: (declarations: Declarations) => PeopleContext
  /**
   * The same of a tenant as it was at most CREDENTIAL_CACHE_SECONDS ago; undefined where there is none. Its people are as they
   * are now.
   */
  readonly remembered: (tenantId: string) => Promise<PeopleContext | undefined>
}

/**
 * The people of a tenant, as they are changed by somebody.
 * @throws ScimError `mutability` where the tenant is being deleted: nobody knows how many of them are left.
 */
export function peopleOf(
  { service, activity, sign, typesOf }: PeopleParts,
  { tenant, definitions: all }: Declarations,
  { requestId = '', ...author }: ChangedBy,
): PeopleContext {
  if (tenant.status === 'deleting') throw beingDeleted(tenant.id)
  const definitions = all.filter(({ removed }) => removed === undefined)
  const types = typesOf(definitions, unfilledIndexes(tenant))
  const resourceType = peopleTypeOf(types)
  const settings = readSettings(tenant.settings)
  return {
    ...service,
    scope: { partitionKey: tenant.partitionKey, deadline: service.newDeadline() },
    requestId,
    author,
    policies: settings,
    namesInActivity: settings.namesInActivity,
    ignored: () => [],
    resourceType,
    mapping: mappingOf(resourceType, definitions),
    changes: {
      store: activity,
      tenant,
      sign: (text) => sign(tenant.signingKey, text),
      now: service.now(),
      activityDays: settings.activityDays,
    },
    localEdits: settings.localEdits,
  }
}
