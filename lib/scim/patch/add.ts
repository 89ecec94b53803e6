import { elementsOf, isObject, type JsonValue } from '../json.ts'
import { assigning, changed } from './change.ts'
import type { Comparisons } from './comparisons.ts'
import { valueOfElements, withAdded } from './elements.ts'
import { givenElements } from './given-elements.ts'
import { changeMatching } from './match.ts'
import type { AttributeTarget } from './resolved-operation.ts'

/**
 * add (RFC 7644 §3.5.2.1): sets a simple value, even where there is one (Entra uses add for changes too, ENT-OP-02),
 * sets the sub-attributes of a complex one that are named, and adds to the values of a multi-valued attribute. An empty
 * value unassigns what it would have set (RFC 7643 §2.5), and adds nothing to several values.
 *
 * @param current the attribute's value, all or some of which the operation changes.
 * @returns the attribute's new value; undefined when unassigned.
 * @throws ScimError `invalidValue`, `invalidSyntax`, `noTarget`, `mutability`.
 */
export function add(
  target: AttributeTarget,
  current: JsonValue | undefined,
  value: JsonValue,
  comparisons: Comparisons,
): JsonValue | undefined {
  const { attribute, subAttribute } = target.reference
  if (attribute.multiValued && subAttribute === undefined && target.filter === undefined) {
    const before = elementsOf(current)
    const given = givenElements(target.reference, value)
    const added = withAdded(attribute, before, given, comparisons)
    return valueOfElements(attribute, before, added, comparisons)
  }
  // No sub-attribute is named: nothing is added, where replace would clear the attribute.
  if (subAttribute === undefined && isObject(value) && Object.keys(value).length === 0)
    return current
  const change = assigning(target, value)
  if (!attribute.multiValued) return changed('add', target, current, change)
  const isNothing = change.kind === 'whole' && change.value === undefined
  return isNothing ? current : changeMatching('add', target, current, change, comparisons)
}
