import { findAttribute, type Attribute } from '../attribute.ts'
import { isArray, isObject, type JsonValue } from '../json.ts'
import { jsonTextIn } from '../json-text.ts'
import { issuedReference } from '../reference.ts'
import { booleanIn } from './entra.ts'
import { isReferenceId } from './reference-id.ts'

/**
 * How known clients write values that RFC 7643 would have otherwise. Each function rewrites one such form for one
 * value of the attribute (an element, where it is multi-valued) and hands back everything else as it came.
 *
 * @param place names the value in errors.
 */
type ValueLeniency = (attribute: Attribute, value: JsonValue, place: string) => JsonValue

/**
 * JSON text where objects belong is read as that JSON (BR3-05).
 * @throws ScimError `invalidValue` for other text that begins like it.
 */
export function jsonText(attribute: Attribute, value: JsonValue, place: string): JsonValue {
  return attribute.type === 'complex' ? jsonTextIn(value, place) : value
}

/** What may stand beside the `value` of an element (RFC 7643 §2.4). */
const BESIDE_VALUE: ReadonlySet<string> = new Set(['$ref', 'display', 'type', 'primary'])

/**
 * A one-element array for a single-valued attribute is its element, as Entra sends manager (ENT-MGR-05). For a simple
 * attribute, `[{"value": x}]` is x, whatever labels stand beside it: Entra and the SCIM Validator wrap scalars so (ENT-ARR-01),
 * with `"$ref": null` as well.
 */
export function singleElementArray(attribute: Attribute, value: JsonValue): JsonValue {
  if (attribute.multiValued || !isArray(value) || value.length !== 1) return value
  const [element = null] = value
  if (attribute.type === 'complex' || !isObject(element)) return element
  const others = Object.keys(element).filter((name) => name !== 'value')
  const wraps = Object.hasOwn(element, 'value') && others.every((name) => BESIDE_VALUE.has(name))
  return wraps ? (element['value'] ?? null) : element
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

/** As JSON has it (RFC 8259 §6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** "5" and "0.8", where a tenant has declared a number: Entra sends its extension attributes as text. */
function stringNumber({ numberAsText }: Attribute, value: JsonValue): JsonValue {
  if (!numberAsText || typeof value !== 'string') return value
  const text = value.trim()
  const number = NUMBER.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : value
}

/**
 * Bare text where an object belongs whose `value` it is: the id in a reference to a SCIM resource, as Entra's gallery
 * validation sends manager (ENT-MGR-01, ENT-NOPATH-04) and others members; an element of several, as Okta sends roles
 * (BR2-06) and Entra the one that a filter chooses (BR2-10). An address has no `value`; its text is `formatted`
 * (RFC 7643 §4.1.2).
 */
export function bareValue(attribute: Attribute, value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value
  const whole = bareTextName(attribute)
  return whole === undefined ? value : { [whole]: value }
}

/** The sub-attribute that bare text is taken for; undefined where an object must come. */
export function bareTextName(attribute: Attribute): string | undefined {
  if (issuedReference(attribute) !== undefined) return 'value'
  if (!attribute.multiValued) return undefined
  return ['value', 'formatted'].find((name) => findAttribute(attribute.subAttributes, name))
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

/** The id in a reference by the name it had in SCIM 1.1: `manager.managerId`. */
export function referenceIdAsValue(attribute: Attribute, value: JsonValue): JsonValue {
  if (!isObject(value) || issuedReference(attribute) === undefined) return value
  const names = Object.keys(value)
  const old = names.find((name) => isReferenceId(attribute, name))
  if (old === undefined || names.some((name) => name.toLowerCase() === 'value')) return value
  const { [old]: id = null, ...others } = value
  return { ...others, value: id }
}

/** In this order: what is inside the text and the array, or in text inside the array, is what the others look at. */
const VALUE_LENIENCIES: readonly ValueLeniency[] = [
  jsonText,
  singleElementArray,
  jsonText,
  emptyAsUnassigned,
  stringBoolean,
  stringNumber,
  bareValue,
  displayNameAsDisplay,
  referenceIdAsValue,
]

/**
 * One value (an element, where the attribute is multi-valued) as the schema would have it written; null = unassigned.
 * @throws ScimError as `jsonText`.
 */
export function tolerantValue(attribute: Attribute, value: JsonValue, place: string): JsonValue {
  return VALUE_LENIENCIES.reduce((current, leniency) => leniency(attribute, current, place), value)
}
