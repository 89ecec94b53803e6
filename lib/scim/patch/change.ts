import { referencePath } from '../attribute-path.ts'
import { findAttribute, type Attribute } from '../attribute.ts'
import { singleElementArray, tolerantValue } from '../clients/values.ts'
import { inSchemaOrder } from '../container.ts'
import { ScimError } from '../errors.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../json.ts'
import { issuedReference } from '../reference.ts'
import { canonicalElement, canonicalValue } from '../validate.ts'
import { checkChange, type AttributeTarget } from './target.ts'

/** Canonical values of sub-attributes; undefined unassigns. */
type Parts = ReadonlyMap<Attribute, JsonValue | undefined>

/** What an operation does to a single value or to one element: another value (undefined: none), or other parts of it. */
export type Change =
  | { readonly kind: 'whole'; readonly value: JsonValue | undefined }
  | { readonly kind: 'parts'; readonly parts: Parts }

/** Takes the whole value, or the sub-attribute that the target names, away. */
export function unassigning({ reference: { subAttribute } }: AttributeTarget): Change {
  return subAttribute === undefined
    ? { kind: 'whole', value: undefined }
    : { kind: 'parts', parts: new Map([[subAttribute, undefined]]) }
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
    return { kind: 'parts', parts: onePart(attribute, subAttribute, value, path) }
  }
  // The element that a filter finds may come in an array, as all elements of the attribute would.
  const single = attribute.multiValued && isArray(value) && value.length === 1 ? value[0] : value
  const tolerated = tolerantValue(attribute, singleElementArray(attribute, single ?? null))
  if (attribute.type === 'complex' && isObject(tolerated)) {
    return { kind: 'parts', parts: namedParts(attribute, tolerated, path) }
  }
  return { kind: 'whole', value: canonicalElement(attribute, tolerated, path) }
}

function onePart(
  attribute: Attribute,
  subAttribute: Attribute,
  value: JsonValue,
  path: string,
): Parts {
  const canonical = canonicalValue(subAttribute, singleElementArray(subAttribute, value), path)
  return isKept(attribute, subAttribute) ? new Map([[subAttribute, canonical]]) : new Map()
}

function namedParts(attribute: Attribute, value: JsonObject, path: string): Parts {
  const parts = new Map<Attribute, JsonValue | undefined>()
  for (const [name, given] of Object.entries(value)) {
    const sub = findAttribute(attribute.subAttributes, name)
    // Inside a value readOnly and unknown parts are ignored, as in a POST.
    if (sub === undefined || sub.mutability === 'readOnly') continue
    if (parts.has(sub)) {
      throw new ScimError('invalidSyntax', `${path}.${sub.name} is given more than once.`)
    }
    if (sub === issuedReference(attribute)) requireId(value, given, path)
    else {
      const single = singleElementArray(sub, given)
      const canonical = canonicalValue(sub, single, `${path}.${sub.name}`)
      if (isKept(attribute, sub)) parts.set(sub, canonical)
    }
  }
  return parts
}

/** A `$ref` to a SCIM resource is made from the id, never the other way round. */
function requireId(value: JsonObject, ref: JsonValue, path: string): void {
  if (ref === null || ref === '') return
  if (Object.keys(value).some((name) => name.toLowerCase() === 'value')) return
  throw new ScimError('invalidValue', `${path}.value is missing: the id that is referred to.`)
}

function isKept(attribute: Attribute, subAttribute: Attribute): boolean {
  return subAttribute.mutability !== 'writeOnly' && subAttribute !== issuedReference(attribute)
}

/** True when a value that is not there stays so. */
export function assignsNothing(change: Change): boolean {
  if (change.kind === 'whole') return change.value === undefined
  return [...change.parts.values()].every((part) => part === undefined)
}

/**
 * One value after a change; undefined when nothing is left of it.
 * @throws ScimError as `checkChange` for a sub-attribute.
 */
export function changed(
  target: AttributeTarget,
  before: JsonValue | undefined,
  change: Change,
): JsonValue | undefined {
  const { op, reference } = target
  const { attribute, extension } = reference
  const path = referencePath({ ...(extension === undefined ? {} : { extension }), attribute })
  const parts = isObject(before) ? before : {}
  if (change.kind === 'whole') {
    // An element may go with its immutable parts (a member); the one value of an attribute is changed thereby.
    if (!attribute.multiValued) refuseLoss(target, parts, path)
    return change.value
  }
  const after = new Map(Object.entries(parts))
  const hadValue = after.has('value')
  for (const [subAttribute, part] of change.parts) {
    const { name } = subAttribute
    checkChange(op, subAttribute, `${path}.${name}`, after.get(name), part)
    if (part === undefined) after.delete(name)
    else after.set(name, part)
  }
  // RFC 7643 §2.4: `display` shows the value; it must not outlive it (LA-NULL-01).
  if (hadValue && !after.has('value')) after.delete('display')
  return after.size === 0 ? undefined : inSchemaOrder(attribute.subAttributes, after)
}

function refuseLoss({ op, reference }: AttributeTarget, before: JsonObject, path: string): void {
  for (const sub of reference.attribute.subAttributes) {
    if (sub.mutability !== 'immutable') continue
    checkChange(op, sub, `${path}.${sub.name}`, before[sub.name], undefined)
  }
}
