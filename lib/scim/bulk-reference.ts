import type { BulkOperation } from './bulk.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from './json.ts'

/** `bulkId:x` as a whole value (RFC 7644 §3.7.2), quoted in the filter of a PATCH path, or as a segment of a path. */
const WHOLE = /^bulkId:(.+)$/s
const QUOTED = /(["'])bulkId:([^"']+)\1/g
const SEGMENT = /(?<=\/)bulkId:([^/?]+)/g

/** The bulkIds that an operation refers to. */
export function referencesOf(operation: BulkOperation): ReadonlySet<string> {
  const found = new Set<string>()
  const note = (bulkId: string): string => {
    found.add(bulkId)
    return bulkId
  }
  replaceReferences(operation, note)
  return found
}

/** The operation with every reference replaced by what `idOf` gives for its bulkId. */
export function replaceReferences(
  operation: BulkOperation,
  idOf: (bulkId: string) => string,
): BulkOperation {
  return {
    ...operation,
    path: operation.path.replace(SEGMENT, (_, bulkId: string) => idOf(bulkId)),
    ...(operation.data === undefined ? {} : { data: replaceIn(operation.data, idOf) }),
  }
}

function replaceIn(object: JsonObject, idOf: (bulkId: string) => string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, replaceInValue(name, value, idOf)]),
  )
}

function replaceInValue(
  name: string,
  value: JsonValue,
  idOf: (bulkId: string) => string,
): JsonValue {
  if (typeof value === 'string') {
    const whole = WHOLE.exec(value)?.[1]
    if (whole !== undefined) return idOf(whole)
    if (name.toLowerCase() !== 'path') return value
    return value.replace(QUOTED, (_, quote: string, bulkId: string) => quote + idOf(bulkId) + quote)
  }
  if (isArray(value)) return value.map((element) => replaceInValue('', element, idOf))
  return isObject(value) ? replaceIn(value, idOf) : value
}

/** A resource to create without some of its references, and what is to be added to it when they can be resolved. */
export interface Postponed {
  readonly now: JsonObject
  readonly later: JsonObject
}

/**
 * Splits the data of a POST: what refers to one of `bulkIds` is left for later, whole array elements and whole attributes
 * (RFC 7644 §3.7.1, circular references).
 */
export function postponeReferences(data: JsonObject, bulkIds: ReadonlySet<string>): Postponed {
  const now: [string, JsonValue][] = []
  const later: [string, JsonValue][] = []
  for (const [name, value] of Object.entries(data)) {
    const split = splitValue(value, bulkIds)
    if (split.now !== undefined) now.push([name, split.now])
    if (split.later !== undefined) later.push([name, split.later])
  }
  return { now: Object.fromEntries(now), later: Object.fromEntries(later) }
}

function splitValue(
  value: JsonValue,
  bulkIds: ReadonlySet<string>,
): { now?: JsonValue; later?: JsonValue } {
  if (!refersTo(value, bulkIds)) return { now: value }
  if (isArray(value)) {
    return {
      now: value.filter((element) => !refersTo(element, bulkIds)),
      later: value.filter((element) => refersTo(element, bulkIds)),
    }
  }
  // An extension's container holds further attributes; a complex value is not worth splitting.
  const isContainer = isObject(value) && Object.values(value).some((each) => isObject(each))
  return isContainer ? postponeReferences(value, bulkIds) : { later: value }
}

function refersTo(value: JsonValue, bulkIds: ReadonlySet<string>): boolean {
  if (typeof value === 'string') return bulkIds.has(WHOLE.exec(value)?.[1] ?? '')
  if (isArray(value)) return value.some((element) => refersTo(element, bulkIds))
  return isObject(value) && Object.values(value).some((each) => refersTo(each, bulkIds))
}
