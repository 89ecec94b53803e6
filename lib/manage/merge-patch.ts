import { isObject, own, type JsonObject, type JsonValue } from '../scim/json.ts'

/** Applies a JSON Merge Patch (RFC 7396 §2). */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  return isObject(patch) ? mergeInto(target, patch) : patch
}

/** The same for a patch that is an object; what it is applied to becomes one. */
export function mergeInto(target: JsonValue | undefined, patch: JsonObject): JsonObject {
  const before = Object.entries(isObject(target) ? target : {})
  const kept = before.filter(([name]) => own(patch, name) === undefined)
  const set = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, mergePatch(own(target, name), value)] as const)
  // Not by assignment, which would take `__proto__` for more than a name.
  return Object.fromEntries([...kept, ...set])
}
