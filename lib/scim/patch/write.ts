import { referencePath, type ResolvedAttribute } from '../attribute-path.ts'
import type { Attribute } from '../attribute.ts'
import { sameValue } from '../equal.ts'
import { ScimError } from '../errors.ts'
import { isObject, own, type JsonObject, type JsonValue } from '../json.ts'
import type { OperationName } from '../patch-operation.ts'
import { immutableChanged, requiredMissing } from '../validate/refusals.ts'
import { attributeValueAt } from '../values-at.ts'

/**
 * The attributes with another value of one attribute: the same object where nothing changes, without the extension's
 * container where nothing is left in it.
 *
 * @param value in canonical form; undefined unassigns.
 * @throws ScimError as `checkChange`.
 */
export function writeAttribute(
  op: OperationName,
  attributes: JsonObject,
  { extension, attribute }: ResolvedAttribute,
  value: JsonValue | undefined,
): JsonObject {
  const whole = { extension, attribute }
  const before = attributeValueAt(whole, attributes)
  checkChange(op, attribute, referencePath(whole), before, value)
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
  if (before !== undefined && !sameValue(before, after)) throw immutableChanged(path)
}

function withMember(object: JsonObject, name: string, value: JsonValue | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value }
  const { [name]: _, ...others } = object
  return others
}
