import { ScimError } from './errors.ts'
import type { JsonObject, JsonValue } from './json.ts'

/**
 * The members of a message by their lower-case names: names are compared without case (RFC 7643 §2.1), so the same one in
 * two spellings is given twice.
 * @throws ScimError `invalidSyntax` naming the member.
 */
export function membersOf(message: JsonObject): ReadonlyMap<string, JsonValue> {
  const members = new Map<string, JsonValue>()
  for (const [name, value] of Object.entries(message)) {
    const lowerCase = name.toLowerCase()
    if (members.has(lowerCase)) {
      throw new ScimError('invalidSyntax', `${name.slice(0, 100)} is given twice.`)
    }
    members.set(lowerCase, value)
  }
  return members
}
