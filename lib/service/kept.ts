import type { ResourceType } from '../scim/resource-type.ts'
import type { Policies } from './context.ts'

/** Whether resources of a type are kept when they are deleted: those that are in groups, and so are people's accounts. */
export function isKept(
  { deletionPolicy }: Policies,
  { membershipAttribute }: ResourceType,
): boolean {
  return deletionPolicy === 'deactivate' && membershipAttribute === 'groups'
}
