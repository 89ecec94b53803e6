import { referencePath } from '../attribute-path.ts'
import type { Attribute } from '../attribute.ts'
import { inSchemaOrder } from '../container.ts'
import { ScimError } from '../errors.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import { matchesValue } from '../filter/match.ts'
import { elementsOf, isObject, type JsonValue } from '../json.ts'
import { issuedReference } from '../reference.ts'
import { canonicalValue } from '../validate/value.ts'
import { assignsNothing, changed, type Change } from './change.ts'
import { appended, settled } from './elements.ts'
import type { AttributeTarget } from './target.ts'

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
  target: AttributeTarget,
  current: JsonValue | undefined,
  change: Change,
): JsonValue | undefined {
  const { filter, reference } = target
  const before = elementsOf(current)
  const touched = new Set<number>()
  const elements = before.map((element, i) => {
    if (filter !== undefined && !matchesValue(filter, element)) return element
    touched.add(i)
    return changed(target, element, change)
  })
  if (touched.size > 0) return settled(reference.attribute, before, { elements, touched })
  if (assignsNothing(change)) return current
  const made = [make(target, change)]
  return settled(reference.attribute, before, appended(reference.attribute, before, made))
}

/** An element out of the filter's conditions and the operation's value. */
function make(target: AttributeTarget, change: Change): JsonValue {
  const { attribute } = target.reference
  const described =
    target.filter === undefined ? undefined : describedElement(target, target.filter)
  const element = changed(target, described, change)
  const lacksId =
    issuedReference(attribute) !== undefined &&
    isObject(element) &&
    !Object.hasOwn(element, 'value')
  if (element === undefined || lacksId) throw noTarget(target)
  return element
}

function describedElement(target: AttributeTarget, filter: ResolvedFilter): JsonValue | undefined {
  const { attribute } = target.reference
  const conditions = equalities(filter)
  if (conditions === undefined) throw noTarget(target)
  const parts = new Map<string, JsonValue>()
  for (const { part, value } of conditions) {
    const path = `${referencePath({ ...target.reference, attribute })}.${part.name}`
    const canonical = part.mutability === 'readOnly' ? undefined : canonicalValue(part, value, path)
    if (canonical !== undefined) parts.set(part.name, canonical)
  }
  const element =
    attribute.type === 'complex'
      ? inSchemaOrder(attribute.subAttributes, parts)
      : parts.get('value')
  // Conditions that contradict each other describe nothing.
  if (element === undefined || !matchesValue(filter, element)) throw noTarget(target)
  return element
}

interface Equality {
  readonly part: Attribute
  readonly value: JsonValue
}

/** The conditions of a filter that is one `eq` or several joined by `and`; undefined for any other. */
function equalities(filter: ResolvedFilter): readonly Equality[] | undefined {
  if (filter.kind === 'and') {
    const all = filter.filters.map(equalities)
    return all.every((each) => each !== undefined) ? all.flat() : undefined
  }
  if (filter.kind !== 'comparison' || filter.operator !== 'eq') return undefined
  return [{ part: filter.reference.attribute, value: filter.value }]
}

function noTarget({ op, reference }: AttributeTarget): ScimError {
  return new ScimError(
    'noTarget',
    `No value of ${reference.attribute.name} matches the filter. To ${op} one that is not there, the filter must be made of eq and "and" only.`,
  )
}
