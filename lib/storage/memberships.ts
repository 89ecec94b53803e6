import { randomBytes } from 'node:crypto'
import type { ChangeStamp } from '../scim/resource.ts'
import type { MembershipCascade, MembershipLookup, MembershipStore } from './port.ts'

/** Memberships as the verbs use them, and as the store of the resources does. */
export interface Memberships extends MembershipStore, MembershipLookup, MembershipCascade {}

/** A stamp for a change that the store makes by itself: a group loses a member that was deleted. */
export function newChangeStamp(): ChangeStamp {
  return {
    version: randomBytes(9).toString('base64url'),
    lastModified: new Date().toISOString(),
  }
}
