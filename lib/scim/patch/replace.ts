import type { JsonValue } from '../json.ts'
import { assigning, changed } from './change.ts'
import type { Comparisons } from './comparisons.ts'
import { valueOfElements } from './elements.ts'
import { givenElements } from './given-elements.ts'
import { changeMatching } from './match.ts'
import type { AttributeTarget } from './resolved-operation.ts'

/**
 * replace (RFC 7644 §3.5.2.3): sets a simple value; of a complex one, or of the elements that a filter matches, the
 * sub-attributes that are named, the others stay; all values of a multi-valued attribute. An empty value unassigns
 * (RFC 7643 §2.5).
 *
 * @param current the attribute's value, all or some of which the operation changes.
 * @returns the attribute's new value; undefined when unassigned.
 * @throws ScimError `invalidValue`, `invalidSyntax`, `noTarget`, `mutability`.
 */
export function replace(
  target: AttributeTarget,
  current: JsonValue | undefined,
  value: JsonValue,
  comparisons: Comparisons,
): JsonValue | undefined {
  const { attribute, subAttribute } = target.reference
  if (attribute.multiValued && subAttribute === undefined && target.filter === undefined) {
    const elements = givenElements(target.reference, value)
    comparisons.charge(elements)
    return valueOfElements(attribute, [], { elements, selected: new Set() }, comparisons)
  }
  const change = assigning(target, value)
  return attribute.multiValued
    ? changeMatching('replace', target, current, change, comparisons)
    : changed('replace', target, current, change)
}
