import { referencePath } from '../attribute-path.ts'
import type { Attribute } from '../attribute.ts'
import { inSchemaOrder } from '../container.ts'
import { ScimError } from '../errors.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import { matchesValue } from '../filter/match.ts'
import { elementsOf, isObject, type JsonValue } from '../json.ts'
import type { OperationName } from '../patch-operation.ts'
import { issuedReference } from '../reference.ts'
import { canonicalValue } from '../validate/value.ts'
import { assignsNothing, changed, type Change } from './change.ts'
import type { Comparisons } from './comparisons.ts'
import { valueOfElements, withAdded } from './elements.ts'
import type { AttributeTarget } from './resolved-operation.ts'

/**
 * Changes the elements that the target's filter matches, or all where it has none, and leaves the others alone.
 *
 * Where none matches, add and replace make the element that the filter describes: Entra counts on it (ENT-VP-01), though
 * RFC 7644 §3.5.2.3 has noTarget for replace. Clearing what is not there changes nothing.
 *
 * @returns the attribute's value.
 * @throws ScimError `noTarget` when none matches and the filter is no conjunction of `eq`, from which an element could
 *   be made; `invalidValue`, `mutability` as `changed`.
 */
export function changeMatching(
  op: OperationName,
  target: AttributeTarget,
  current: JsonValue | undefined,
  change: Change,
  comparisons: Comparisons,
): JsonValue | undefined {
  const { filter, reference } = target
  const before = elementsOf(current)
  comparisons.charge(before, filter)
  const selected = new Set<number>()
  const elements = before.map((element, i) => {
    if (filter !== undefined && !comparisons.matches(filter, element)) return element
    selected.add(i)
    return changed(op, target, element, change)
  })
  const { attribute } = reference
  if (selected.size > 0) {
    return valueOfElements(attribute, before, { elements, selected }, comparisons)
  }
  if (assignsNothing(change)) return current
  const added = withAdded(attribute, before, [make(op, target, change)], comparisons)
  return valueOfElements(attribute, before, added, comparisons)
}

/** An element out of the filter's conditions and the operation's value. */
function make(op: OperationName, target: AttributeTarget, change: Change): JsonValue {
  const { filter, reference } = target
  const described = filter === undefined ? undefined : describedElement(target, filter)
  if (filter !== undefined && described === undefined) throw noTarget(op, target)
  const element = changed(op, target, described, change)
  const lacksId =
    issuedReference(reference.attribute) !== undefined &&
    isObject(element) &&
    !Object.hasOwn(element, 'value')
  if (element === undefined || lacksId) throw noTarget(op, target)
  return element
}

/** The element that a filter describes; undefined where it describes none, or several. */
function describedElement(
  { reference }: AttributeTarget,
  filter: ResolvedFilter,
): JsonValue | undefined {
  const { attribute } = reference
  const conditions = equalities(filter)
  if (conditions === undefined) return undefined
  const values = new Map<string, JsonValue>()
  for (const { subAttribute, value } of conditions) {
    const path = referencePath({ ...reference, attribute, subAttribute })
    const isOurs = subAttribute.mutability === 'readOnly'
    const canonical = isOurs ? undefined : canonicalValue(subAttribute, value, path)
    if (canonical !== undefined) values.set(subAttribute.name, canonical)
  }
  const element =
    attribute.type === 'complex'
      ? inSchemaOrder(attribute.subAttributes, values)
      : values.get('value')
  // Conditions that contradict each other describe nothing.
  return element !== undefined && matchesValue(filter, element) ? element : undefined
}

interface Equality {
  readonly subAttribute: Attribute
  readonly value: JsonValue
}

/** The conditions of a filter that is one `eq` or several joined by `and`; undefined for any other. */
function equalities(filter: ResolvedFilter): readonly Equality[] | undefined {
  if (filter.kind === 'and') {
    const all = filter.filters.map(equalities)
    return all.every((each) => each !== undefined) ? all.flat() : undefined
  }
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') return undefined
  return [{ subAttribute: filter.reference.attribute, value: filter.value }]
}

function noTarget(op: OperationName, { reference }: AttributeTarget): ScimError {
  return new ScimError(
    'noTarget',
    `No value of ${reference.attribute.name} matches the filter; ${op} can make a new one only from a filter of eq conditions joined by "and".`,
  )
}
