import type { Invitation, StoredResource } from '../scim/resource.ts'
import { isInactive } from './index-entries.ts'
import type { Change } from './port.ts'

/**
 * A resource as it is after a change, with what its invitation has come to.
 * @param before undefined: it is created.
 */
export function withInvitation(
  before: StoredResource | undefined,
  after: StoredResource,
  change: Change,
): StoredResource {
  const { invitation: _, ...others } = after
  const invitation = invitationAfter(before, after, change)
  return invitation === undefined ? others : { ...others, invitation }
}

/**
 * An account that was kept out of sight as it goes on, with the further of what both invitations have come to: an acknowledgement
 * of either holds. Who was active before anybody was invited is not invited as somebody else, either.
 * @param kept as it was before.
 */
export function joinedInvitation(kept: StoredResource, returner: StoredResource): StoredResource {
  const { invitation: _, ...others } = kept
  const [own, other] = [stateOf(kept), stateOf(returner)]
  const isAcknowledged = own === 'acknowledged' || other === 'acknowledged'
  const lasting = own === 'ahead' ? other : own
  const joined = isAcknowledged ? 'acknowledged' : lasting
  return joined === undefined ? others : { ...others, invitation: joined }
}

function invitationAfter(
  before: StoredResource | undefined,
  { attributes }: StoredResource,
  { stamp, invites }: Change,
): Invitation | undefined {
  const state = before === undefined ? 'ahead' : stateOf(before)
  if (state !== 'ahead') return state
  // Of an inactive account that nobody has changed it is plain.
  if (isInactive(attributes)) return before && 'ahead'
  return invites === true ? { since: stamp.lastModified } : undefined
}

function stateOf({
  invitation,
  created,
  lastModified,
  attributes,
}: StoredResource): Invitation | undefined {
  const isAsCreated = invitation === undefined && created === lastModified
  return isAsCreated && isInactive(attributes) ? 'ahead' : invitation
}

/** Since when an invitation is due; undefined when none is. */
export function dueSince(resource: Pick<StoredResource, 'invitation'>): string | undefined {
  const { invitation } = resource
  return typeof invitation === 'object' ? invitation.since : undefined
}

/** As a text, for a column. */
export function invitationText(invitation: Invitation): string {
  return typeof invitation === 'object' ? invitation.since : invitation
}
