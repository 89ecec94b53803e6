import { tenantTypes, unfilledIndexes } from '../../../lib/people/tenant-types.ts'
import { DEFAULT_RESOURCE_TYPES } from '../../../lib/scim/default-resource-types.ts'
import type { ResourceType } from '../../../lib/scim/resource-type.ts'
import { NO_DEADLINE } from '../../../lib/storage/deadline.ts'
import { checkTenant } from '../../../lib/storage/table/check/check-tenant.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { World } from './world.ts'

/** What `npm run tenant -- check` finds wrong with the rows of a world's tenant, as sentences. */
export async function inconsistenciesOf(
  world: World,
  { pause }: Pick<VirtualTime, 'pause'>,
): Promise<readonly string[]> {
  const { tables, stores, tenant } = world
  const scope = { partitionKey: tenant.partitionKey, deadline: NO_DEADLINE }
  const { problems, undecided } = await checkTenant(tables, stores.memberships, scope, {
    typesOf: () => typesOf(world),
    pause: (seconds) => pause(seconds * 1000),
  })
  return [
    ...problems.map(
      ({ problem, type, about, detail = '' }) => `${problem}: ${type} ${about} ${detail}`,
    ),
    ...(undecided === 0 ? [] : [`${String(undecided)} things changed at each look`]),
  ]
}

/** With all that the tenant has declared at the moment. */
async function typesOf({ stores: { tenants }, tenant }: World): Promise<readonly ResourceType[]> {
  const { tenant: now = tenant, definitions = [] } = (await tenants.definitions(tenant.id)) ?? {}
  const live = definitions.filter(({ removed }) => removed === undefined)
  return tenantTypes(DEFAULT_RESOURCE_TYPES)(live, unfilledIndexes(now))
}

/** The same again and again, until it is over: beside whoever writes, nothing may be told. */
export async function watchConsistency(
  world: World,
  time: Pick<VirtualTime, 'pause'>,
  isOver: () => boolean,
): Promise<{ readonly checks: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = []
  let checks = 0
  while (!isOver()) {
    // The storage may be away for longer than a check bears it.
    const found = await inconsistenciesOf(world, time).catch(() => undefined)
    if (found === undefined) continue
    checks += 1
    wrong.push(...found)
  }
  return { checks, wrong }
}
