import { referencePath } from '../attribute-path.ts'
import { findAttribute, type Attribute } from '../attribute.ts'
import { tolerantValue } from '../clients/values.ts'
import { inSchemaOrder } from '../container.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../json.ts'
import type { OperationName } from '../patch-operation.ts'
import { issuedReference } from '../reference.ts'
import { givenTwice, referencedIdMissing } from '../validate/refusals.ts'
import { refuseNothingSaid } from '../validate/nothing-said.ts'
import { refuseUnknownOnly } from '../validate/unknown-names.ts'
import { canonicalElement, canonicalValue } from '../validate/value.ts'
import type { AttributeTarget } from './resolved-operation.ts'
import { checkChange } from './write.ts'

/** Canonical values of sub-attributes; undefined unassigns. */
type SubValues = ReadonlyMap<Attribute, JsonValue | undefined>

/** What an operation does to a single value or to one element: another value (undefined: none), or other sub-attributes. */
export type Change =
  | { readonly kind: 'whole'; readonly value: JsonValue | undefined }
  | { readonly kind: 'subAttributes'; readonly values: SubValues }

/** Takes the whole value, or the sub-attribute that the target names, away. */
export function unassigning({ reference: { subAttribute } }: AttributeTarget): Change {
  return subAttribute === undefined
    ? { kind: 'whole', value: undefined }
    : { kind: 'subAttributes', values: new Map([[subAttribute, undefined]]) }
}

/**
 * What add and replace do to a value (RFC 7644 §3.5.2.1, §3.5.2.3): a simple value is set; of a complex one the
 * sub-attributes that are named are set, the others stay. null and other empty values unassign (RFC 7643 §2.5).
 *
 * @throws ScimError `invalidValue`, `invalidSyntax` as `canonicalValue`.
 */
export function assigning({ reference }: AttributeTarget, value: JsonValue): Change {
  const { attribute, subAttribute } = reference
  const path = referencePath(reference)
  if (subAttribute !== undefined) {
    return { kind: 'subAttributes', values: oneValue(attribute, subAttribute, value, path) }
  }
  // The element that a filter finds may come in an array, as all elements of the attribute would.
  const single = attribute.multiValued && isArray(value) && value.length === 1 ? value[0] : value
  const tolerated = tolerantValue(attribute, single ?? null, path)
  if (attribute.type === 'complex' && isObject(tolerated)) {
    return { kind: 'subAttributes', values: namedValues(attribute, tolerated, path) }
  }
  const canonical = canonicalElement(attribute, tolerated, path)
  if (canonical === undefined && !attribute.multiValued) refuseNothingSaid(attribute, value, path)
  return { kind: 'whole', value: canonical }
}

function oneValue(
  attribute: Attribute,
  subAttribute: Attribute,
  value: JsonValue,
  path: string,
): SubValues {
  const canonical = canonicalValue(subAttribute, value, path)
  return isKept(attribute, subAttribute) ? new Map([[subAttribute, canonical]]) : new Map()
}

function namedValues(attribute: Attribute, value: JsonObject, path: string): SubValues {
  refuseUnknownOnly(attribute, value, path)
  const values = new Map<Attribute, JsonValue | undefined>()
  for (const [name, given] of Object.entries(value)) {
    const sub = findAttribute(attribute.subAttributes, name)
    // Inside a value readOnly and unknown sub-attributes are ignored, as in a POST.
    if (sub === undefined || sub.mutability === 'readOnly') continue
    if (values.has(sub)) throw givenTwice(`${path}.${sub.name}`)
    if (sub === issuedReference(attribute)) requireId(value, given, path)
    else {
      const canonical = canonicalValue(sub, given, `${path}.${sub.name}`)
      if (isKept(attribute, sub)) values.set(sub, canonical)
    }
  }
  return values
}

/** A `$ref` to a SCIM resource is made from the id, never the other way round. */
function requireId(value: JsonObject, ref: JsonValue, path: string): void {
  if (ref === null || ref === '') return
  if (Object.keys(value).some((name) => name.toLowerCase() === 'value')) return
  throw referencedIdMissing(path)
}

function isKept(attribute: Attribute, subAttribute: Attribute): boolean {
  return subAttribute.mutability !== 'writeOnly' && subAttribute !== issuedReference(attribute)
}

/** True when a value that is not there stays so. */
export function assignsNothing(change: Change): boolean {
  if (change.kind === 'whole') return change.value === undefined
  return [...change.values.values()].every((value) => value === undefined)
}

/**
 * One value after a change; undefined when nothing is left of it.
 * @throws ScimError as `checkChange` for a sub-attribute.
 */
export function changed(
  op: OperationName,
  { reference }: AttributeTarget,
  before: JsonValue | undefined,
  change: Change,
): JsonValue | undefined {
  const { attribute, extension } = reference
  const path = referencePath({ extension, attribute })
  const present = isObject(before) ? before : {}
  if (change.kind === 'whole') {
    // An element may go with its immutable sub-attributes; the one value of an attribute is changed thereby.
    if (!attribute.multiValued) refuseLoss(op, attribute, present, path)
    return change.value
  }
  const after = new Map(Object.entries(present))
  const hadValue = after.has('value')
  for (const [subAttribute, value] of change.values) {
    const { name } = subAttribute
    checkChange(op, subAttribute, `${path}.${name}`, after.get(name), value)
    if (value === undefined) after.delete(name)
    else after.set(name, value)
  }
  // RFC 7643 §2.4: `display` shows the value; it must not outlive it (LA-NULL-01).
  if (hadValue && !after.has('value')) after.delete('display')
  return after.size === 0 ? undefined : inSchemaOrder(attribute.subAttributes, after)
}

function refuseLoss(
  op: OperationName,
  attribute: Attribute,
  before: JsonObject,
  path: string,
): void {
  for (const sub of attribute.subAttributes) {
    if (sub.mutability !== 'immutable') continue
    checkChange(op, sub, `${path}.${sub.name}`, before[sub.name], undefined)
  }
}
