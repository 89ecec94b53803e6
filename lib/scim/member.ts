import { findAttribute, type Attribute } from './attribute.ts'
import { ScimError } from './errors.ts'
import { describe, isObject, own, type JsonValue } from './json.ts'
import type { Member } from './resource.ts'
import { memberTypeOf } from './resource-id.ts'
import type { ResourceType } from './resource-type.ts'
import { canonicalElement, placedElements } from './validate/value.ts'

/** The attribute of a resource type whose values are kept apart from the resource (RFC 7643 §4.2); undefined without. */
export function membersAttribute(resourceType: ResourceType): Attribute | undefined {
  return resourceType.membershipAttribute === 'members'
    ? findAttribute(resourceType.schema.attributes, 'members')
    : undefined
}

/**
 * Members from what a client sent: an array, one object or one bare id (GEN-GRP-11). `display`, `$ref` and unknown keys are
 * ignored, and `type` where the id tells it; the same member twice is one.
 * @returns none for a resource type that has no members.
 * @throws ScimError `invalidValue` for a member without an id.
 */
export function toMembers(resourceType: ResourceType, value: JsonValue): readonly Member[] {
  const attribute = membersAttribute(resourceType)
  if (attribute === undefined) return []
  const { name } = attribute
  const members = new Map<string, Member>()
  for (const [place, element] of placedElements(attribute, value, name)) {
    const canonical = canonicalElement(attribute, element, name, place)
    if (canonical === undefined) continue
    const member = toMember(canonical, name)
    members.set(member.value, member)
  }
  return [...members.values()]
}

function toMember(canonical: JsonValue, path: string): Member {
  const value = own(canonical, 'value')
  if (!isObject(canonical) || typeof value !== 'string') {
    throw new ScimError(
      'invalidValue',
      `${path}.value must be the id of a member, not ${describe(value)}.`,
    )
  }
  // What a client says counts for ids only that we did not issue.
  const type = memberTypeOf(value) ?? (canonical['type'] === 'Group' ? 'Group' : 'User')
  return { value, type }
}
