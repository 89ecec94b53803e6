import { findAttribute, type Attribute } from '../attribute.ts'
import { detail, quote } from '../detail.ts'
import { isLabel } from '../element-identity.ts'
import { ScimError } from '../errors.ts'
import { isObject, type JsonObject, type JsonValue } from '../json.ts'
import { likeSubAttribute } from '../likeness.ts'

/**
 * A value never shrinks to nothing. Unknown names beside known ones are left out, but a value of which that would leave
 * nothing is refused: `{}` means "clear" or "no change", so access would be lost or kept in silence. What is readOnly counts as
 * known, labels alone (RFC 7643 §2.4) are no value, and what came empty says nothing.
 *
 * @param value of a complex attribute, or an element of one.
 * @param place names it in errors, such as `emails[0]`.
 * @throws ScimError `invalidValue` naming what is unknown.
 */
export function refuseUnknownOnly(attribute: Attribute, value: JsonObject, place: string): void {
  const { multiValued, subAttributes } = attribute
  const names = Object.keys(value)
  const isKnown = (name: string): boolean => findAttribute(subAttributes, name) !== undefined
  // The usual case, in which there may be a great many values.
  if (names.every(isKnown)) return
  const unknown = names.filter((name) => !isKnown(name))
  const known = names.filter(isKnown)
  const isSaid = (name: string): boolean => !isBlank(value[name] ?? null)
  if (known.some((name) => isSaid(name) && !(multiValued && isLabel(name)))) return
  if (known.length > 0 && !unknown.some(isSaid)) return
  throw unknownOnly(attribute, unknown, place)
}

/** For a value of which nothing is known. */
export function unknownOnly(
  attribute: Attribute,
  unknown: readonly string[],
  place: string,
): ScimError {
  const right = attribute.subAttributes.map(({ name }) => name).join(', ')
  const [first = '', ...more] = unknown
  const like = likeSubAttribute(attribute, first)
  const question = like === undefined ? '' : ` Did you mean ${like}?`
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  return new ScimError(
    'invalidValue',
    detail`${place} has no sub-attribute ${quote(first)}${others}, and nothing else is in it; it has ${right}.${question}`,
  )
}

/** Whether nothing is said: null, empty text, and objects and lists with nothing else in them. */
export function isBlank(value: JsonValue): boolean {
  if (value === null || value === '') return true
  if (Array.isArray(value)) return value.every(isBlank)
  return isObject(value) && Object.values(value).every(isBlank)
}
