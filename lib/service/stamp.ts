import type { ChangeStamp, StoredResource } from '../scim/resource.ts'
import type { ServiceContext } from './context.ts'

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
