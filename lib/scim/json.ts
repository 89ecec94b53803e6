/** A JSON value, as `JSON.parse` gives it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** A JSON object. Keys come from outside: look them up as own properties only. */
export interface JsonObject {
  readonly [name: string]: JsonValue
}

/** True for a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for an array; unlike `Array.isArray` it keeps the element type of a JsonValue. */
export function isArray(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** A member of an object under exactly this name; undefined where there is none, or no object. */
export function own(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** The elements of a value: an array's, or the one that it is; none where there is no value. */
export function elementsOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) return []
  return isArray(value) ? value : [value]
}

/** Names the kind of what came, for an error's detail; `whatCame` has the value where it may be told. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** null, `{}` and `[]`: what says on purpose that there is nothing. */
export function isEmpty(value: JsonValue): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0)
}
