import { findAttribute, type Attribute } from '../attribute.ts'
import { inSchemaOrder } from '../container.ts'
import { sameValue } from '../equal.ts'
import { isObject, own, type JsonObject, type JsonValue } from '../json.ts'
import { comparableText } from '../text.ts'

/** The elements of a multi-valued attribute; undefined stands where one was taken away. */
type Elements = readonly (JsonValue | undefined)[]

/** What an operation made of the elements: those that were there in their places, then new ones. */
export interface Outcome {
  readonly elements: Elements
  /** Positions in `elements` of those that the operation was about. */
  readonly touched: ReadonlySet<number>
}

/** Sub-attributes that say something about a value and are none themselves (RFC 7643 §2.4). */
const LABELS: ReadonlySet<string> = new Set(['type', 'primary'])

/** Whether an element has more than labels: one that was made for a filter may get its value by a later operation. */
export function hasContent(element: JsonValue): boolean {
  return !isObject(element) || Object.keys(element).some((name) => !LABELS.has(name))
}

const identities = new WeakMap<Attribute, WeakMap<JsonObject, string>>()

/**
 * Text that is equal for elements that are the same one: those with the same value and type (RFC 7643 §2.4), compared as
 * the schema says (caseExact); without a value all parts count.
 *
 * @param element in canonical form, so with its parts in the schema's order.
 */
export function identityOf(attribute: Attribute, element: JsonValue): string {
  if (!isObject(element)) return JSON.stringify(comparable(attribute, element))
  let known = identities.get(attribute)
  if (known === undefined) {
    known = new WeakMap()
    identities.set(attribute, known)
  }
  let identity = known.get(element)
  if (identity === undefined) {
    identity = composeIdentity(attribute, element)
    known.set(element, identity)
  }
  return identity
}

function composeIdentity(attribute: Attribute, element: JsonObject): string {
  if (!Object.hasOwn(element, 'value')) return JSON.stringify(element)
  return JSON.stringify(['value', 'type'].map((name) => comparablePart(attribute, element, name)))
}

function comparablePart(attribute: Attribute, element: JsonObject, name: string): JsonValue {
  return comparable(findAttribute(attribute.subAttributes, name), own(element, name) ?? null)
}

function comparable(attribute: Attribute | undefined, value: JsonValue): JsonValue {
  return attribute !== undefined && typeof value === 'string'
    ? comparableText(attribute, value)
    : value
}

/**
 * The elements with others added (RFC 7644 §3.5.2.1): one that is there already is not there twice, but takes the other
 * parts of the new one, except immutable ones that it has.
 */
export function appended(
  attribute: Attribute,
  before: readonly JsonValue[],
  added: readonly JsonValue[],
): Outcome {
  const elements = [...before]
  const touched = new Set<number>()
  const positions = new Map(before.map((element, i) => [identityOf(attribute, element), i]))
  for (const element of added) {
    const identity = identityOf(attribute, element)
    const position = positions.get(identity) ?? elements.length
    const present = elements[position]
    elements[position] = present === undefined ? element : merged(attribute, present, element)
    positions.set(identity, position)
    touched.add(position)
  }
  return { elements, touched }
}

function merged(attribute: Attribute, present: JsonValue, added: JsonValue): JsonValue {
  if (!isObject(present) || !isObject(added)) return present
  const parts = new Map(Object.entries(present))
  for (const [name, part] of Object.entries(added)) {
    const isImmutable = findAttribute(attribute.subAttributes, name)?.mutability === 'immutable'
    if (!isImmutable || !parts.has(name)) parts.set(name, part)
  }
  const result = inSchemaOrder(attribute.subAttributes, parts)
  return sameValue(present, result) ? present : result
}

/**
 * The attribute's value after an operation on its elements: at most one is primary, none is there twice, and an
 * attribute without elements is unassigned.
 */
export function settled(
  attribute: Attribute,
  before: readonly JsonValue[],
  outcome: Outcome,
): JsonValue | undefined {
  const withPrimary = withOnePrimary(before, outcome)
  const elements = withPrimary.every((element, i) => keepsIdentity(before[i], element))
    ? withPrimary.filter((element) => element !== undefined)
    : distinct(attribute, withPrimary)
  return elements.length === 0 ? undefined : elements
}

/**
 * RFC 7644 §3.5.2: a value that is made primary ends that of the others. When one operation makes several primary, the
 * one that was stays, so that the same operation again changes nothing; else the first of them is.
 */
function withOnePrimary(before: readonly JsonValue[], { elements, touched }: Outcome): Elements {
  const primary = [...elements.keys()].filter((i) => isPrimary(elements[i]))
  if (primary.length < 2) return elements
  const made = primary.filter((i) => touched.has(i))
  const winner = made.find((i) => isPrimary(before[i])) ?? made[0] ?? primary[0]
  return elements.map((element, i) =>
    isObject(element) && element['primary'] === true && i !== winner
      ? { ...element, primary: false }
      : element,
  )
}

function isPrimary(element: JsonValue | undefined): boolean {
  return isObject(element) && element['primary'] === true && hasContent(element)
}

/** Elements that were different stay so; then there is no need to compare them all. */
function keepsIdentity(before: JsonValue | undefined, after: JsonValue | undefined): boolean {
  if (after === before || after === undefined) return true
  if (!isObject(before) || !isObject(after) || before['value'] === undefined) return false
  return before['value'] === after['value'] && before['type'] === after['type']
}

/** A change of several elements can make them the same: the primary one stays, else the first. */
function distinct(attribute: Attribute, elements: Elements): readonly JsonValue[] {
  const kept = new Map<string, JsonValue>()
  for (const element of elements) {
    if (element === undefined) continue
    const identity = identityOf(attribute, element)
    if (!kept.has(identity) || isPrimary(element)) kept.set(identity, element)
  }
  return [...kept.values()]
}
