import { referencePath, type AttributeReference } from '../attribute-path.ts'
import { findAttribute, type Attribute } from '../attribute.ts'
import { sameValue } from '../equal.ts'
import { ScimError } from '../errors.ts'
import type { ResolvedFilter } from '../filter/filter.ts'
import { isObject, own, type JsonObject, type JsonValue } from '../json.ts'
import { COMMON_ATTRIBUTES } from '../schema/common.ts'
import { immutableChanged, requiredMissing } from '../validate/refusals.ts'
import { attributeValueAt } from '../values-at.ts'
import type { OperationName } from './operation.ts'

/** What one operation is about: an attribute, a part of it, or those of its elements that match. */
export interface AttributeTarget {
  readonly op: OperationName
  readonly reference: AttributeReference
  readonly filter?: ResolvedFilter
}

const SCHEMAS = findAttribute(COMMON_ATTRIBUTES, 'schemas')

/**
 * RFC 7644 §3.5.2 lets clients patch `schemas`; here it follows from the attributes that are present, so such an
 * operation is accepted and has no effect of its own.
 */
export function isDerived(reference: AttributeReference): boolean {
  return reference.attribute === SCHEMAS
}

/** @throws ScimError `mutability` when the attribute, or the part of it that is named, is readOnly (RFC 7643 §7). */
export function refuseReadOnly(reference: AttributeReference): void {
  const { attribute, subAttribute } = reference
  if (attribute.mutability !== 'readOnly' && subAttribute?.mutability !== 'readOnly') return
  throw new ScimError('mutability', `${referencePath(reference)} is readOnly.`)
}

/**
 * The attributes with another value of one attribute: the same object where nothing changes, without the extension's
 * container where nothing is left in it.
 *
 * @param value in canonical form; undefined unassigns.
 * @throws ScimError as `checkChange`.
 */
export function writeAttribute(
  attributes: JsonObject,
  { op, reference }: AttributeTarget,
  value: JsonValue | undefined,
): JsonObject {
  const { extension, attribute } = reference
  const path = referencePath({ ...(extension === undefined ? {} : { extension }), attribute })
  const before = attributeValueAt(reference, attributes)
  checkChange(op, attribute, path, before, value)
  // RFC 7643 §7: nothing here reads a writeOnly value, so it is checked and not kept.
  if (attribute.mutability === 'writeOnly' || sameValue(before, value)) return attributes
  if (extension === undefined) return withMember(attributes, attribute.name, value)
  const container = own(attributes, extension.id)
  const content = withMember(isObject(container) ? container : {}, attribute.name, value)
  return withMember(
    attributes,
    extension.id,
    Object.keys(content).length === 0 ? undefined : content,
  )
}

/**
 * What RFC 7644 §3.5.2 forbids to do to one value, of an attribute or a sub-attribute.
 *
 * @param path names it in errors.
 * @throws ScimError `mutability` for removing what is required, and for changing or clearing an immutable value;
 *   `invalidValue` for clearing what is required with an empty value.
 */
export function checkChange(
  op: OperationName,
  attribute: Attribute,
  path: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): void {
  if (after === undefined && attribute.required) {
    throw op === 'remove'
      ? new ScimError('mutability', `${path} is required and cannot be removed.`)
      : requiredMissing(path)
  }
  if (attribute.mutability !== 'immutable') return
  if (before !== undefined && !sameValue(before, after)) {
    throw immutableChanged(path)
  }
}

function withMember(object: JsonObject, name: string, value: JsonValue | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value }
  const { [name]: _, ...others } = object
  return others
}
