import type { Attribute, Schema } from './attribute.ts'
import { isObject, own, type JsonObject, type JsonValue } from './json.ts'
import type { ResourceType } from './resource-type.ts'
import { COMMON_ATTRIBUTES } from './schema/common.ts'

/** Attributes that live in one object: the resource itself, or what stands under an extension's URN (RFC 7643 §3.3). */
export interface Container {
  /** Absent for the resource itself. */
  readonly extension?: Schema
  readonly required: boolean
  readonly attributes: readonly Attribute[]
}

const known = new WeakMap<ResourceType, readonly Container[]>()

/** The containers of a resource type: the resource with the common attributes first, then the extensions in order. */
export function containersOf(resourceType: ResourceType): readonly Container[] {
  let containers = known.get(resourceType)
  if (containers === undefined) {
    containers = [
      { required: true, attributes: [...COMMON_ATTRIBUTES, ...resourceType.schema.attributes] },
      ...resourceType.extensions.map(({ schema, required }) => ({
        extension: schema,
        required,
        attributes: schema.attributes,
      })),
    ]
    known.set(resourceType, containers)
  }
  return containers
}

/** The object of a resource in which the container's attributes are; undefined where the extension has none. */
export function contentOf(container: Container, resource: JsonObject): JsonObject | undefined {
  if (container.extension === undefined) return resource
  const content = own(resource, container.extension.id)
  return isObject(content) ? content : undefined
}

/** The values of an object that the schema knows, in the order in which it lists their attributes. */
export function knownInSchemaOrder(
  attributes: readonly Attribute[],
  values: JsonObject,
): JsonObject {
  const ordered: Record<string, JsonValue> = {}
  for (const { name } of attributes) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value !== undefined) ordered[name] = value
  }
  return ordered
}

/** An object of the values the schema knows, in the order in which it lists their attributes. */
export function inSchemaOrder(
  attributes: readonly Attribute[],
  values: ReadonlyMap<string, JsonValue>,
): JsonObject {
  const ordered: Record<string, JsonValue> = {}
  for (const { name } of attributes) {
    const value = values.get(name)
    if (value !== undefined) ordered[name] = value
  }
  return ordered
}
