import type { ResourceType } from '../scim/resource-type.ts'
import type { Policies } from './context.ts'

/** Whether a resource that is first active is to be invited by the application. */
export function areInvited(
  policies: Pick<Policies, 'invitations'> | undefined,
  { membershipAttribute }: ResourceType,
): boolean {
  return policies?.invitations === true && membershipAttribute === 'groups'
}
