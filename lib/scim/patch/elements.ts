import { findAttribute, type Attribute } from '../attribute.ts'
import { inSchemaOrder } from '../container.ts'
import { hasContent } from '../element-identity.ts'
import { sameValue } from '../equal.ts'
import { isObject, type JsonValue } from '../json.ts'
import type { Comparisons } from './comparisons.ts'

/** The elements of a multi-valued attribute; undefined stands where one was taken away. */
type Elements = readonly (JsonValue | undefined)[]

/** What an operation made of the elements: those that were there in their places, then new ones. */
export interface ChangedElements {
  readonly elements: Elements
  /** Positions in `elements` of those that the operation was about. */
  readonly selected: ReadonlySet<number>
}

/**
 * The elements with others added (RFC 7644 §3.5.2.1): one that is there already is not there twice, but takes the other
 * sub-attributes of the new one, except immutable ones that it has.
 */
export function withAdded(
  attribute: Attribute,
  before: readonly JsonValue[],
  added: readonly JsonValue[],
  comparisons: Comparisons,
): ChangedElements {
  comparisons.charge(before)
  comparisons.charge(added)
  const elements = [...before]
  const selected = new Set<number>()
  const positions = new Map(
    before.map((element, i) => [comparisons.identityOf(attribute, element), i]),
  )
  for (const element of added) {
    const identity = comparisons.identityOf(attribute, element)
    const position = positions.get(identity) ?? elements.length
    const present = elements[position]
    elements[position] = present === undefined ? element : merged(attribute, present, element)
    positions.set(identity, position)
    selected.add(position)
  }
  return { elements, selected }
}

function merged(attribute: Attribute, present: JsonValue, added: JsonValue): JsonValue {
  if (!isObject(present) || !isObject(added)) return present
  const values = new Map(Object.entries(present))
  for (const [name, value] of Object.entries(added)) {
    const isImmutable = findAttribute(attribute.subAttributes, name)?.mutability === 'immutable'
    if (!isImmutable || !values.has(name)) values.set(name, value)
  }
  const result = inSchemaOrder(attribute.subAttributes, values)
  return sameValue(present, result) ? present : result
}

/**
 * The attribute's value after an operation on its elements: at most one is primary, none is there twice, and an
 * attribute without elements is unassigned.
 */
export function valueOfElements(
  attribute: Attribute,
  before: readonly JsonValue[],
  changed: ChangedElements,
  comparisons: Comparisons,
): JsonValue | undefined {
  const withPrimary = withOnePrimary(before, changed)
  const elements = withPrimary.every((element, i) => keepsIdentity(before[i], element))
    ? withPrimary.filter((element) => element !== undefined)
    : distinct(attribute, withPrimary, comparisons)
  return elements.length === 0 ? undefined : elements
}

/**
 * RFC 7644 §3.5.2: a value that is made primary ends that of the others. When one operation makes several primary, the
 * one that was stays, so that the same operation again changes nothing; else the first of them is.
 */
function withOnePrimary(
  before: readonly JsonValue[],
  { elements, selected }: ChangedElements,
): Elements {
  const primary = [...elements.keys()].filter((i) => isPrimary(elements[i]))
  if (primary.length < 2) return elements
  const made = primary.filter((i) => selected.has(i))
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
function distinct(
  attribute: Attribute,
  elements: Elements,
  comparisons: Comparisons,
): readonly JsonValue[] {
  const present = elements.filter((element) => element !== undefined)
  comparisons.charge(present)
  const kept = new Map<string, JsonValue>()
  for (const element of present) {
    const identity = comparisons.identityOf(attribute, element)
    if (!kept.has(identity) || isPrimary(element)) kept.set(identity, element)
  }
  return [...kept.values()]
}
