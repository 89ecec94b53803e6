import { findAttribute, type Attribute, type AttributeType } from '../attribute.ts'
import { jsonText, tolerantValue } from '../clients/values.ts'
import { inSchemaOrder } from '../container.ts'
import type { Detail } from '../detail.ts'
import { hasContent, identityOf } from '../element-identity.ts'
import { ScimError } from '../errors.ts'
import { isArray, isObject, own, type JsonObject, type JsonValue } from '../json.ts'
import { LIMITS } from '../limits.ts'
import { issuedReference } from '../reference.ts'
import { hasTooManyMarks } from '../text.ts'
import { allowedSpelling } from './allowed.ts'
import { formatsOf } from './format.ts'
import { givenTwice, referencedIdMissing, wrongFormat, wrongType } from './refusals.ts'
import { refuseNobody } from './nothing-said.ts'
import { refuseUnknownOnly } from './unknown-names.ts'

/** Types whose text may be longer than that of others. */
const LONG_TYPES: ReadonlySet<AttributeType> = new Set(['binary', 'reference'])

/**
 * A value for the whole attribute in canonical form: an array where it is multi-valued, undefined when unassigned.
 *
 * @param path names the attribute in errors, such as `name.givenName`.
 * @throws ScimError `invalidValue` for a value of the wrong type or format, or too long; `invalidSyntax` for a
 *   sub-attribute given twice.
 */
export function canonicalValue(
  attribute: Attribute,
  value: JsonValue,
  path: string,
): JsonValue | undefined {
  if (!attribute.multiValued) return canonicalElement(attribute, value, path)
  const elements = canonicalElements(attribute, value, path)
  return elements.length === 0 ? undefined : elements
}

/**
 * The values of a multi-valued attribute in canonical form. One value may stand without its array, as RFC 7644 §3.5.2.1 has it
 * in a PATCH and clients in bodies (BR2-03). Unassigned elements are gone, of those with one identity the first stays, and only the first
 * primary is one.
 *
 * @throws ScimError as `canonicalValue`.
 */
export function canonicalElements(
  attribute: Attribute,
  value: JsonValue,
  path: string,
): readonly JsonValue[] {
  const elements = new Map<string, JsonValue>()
  let hasPrimary = false
  for (const [place, one] of placedElements(attribute, value, path)) {
    let element = canonicalElement(attribute, one, path, place)
    if (element === undefined) continue
    const identity = identityOf(attribute, element)
    if (elements.has(identity)) continue
    if (isObject(element) && element['primary'] === true) {
      // RFC 7643 §2.4: at most one primary. Which of two is meant is anyone's guess: the first.
      if (hasPrimary) element = { ...element, primary: false }
      hasPrimary = true
    }
    elements.set(identity, element)
  }
  if (elements.size === 0) refuseNobody(attribute, value, path)
  return [...elements.values()]
}

/** The values of a multi-valued attribute as they came, and what errors call each of them, such as `emails[0]`. */
export function placedElements(
  attribute: Attribute,
  value: JsonValue,
  path: string,
): readonly (readonly [place: string, element: JsonValue])[] {
  const written = jsonText(attribute, value, path)
  return isArray(written)
    ? written.map((element, i) => [`${path}[${i}]`, element])
    : [[path, written]]
}

/**
 * One element of a multi-valued attribute, or the value of a single-valued one, in canonical form; undefined when
 * unassigned.
 *
 * @param place names this one element in errors about it as a whole, such as `emails[0]`.
 * @throws ScimError as `canonicalValue`.
 */
export function canonicalElement(
  attribute: Attribute,
  value: JsonValue,
  path: string,
  place = path,
): JsonValue | undefined {
  const tolerated = tolerantValue(attribute, value, place)
  if (tolerated === null || (isArray(tolerated) && tolerated.length === 0)) return undefined
  return attribute.type === 'complex'
    ? canonicalComplex(attribute, tolerated, path, place)
    : canonicalSimple(attribute, tolerated, place)
}

function canonicalComplex(
  attribute: Attribute,
  value: JsonValue,
  path: string,
  place: string,
): JsonObject | undefined {
  if (!isObject(value)) throw wrongType(attribute, place, value)
  refuseUnknownOnly(attribute, value, place)
  const values = new Map<string, JsonValue>()
  for (const [name, given] of Object.entries(value)) {
    const sub = findAttribute(attribute.subAttributes, name)
    if (sub === undefined) continue
    const canonical = canonicalSubValue(attribute, sub, given, path)
    if (canonical === undefined) continue
    if (values.has(sub.name)) throw givenTwice(`${path}.${sub.name}`)
    values.set(sub.name, canonical)
  }
  if (issuedReference(attribute) !== undefined) checkReferencedId(value, values, path)
  const complex = inSchemaOrder(attribute.subAttributes, values)
  const isUnassigned = attribute.multiValued ? !hasContent(complex) : values.size === 0
  return isUnassigned ? undefined : complex
}

function canonicalSubValue(
  attribute: Attribute,
  sub: Attribute,
  value: JsonValue,
  path: string,
): JsonValue | undefined {
  if (sub.mutability === 'readOnly' || sub === issuedReference(attribute)) return undefined
  const canonical = canonicalValue(sub, value, `${path}.${sub.name}`)
  return sub.mutability === 'writeOnly' ? undefined : canonical
}

/** A reference is stored as the id in `value`; `$ref` alone would be dropped silently. */
function checkReferencedId(
  value: JsonObject,
  values: ReadonlyMap<string, JsonValue>,
  path: string,
): void {
  if (values.has('value')) return
  const ref = own(value, '$ref') ?? ''
  if (values.size > 0 || ref !== '') throw referencedIdMissing(path)
}

function canonicalSimple(attribute: Attribute, value: JsonValue, path: string): JsonValue {
  const { type } = attribute
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw wrongType(attribute, path, value)
    return value
  }
  if (type === 'decimal' || type === 'integer') return canonicalNumber(attribute, value, path)
  if (typeof value !== 'string') throw wrongType(attribute, path, value)
  return canonicalText(attribute, value, path)
}

function canonicalNumber(attribute: Attribute, value: JsonValue, path: string): number {
  if (typeof value !== 'number') throw wrongType(attribute, path, value)
  const refuse = (expected: string): never => {
    throw wrongFormat(attribute, path, expected, value)
  }
  // JSON.parse makes Infinity of 1e400, and rounds integers beyond 2^53.
  if (!Number.isFinite(value)) refuse('a number of double precision')
  if (attribute.type === 'integer' && !Number.isSafeInteger(value)) {
    refuse('an integer without a fraction, between -(2^53 - 1) and 2^53 - 1')
  }
  return value
}

function canonicalText(attribute: Attribute, written: string, path: string): string {
  const text = attribute.trimmed ? written.trim() : written
  const longest = LONG_TYPES.has(attribute.type) ? LIMITS.longTextCharacters : LIMITS.textCharacters
  if (text.length > longest) {
    throw new ScimError(
      'invalidValue',
      `${path} may have at most ${longest} characters, ${text.length} came.`,
    )
  }
  const refuse = (expected: string, came?: Detail): never => {
    throw wrongFormat(attribute, path, expected, text, came)
  }
  if (hasTooManyMarks(text)) {
    refuse(`text with at most ${LIMITS.combiningMarks} combining marks in a row`)
  }
  // Half of a surrogate pair has no UTF-8 form, so it could be neither stored nor answered.
  if (/\p{Surrogate}/u.test(text)) refuse('well-formed Unicode')
  for (const { accepts, expected, tell } of formatsOf(attribute)) {
    if (!accepts(text)) refuse(expected, tell?.(text))
  }
  return attribute.onlyCanonicalValues
    ? allowedSpelling(attribute, text)
    : canonicalSpelling(attribute, text)
}

/** RFC 7643 §2.4: labels are canonicalised on return; values that are not in the list stay as they are (§7). */
function canonicalSpelling(attribute: Attribute, text: string): string {
  if (attribute.caseExact || attribute.canonicalValues === undefined) return text
  const folded = text.toLowerCase()
  return attribute.canonicalValues.find((canonical) => canonical.toLowerCase() === folded) ?? text
}
