import { findAttribute, type Attribute } from './attribute.ts'
import type { ResourceType } from './resource-type.ts'

/** Kinds of references that are to nothing of ours (RFC 7643 §7 `referenceTypes`). */
const OUTSIDE: ReadonlySet<string> = new Set(['external', 'uri'])

/** Those of the resource types that a reference may be to, in the order in which its `referenceTypes` names them. */
export function referencedTypes(
  { referenceTypes = [] }: Attribute,
  resourceTypes: readonly ResourceType[],
): readonly ResourceType[] {
  return referenceTypes.flatMap((name) => resourceTypes.filter((type) => type.name === name))
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
    const isToResources = ref?.referenceTypes?.some((name) => !OUTSIDE.has(name)) === true
    found = ref !== undefined && isToResources ? ref : null
    issued.set(attribute, found)
  }
  return found ?? undefined
}
