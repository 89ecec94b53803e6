import { findAttribute, type Attribute } from './attribute.ts'
import { ScimError } from './errors.ts'
import { describe, isObject, type JsonValue } from './json.ts'
import type { Member } from './resource.ts'
import { GROUP_SCHEMA } from './schema/group.ts'
import { canonicalElement } from './validate.ts'

/** The attribute whose values are rows of their own. */
const MEMBERS: Attribute = membersAttribute()

function membersAttribute(): Attribute {
  const found = findAttribute(GROUP_SCHEMA.attributes, 'members')
  if (found === undefined) throw new Error('The Group schema has no members.')
  return found
}

/** Our group ids are UUIDs of version 8 (RFC 9562 §5.8), user ids of version 4: the id tells the type without a read. */
const GROUP_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Members from what a client sent: an array, one object or one bare id (CB-094). `display`, `$ref` and unknown keys are
 * ignored; the same member twice is one.
 * @throws ScimError `invalidValue` for a member without an id.
 */
export function toMembers(value: JsonValue, path: string): readonly Member[] {
  const elements: readonly JsonValue[] = Array.isArray(value) ? value : [value]
  const members = new Map<string, Member>()
  for (const element of elements) {
    const member = toMember(element, path)
    if (member !== undefined) members.set(member.value, member)
  }
  return [...members.values()]
}

function toMember(element: JsonValue, path: string): Member | undefined {
  const whole = typeof element === 'string' ? { value: element } : element
  const canonical = canonicalElement(MEMBERS, whole, path)
  if (canonical === undefined) return undefined
  const value = isObject(canonical) ? canonical['value'] : undefined
  if (!isObject(canonical) || typeof value !== 'string') {
    throw new ScimError(
      'invalidValue',
      `${path}.value must be the id of a member, not ${describe(value)}.`,
    )
  }
  const isGroup = GROUP_ID.test(value) || canonical['type'] === 'Group'
  return { value, type: isGroup ? 'Group' : 'User' }
}
