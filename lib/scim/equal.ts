import { isArray, isObject, type JsonObject, type JsonValue } from './json.ts'

/**
 * Whether two JSON values are the same, whatever the order of their members (RFC 7643 §2.3.8). The order of array
 * elements counts. `undefined` stands for an unassigned attribute and equals only itself.
 */
export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true
  if (isArray(a)) {
    return isArray(b) && a.length === b.length && a.every((value, i) => sameValue(value, b[i]))
  }
  return isObject(a) && isObject(b) && sameObject(a, b)
}

function sameObject(a: JsonObject, b: JsonObject): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]))
  )
}
