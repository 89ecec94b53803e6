import type { ChangeStamp, StoredResource } from '../scim/resource.ts'
import type { ResourceType } from '../scim/resource-type.ts'
import type { MembershipChange } from '../storage/port.ts'
import type { ServiceContext } from './context.ts'
import { notFound } from './get.ts'

/**
 * The mark of a change. `lastModified` moves forward with each change of a resource, whatever an instance's clock says.
 */
export function newStamp(
  context: ServiceContext,
  before?: Pick<StoredResource, 'lastModified'>,
): ChangeStamp {
  const now = context.now().getTime()
  const earliest = before === undefined ? now : Date.parse(before.lastModified) + 1
  return {
    version: context.newVersion(),
    lastModified: new Date(Math.max(now, earliest)).toISOString(),
  }
}

/**
 * Changes the members of a group and gives the group as it is then: with the new stamp if anything changed.
 * @throws ScimError `notFound` when the group was deleted meanwhile.
 */
export async function restamped(
  context: ServiceContext,
  resourceType: ResourceType,
  before: StoredResource,
  apply: (stamp: ChangeStamp) => Promise<MembershipChange>,
): Promise<StoredResource> {
  const stamp = newStamp(context, before)
  const outcome = await apply(stamp)
  if (outcome === 'noGroup') throw notFound(resourceType)
  return outcome === 'changed' ? { ...before, ...stamp } : before
}
