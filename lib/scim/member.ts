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

/** Our user ids are UUIDs of version 4, group ids of version 8 (RFC 9562 §5.4, §5.8): the id tells the type without a read. */
const OUR_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-([48])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Members from what a client sent: an array, one object or one bare id (GEN-GRP-11). `display`, `$ref` and unknown keys are
 * ignored, and `type` where the id tells it; the same member twice is one.
 * @throws ScimError `invalidValue` for a member without an id.
 */
export function toMembers(value: JsonValue, path: string): readonly Member[] {
  const elements: readonly JsonValue[] = Array.isArray(value) ? value : [value]
  const members = new Map<string, Member>()
  for (const [i, element] of elements.entries()) {
    const member = toMember(element, path, Array.isArray(value) ? `${path}[${i}]` : path)
    if (member !== undefined) members.set(member.value, member)
  }
  return [...members.values()]
}

function toMember(element: JsonValue, path: string, place: string): Member | undefined {
  const whole = typeof element === 'string' ? { value: element } : element
  const canonical = canonicalElement(MEMBERS, whole, path, place)
  if (canonical === undefined) return undefined
  const value = isObject(canonical) ? canonical['value'] : undefined
  if (!isObject(canonical) || typeof value !== 'string') {
    throw new ScimError(
      'invalidValue',
      `${path}.value must be the id of a member, not ${describe(value)}.`,
    )
  }
  return { value, type: typeOf(value, canonical['type']) }
}

/** What a client says counts for ids only that we did not issue. */
function typeOf(id: string, said: JsonValue | undefined): Member['type'] {
  const version = OUR_ID.exec(id)?.[1]
  const isGroup = version === undefined ? said === 'Group' : version === '8'
  return isGroup ? 'Group' : 'User'
}
