import type { ResolvedAttribute } from './attribute-path.ts'
import { elementsOf, own, type JsonObject, type JsonValue } from './json.ts'

/**
 * The value of an attribute, whatever sub-attribute the reference names; undefined when unassigned.
 * @param resource with canonical names, the attributes of an extension in an object under its URN.
 */
export function attributeValueAt(
  { extension, attribute }: ResolvedAttribute,
  resource: JsonObject,
): JsonValue | undefined {
  return own(extension === undefined ? resource : own(resource, extension.id), attribute.name)
}

/**
 * The values at a reference: of a multi-valued attribute those of all elements, in their order, undefined for an element
 * without the sub-attribute that the reference names; nothing where the attribute is unassigned.
 * @param resource as `attributeValueAt` has it.
 */
export function valuesAt(
  reference: ResolvedAttribute,
  resource: JsonObject,
): readonly (JsonValue | undefined)[] {
  const { subAttribute } = reference
  const elements = elementsOf(attributeValueAt(reference, resource))
  return subAttribute === undefined
    ? elements
    : elements.map((element) => own(element, subAttribute.name))
}
