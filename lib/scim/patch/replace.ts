import { referencePath } from '../attribute-path.ts'
import type { JsonValue } from '../json.ts'
import { canonicalElements } from '../validate/value.ts'
import { assigning, changed } from './change.ts'
import { settled } from './elements.ts'
import { changeMatching } from './match.ts'
import type { AttributeTarget } from './target.ts'

/**
 * replace (RFC 7644 §3.5.2.3): sets a simple value; of a complex one, or of the elements that a filter matches, the parts
 * that are named, the others stay; all values of a multi-valued attribute. An empty value unassigns (RFC 7643 §2.5).
 *
 * @param current the attribute's value, of which the operation changes all or a part.
 * @returns the attribute's new value; undefined when unassigned.
 * @throws ScimError `invalidValue`, `invalidSyntax`, `noTarget`, `mutability`.
 */
export function replace(
  target: AttributeTarget,
  current: JsonValue | undefined,
  value: JsonValue,
): JsonValue | undefined {
  const { attribute, subAttribute } = target.reference
  if (attribute.multiValued && subAttribute === undefined && target.filter === undefined) {
    const elements = canonicalElements(attribute, value, referencePath(target.reference))
    return settled(attribute, [], { elements, touched: new Set() })
  }
  const change = assigning(target, value)
  return attribute.multiValued
    ? changeMatching(target, current, change)
    : changed(target, current, change)
}
