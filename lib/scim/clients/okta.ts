import { resolvePath } from '../attribute-path.ts'
import { isObject, type JsonObject, type JsonValue } from '../json.ts'
import type { PatchOperation } from '../patch-operation.ts'
import type { ResourceType } from '../resource-type.ts'

/**
 * Drops readOnly attributes from a value without a path. Okta sends `{id, displayName}` before every change of members
 * (OKTA-GRP-01), authentik an `id` as well; RFC 7644 §3.5.2 would refuse an operation on what is readOnly.
 */
export function echoedReadOnly(
  resourceType: ResourceType,
  operation: PatchOperation,
): readonly PatchOperation[] {
  const { path, value } = operation
  if (path !== undefined || !isObject(value)) return [operation]
  const kept = writable(value, (name) => name, resourceType)
  return kept === value ? [operation] : [{ ...operation, value: kept }]
}

/** The object without readOnly attributes, those in the containers of extensions included. */
function writable(
  value: JsonObject,
  pathOf: (name: string) => string,
  resourceType: ResourceType,
): JsonObject {
  let isChanged = false
  const entries: [string, JsonValue][] = []
  for (const [name, given] of Object.entries(value)) {
    const target = resolvePath(resourceType, pathOf(name))
    if (target?.kind === 'attribute') {
      const { attribute, subAttribute } = target
      if (attribute.mutability === 'readOnly' || subAttribute?.mutability === 'readOnly') {
        isChanged = true
        continue
      }
    }
    let kept = given
    if (target?.kind === 'extension' && isObject(given)) {
      kept = writable(given, (inner) => `${target.extension.id}:${inner}`, resourceType)
      isChanged ||= kept !== given
    }
    entries.push([name, kept])
  }
  // fromEntries defines own properties, so that a key such as `__proto__` stays a plain key.
  return isChanged ? Object.fromEntries(entries) : value
}
