import { referencePath } from './attribute-path.ts'
import { containersOf, contentOf } from './container.ts'
import { sameValue } from './equal.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from './json.ts'
import type { ResourceType } from './resource-type.ts'

/**
 * The canonical paths of what a write has set: attributes and sub-attributes whose values differ from those before it.
 * What is returned on request only comes back in the answer to a write that supplied it (RFC 7643 §7).
 */
export function suppliedPaths(
  resourceType: ResourceType,
  before: JsonObject,
  after: JsonObject,
): ReadonlySet<string> {
  const paths = new Set<string>()
  for (const container of containersOf(resourceType)) {
    const was = contentOf(container, before) ?? {}
    const is = contentOf(container, after) ?? {}
    const { extension } = container
    for (const attribute of container.attributes) {
      const value = is[attribute.name]
      if (value === undefined || sameValue(value, was[attribute.name])) continue
      paths.add(referencePath({ extension, attribute }))
      for (const subAttribute of attribute.subAttributes) {
        if (!hasSubAttribute(value, subAttribute.name)) continue
        paths.add(referencePath({ extension, attribute, subAttribute }))
      }
    }
  }
  return paths
}

function hasSubAttribute(value: JsonValue, name: string): boolean {
  if (isArray(value)) return value.some((element) => hasSubAttribute(element, name))
  return isObject(value) && value[name] !== undefined
}
