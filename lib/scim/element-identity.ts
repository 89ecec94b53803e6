import { findAttribute, type Attribute } from './attribute.ts'
import { isObject, own, type JsonValue } from './json.ts'
import { comparableForm } from './text.ts'

/** Sub-attributes that say something about a value and are none themselves (RFC 7643 §2.4). */
const LABELS: ReadonlySet<string> = new Set(['type', 'primary'])

/** Whether a sub-attribute of this name, as a client wrote it, is a label. */
export function isLabel(name: string): boolean {
  return LABELS.has(name.toLowerCase())
}

/** Whether an element has more than labels. */
export function hasContent(element: JsonValue): boolean {
  return !isObject(element) || Object.keys(element).some((name) => !LABELS.has(name))
}

/**
 * Text that is equal for elements of a multi-valued attribute that are the same one: those with the same value and type
 * (RFC 7643 §2.4), compared as the schema says (caseExact); without a value all sub-attributes count.
 *
 * @param element in canonical form, so with its sub-attributes in the schema's order.
 * @param formOf `comparableForm`, or what remembers it.
 */
export function identityOf(
  attribute: Attribute,
  element: JsonValue,
  formOf: typeof comparableForm = comparableForm,
): string {
  const keyOf = (of: Attribute | undefined, value: JsonValue | undefined): string =>
    of !== undefined && typeof value === 'string'
      ? `"${formOf(of, value) ?? value}"`
      : JSON.stringify(value ?? null)
  if (!isObject(element)) return keyOf(attribute, element)
  if (!Object.hasOwn(element, 'value')) return JSON.stringify(element)
  const [value, type] = ['value', 'type'].map((name) =>
    keyOf(findAttribute(attribute.subAttributes, name), own(element, name)),
  )
  // The length says where the one ends and the other begins.
  return `${value?.length} ${value}${type}`
}
