import { detail, sent } from './detail.ts'
import { ScimError } from './errors.ts'
import { describe, isObject, type JsonObject, type JsonValue } from './json.ts'
import { checkSchemas } from './schemas.ts'
import { MESSAGE } from './urn.ts'

/** What an object has, by its names in lower case. */
export type NamedValues = ReadonlyMap<string, JsonValue>

const MESSAGES = Object.values(MESSAGE).map((urn) => urn.toLowerCase())

/**
 * Reads a message (RFC 7644 §3.1): an object whose `schemas` do not say that it is another one. URNs and names ignore case
 * (RFC 7643 §2.1).
 * @param name what errors call it, such as `BulkRequest`.
 * @throws ScimError `invalidSyntax` for no object, the `schemas` of another message, or a name given twice.
 */
export function readMessage(body: unknown, urn: string, name: string): NamedValues {
  if (!isObject(body)) {
    throw new ScimError(
      'invalidSyntax',
      `The body must be a JSON object, not ${describe(body)}: send a ${name}.`,
    )
  }
  const values = namesIgnoringCase(body)
  checkSchemas(values.get('schemas'), {
    name: `a ${name}`,
    urn,
    isOwn: (each) => each.toLowerCase() === urn.toLowerCase(),
    others: MESSAGES,
  })
  return values
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
