import type { Member } from './resource.ts'
import type { ResourceType } from './resource-type.ts'

/** Where the digit of a UUID stands that says its version (RFC 9562 §4.1). */
const VERSION_AT = 14

/** The UUIDs that `idOf` makes, with their version. */
const ISSUED = /^[0-9a-f]{8}-[0-9a-f]{4}-([48])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * The id of a new resource: a UUID of version 8 (RFC 9562 §5.8, all other bits as they are) for types that have members,
 * else the UUID itself, so that `memberTypeOf` knows what a member is without reading it.
 * @param uuid random, of version 4.
 */
export function idOf({ membershipAttribute }: ResourceType, uuid: string): string {
  return membershipAttribute === 'members'
    ? `${uuid.slice(0, VERSION_AT)}8${uuid.slice(VERSION_AT + 1)}`
    : uuid
}

/** What an id that `idOf` made belongs to, as the `type` of a member; undefined for any other id. */
export function memberTypeOf(id: string): Member['type'] | undefined {
  const version = ISSUED.exec(id)?.[1]
  if (version === undefined) return undefined
  return version === '8' ? 'Group' : 'User'
}
