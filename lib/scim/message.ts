import { detail, sent } from './detail.ts'
import { ScimError } from './errors.ts'
import { describe, isArray, isObject, type JsonObject, type JsonValue } from './json.ts'
import { MESSAGE } from './urn.ts'

/** What an object has, by its names in lower case. */
export type NamedValues = ReadonlyMap<string, JsonValue>

/** Messages whose `schemas` clients leave out, send empty or as one bare URN (authentik, AK-GRP-28). */
const LENIENT: ReadonlySet<string> = new Set([MESSAGE.patchOp])

/**
 * Reads a message (RFC 7644 §3.1): an object whose `schemas` name it. URNs and names ignore case (RFC 7643 §2.1).
 * @param name what errors call it, such as `BulkRequest`.
 * @throws ScimError `invalidSyntax` for no object, other `schemas`, or a name given twice.
 */
export function readMessage(body: unknown, urn: string, name: string): NamedValues {
  if (!isObject(body)) {
    throw new ScimError(
      'invalidSyntax',
      `The body must be a JSON object, not ${describe(body)}: send a ${name}.`,
    )
  }
  const values = namesIgnoringCase(body)
  if (!hasSchema(values.get('schemas') ?? null, urn)) {
    throw new ScimError('invalidSyntax', `schemas of a ${name} must be ["${urn}"].`)
  }
  return values
}

function hasSchema(schemas: JsonValue, urn: string): boolean {
  const isLenient = LENIENT.has(urn)
  if (!isArray(schemas) && !isLenient) return false
  const urns = isArray(schemas) ? schemas : [schemas]
  if (isLenient && urns.every((each) => each === null)) return true
  return urns.some((each) => typeof each === 'string' && each.toLowerCase() === urn.toLowerCase())
}

/**
 * What an object has, by its names in lower case: names ignore case (RFC 7643 §2.1), so one in two spellings is given
 * twice.
 * @throws ScimError `invalidSyntax` naming it.
 */
export function namesIgnoringCase(object: JsonObject): NamedValues {
  const values = new Map<string, JsonValue>()
  for (const [name, value] of Object.entries(object)) {
    const lowerCase = name.toLowerCase()
    if (values.has(lowerCase)) {
      throw new ScimError('invalidSyntax', detail`${sent(name.slice(0, 100))} is given twice.`)
    }
    values.set(lowerCase, value)
  }
  return values
}
