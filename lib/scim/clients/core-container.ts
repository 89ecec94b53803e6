import { schemaNamed } from '../attribute-path.ts'
import { isObject, type JsonObject, type JsonValue } from '../json.ts'
import { jsonTextIn } from '../json-text.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'
import { noContainer } from '../validate/refusals.ts'

/**
 * Takes the attributes out of an object under the URN of the core schema, where only those of an extension belong
 * (RFC 7643 §3.3). Clients that treat all schemas alike write one for it, as key or as path of an operation.
 *
 * @throws ScimError `invalidValue` when there is something else than an object under the URN.
 */
export function coreContainer(
  resourceType: ResourceType,
  operation: PatchOperation,
): readonly PatchOperation[] {
  const { op, path, value } = operation
  if (op === 'remove') return [operation]
  if (path !== undefined && isCore(resourceType, path)) {
    const { path: _, ...others } = operation
    return [{ ...others, value: Object.fromEntries(inside(resourceType, value ?? null)) }]
  }
  if (path !== undefined || !isObject(value) || !hasCore(resourceType, value)) return [operation]
  const entries = Object.entries(value).flatMap(([key, given]) => {
    if (!isCore(resourceType, key)) return [[key, given] satisfies [string, JsonValue]]
    // As an extension that is unassigned in the body of a resource says nothing.
    return given === null || given === '' ? [] : inside(resourceType, given)
  })
  // fromEntries defines own properties, so that a key such as `__proto__` stays a plain key.
  return [{ ...operation, value: Object.fromEntries(entries) }]
}

function hasCore(resourceType: ResourceType, value: JsonObject): boolean {
  return Object.keys(value).some((key) => isCore(resourceType, key))
}

function isCore(resourceType: ResourceType, urn: string): boolean {
  return schemaNamed(resourceType, urn) === resourceType.schema
}

/** The attributes by their qualified names, since those of extensions are not meant here. */
function inside({ schema }: ResourceType, value: JsonValue): readonly [string, JsonValue][] {
  const content = jsonTextIn(value, schema.id)
  if (!isObject(content)) throw noContainer(schema, content)
  return Object.entries(content).map(([name, given]) => [`${schema.id}:${name}`, given])
}
