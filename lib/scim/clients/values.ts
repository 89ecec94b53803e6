import { findAttribute, type Attribute } from '../attribute.ts'
import { isArray, isObject, type JsonValue } from '../json.ts'
import { issuedReference } from '../reference.ts'
import { booleanIn } from './entra.ts'

/**
 * How known clients write values that RFC 7643 would have otherwise. Each function rewrites one such form for one
 * value of the attribute (an element, where it is multi-valued) and hands back everything else as it came.
 */
type ValueLeniency = (attribute: Attribute, value: JsonValue) => JsonValue

/**
 * A one-element array for a single-valued attribute is its element; `[{"value": x}]` for a simple attribute is x. For
 * simple attributes in PATCH operations only, where Entra and the SCIM Validator wrap scalars so (ENT-ARR-01): in the body
 * of a resource an array is of the wrong type (RFC 7643 §2.3.1).
 */
export function singleElementArray(attribute: Attribute, value: JsonValue): JsonValue {
  if (attribute.multiValued || !isArray(value) || value.length !== 1) return value
  const [element = null] = value
  const wraps = attribute.type !== 'complex' && isObject(element) && Object.hasOwn(element, 'value')
  return wraps && Object.keys(element).length === 1 ? (element['value'] ?? null) : element
}

/** A complex value in an array, anywhere: Entra sends manager so (ENT-MGR-05). */
export function complexInArray(attribute: Attribute, value: JsonValue): JsonValue {
  return attribute.type === 'complex' ? singleElementArray(attribute, value) : value
}

/**
 * The empty string and the empty object unassign, as null does. Entra and the gallery validation clear attributes with
 * `""` (LA-NULL-01, ENT-MGR-03); `{"value": ""}` (VAL-MGR-04) comes out the same, since its only sub-attribute is unassigned.
 */
export function emptyAsUnassigned(_attribute: Attribute, value: JsonValue): JsonValue {
  if (value === '') return null
  return isObject(value) && Object.keys(value).length === 0 ? null : value
}

/** "True" and "False", where the schema says boolean. */
export function stringBoolean(attribute: Attribute, value: JsonValue): JsonValue {
  if (attribute.type !== 'boolean' || typeof value !== 'string') return value
  return booleanIn(value) ?? value
}

/**
 * A bare id where a reference to a SCIM resource is an object with the id as `value`: Entra's gallery validation sends
 * manager so (ENT-MGR-01, ENT-NOPATH-04), others send members so.
 */
export function bareReference(attribute: Attribute, value: JsonValue): JsonValue {
  return typeof value === 'string' && issuedReference(attribute) !== undefined ? { value } : value
}

/**
 * `displayName` in a value whose schema calls it `display`: Entra's roles (ENT-ROLE-02) and members (ENT-GRP-13).
 */
export function displayNameAsDisplay(attribute: Attribute, value: JsonValue): JsonValue {
  if (!isObject(value) || !Object.hasOwn(value, 'displayName')) return value
  const known = (name: string): boolean =>
    findAttribute(attribute.subAttributes, name) !== undefined
  if (!known('display') || known('displayName')) return value
  if (Object.keys(value).some((name) => name.toLowerCase() === 'display')) return value
  const { displayName = null, ...others } = value
  return { ...others, display: displayName }
}

/** In this order: what is inside the array is what the others look at. */
const VALUE_LENIENCIES: readonly ValueLeniency[] = [
  complexInArray,
  emptyAsUnassigned,
  stringBoolean,
  bareReference,
  displayNameAsDisplay,
]

/** One value (an element, where the attribute is multi-valued) as the schema would have it written; null = unassigned. */
export function tolerantValue(attribute: Attribute, value: JsonValue): JsonValue {
  return VALUE_LENIENCIES.reduce((current, leniency) => leniency(attribute, current), value)
}
