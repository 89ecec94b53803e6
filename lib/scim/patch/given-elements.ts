import { referencePath, type ResolvedAttribute } from '../attribute-path.ts'
import type { JsonValue } from '../json.ts'
import { refuseNothingSaid } from '../validate/nothing-said.ts'
import { canonicalElements } from '../validate/value.ts'

/**
 * The values that an operation gives for a whole multi-valued attribute, in canonical form.
 * @returns none only where that is said on purpose.
 * @throws ScimError as `canonicalElements`, `refuseNothingSaid`.
 */
export function givenElements(
  reference: ResolvedAttribute,
  value: JsonValue,
): readonly JsonValue[] {
  const { attribute } = reference
  const path = referencePath(reference)
  const elements = canonicalElements(attribute, value, path)
  if (elements.length === 0) refuseNothingSaid(attribute, value, path)
  return elements
}
