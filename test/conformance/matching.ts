import { isArray, isObject, type JsonValue } from '../../lib/scim/json.ts'

/** True when every part of `expected` is in `actual`; types count, and an array's elements match any element. */
export function includes(actual: JsonValue | undefined, expected: JsonValue): boolean {
  if (isArray(expected)) {
    if (!isArray(actual)) return false
    if (expected.length === 0) return actual.length === 0
    return expected.every((wanted) => actual.some((element) => includes(element, wanted)))
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return false
    return Object.entries(expected).every(
      ([key, value]) => Object.hasOwn(actual, key) && includes(actual[key], value),
    )
  }
  return actual === expected
}

/** True when both are the same JSON value. */
export function equals(actual: JsonValue | undefined, expected: JsonValue): boolean {
  if (isArray(expected)) {
    return (
      isArray(actual) &&
      actual.length === expected.length &&
      expected.every((wanted, index) => equals(actual[index], wanted))
    )
  }
  if (isObject(expected)) {
    return (
      isObject(actual) &&
      Object.keys(actual).length === Object.keys(expected).length &&
      Object.entries(expected).every(
        ([key, value]) => Object.hasOwn(actual, key) && equals(actual[key], value),
      )
    )
  }
  return actual === expected
}

/** The values at a JSON pointer (RFC 6901): none, one, or with `*` as many as the array has. */
export function valuesAt(body: JsonValue | undefined, pointer: string): readonly JsonValue[] {
  let values: readonly JsonValue[] = body === undefined ? [] : [body]
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    values = values.flatMap((value) => below(value, key))
  }
  return values
}

function below(value: JsonValue, key: string): readonly JsonValue[] {
  if (isArray(value)) {
    if (key === '*') return value
    const element = /^\d+$/.test(key) ? value[Number(key)] : undefined
    return element === undefined ? [] : [element]
  }
  const member = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return member === undefined ? [] : [member]
}
