import type { Attribute } from '../attribute.ts'
import { elementsOf, isObject, type JsonValue } from '../json.ts'
import { changed, unassigning } from './change.ts'
import type { Comparisons } from './comparisons.ts'
import { valueOfElements } from './elements.ts'
import { givenElements } from './given-elements.ts'
import { changeMatching } from './match.ts'
import type { AttributeTarget } from './resolved-operation.ts'

/**
 * remove (RFC 7644 §3.5.2.2): unassigns the attribute, its sub-attribute, or the elements that match. What is not there is
 * removed already.
 *
 * A value has no meaning in the RFC, and with a filter it is ignored (ENT-VP-08). For all values of a multi-valued
 * attribute it lists those that go (ENT-GRP-03, JC-GRP-02): Entra, JumpCloud and authentik send it so, and the RFC's
 * reading would take away all.
 *
 * @param current the attribute's value, all or some of which the operation changes.
 * @param value null is none.
 * @returns the attribute's new value; undefined when unassigned.
 * @throws ScimError `invalidValue` for a list of other things than values of the attribute, `mutability`.
 */
export function remove(
  target: AttributeTarget,
  current: JsonValue | undefined,
  value: JsonValue,
  comparisons: Comparisons,
): JsonValue | undefined {
  const { attribute, subAttribute } = target.reference
  if (!attribute.multiValued) return changed('remove', target, current, unassigning(target))
  if (target.filter !== undefined || subAttribute !== undefined) {
    return changeMatching('remove', target, current, unassigning(target), comparisons)
  }
  return value === null ? undefined : withoutListed(target, elementsOf(current), value, comparisons)
}

function withoutListed(
  { reference }: AttributeTarget,
  before: readonly JsonValue[],
  value: JsonValue,
  comparisons: Comparisons,
): JsonValue | undefined {
  const { attribute } = reference
  const listed = givenElements(reference, value)
  comparisons.charge(before)
  comparisons.charge(listed)
  const isListed = listMembership(attribute, listed, comparisons)
  const elements = before.map((element) => (isListed(element) ? undefined : element))
  return valueOfElements(attribute, before, { elements, selected: new Set() }, comparisons)
}

/** Whether an element has the value of a listed one, and its type where both have one. */
function listMembership(
  attribute: Attribute,
  listed: readonly JsonValue[],
  comparisons: Comparisons,
): (element: JsonValue) => boolean {
  const identityOf = (element: JsonValue): string => comparisons.identityOf(attribute, element)
  const same = new Set(listed.map(identityOf))
  const withoutType = new Set(listed.map((each) => identityOf(untyped(each))))
  return (element) => {
    if (same.has(identityOf(element))) return true
    const bare = untyped(element)
    if (bare === element) return withoutType.has(identityOf(element))
    return same.has(identityOf(bare))
  }
}

function untyped(element: JsonValue): JsonValue {
  if (!isObject(element) || !Object.hasOwn(element, 'value')) return element
  if (!Object.hasOwn(element, 'type')) return element
  const { type: _, ...others } = element
  return others
}
