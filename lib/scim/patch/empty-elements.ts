import { containersOf } from '../container.ts'
import { hasContent } from '../element-identity.ts'
import { isArray, type JsonObject } from '../json.ts'
import type { ResourceType } from '../resource-type.ts'
import { attributeValueAt } from '../values-at.ts'
import { writeAttribute } from './write.ts'

/**
 * Drops elements that have only `type` and `primary`: they say nothing (LA-NULL-01), and a POST would drop them too. This
 * waits for the end of a PATCH, since one operation may set the type of an element and a later one its value.
 *
 * @param before the attributes before all operations; what is still the same is not looked at.
 */
export function withoutEmptyElements(
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): JsonObject {
  let result = after
  for (const { extension, attributes } of containersOf(resourceType)) {
    for (const attribute of attributes) {
      const reference = { extension, attribute }
      const value = attributeValueAt(reference, after)
      if (!isArray(value) || value === attributeValueAt(reference, before)) continue
      const kept = value.filter(hasContent)
      if (kept.length === value.length) continue
      result = writeAttribute('replace', result, reference, kept.length === 0 ? undefined : kept)
    }
  }
  return result
}
