import { findAttribute, type Attribute } from './attribute.ts'
import { DEFAULT_RESOURCE_TYPES } from './default-resource-types.ts'
import type { ResourceType } from './resource-type.ts'

/** The resource types that a reference may point at; none for links to the outside (RFC 7643 §7 `referenceTypes`). */
export function referencedTypes(attribute: Attribute): readonly ResourceType[] {
  const names = attribute.referenceTypes ?? []
  return names.flatMap((name) => DEFAULT_RESOURCE_TYPES.filter((type) => type.name === name))
}

const issued = new WeakMap<Attribute, Attribute | null>()

/**
 * The `$ref` of a complex attribute that refers to SCIM resources, such as `manager` and `members`; undefined for any
 * other. This endpoint issues it from `value` (RFC 7643 §2.4), so it is neither taken from clients nor stored.
 */
export function issuedReference(attribute: Attribute): Attribute | undefined {
  let found = issued.get(attribute)
  if (found === undefined) {
    const ref = findAttribute(attribute.subAttributes, '$ref')
    found = ref !== undefined && referencedTypes(ref).length > 0 ? ref : null
    issued.set(attribute, found)
  }
  return found ?? undefined
}
