import { containersOf } from '../container.ts'
import { isArray, type JsonObject } from '../json.ts'
import type { ResourceType } from '../resource-type.ts'
import { hasContent } from './elements.ts'
import { readAttribute, writeAttribute } from './target.ts'

/**
 * Drops elements that have only labels in the end: they say nothing (LA-NULL-01), and a POST would drop them too. Not before
 * the end, because of several operations that build one element the first may set a label.
 *
 * @param before the attributes before all operations; what is still the same is not looked at.
 */
export function withoutHollowElements(
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): JsonObject {
  let result = after
  for (const { extension, attributes } of containersOf(resourceType)) {
    for (const attribute of attributes) {
      const reference = { ...(extension === undefined ? {} : { extension }), attribute }
      const value = readAttribute(after, reference)
      if (!isArray(value) || value === readAttribute(before, reference)) continue
      const kept = value.filter(hasContent)
      if (kept.length === value.length) continue
      const target = { op: 'replace', reference } as const
      result = writeAttribute(result, target, kept.length === 0 ? undefined : kept)
    }
  }
  return result
}
