import { referencePath, resolvePath, schemaNamed } from '../attribute-path.ts'
import { findAttribute, type Attribute } from '../attribute.ts'
import { jsonText } from '../clients/values.ts'
import { isLabel } from '../element-identity.ts'
import { ScimError } from '../errors.ts'
import { isArray, isEmpty, isObject, type JsonObject, type JsonValue } from '../json.ts'
import { issuedReference } from '../reference.ts'
import type { ResourceType } from '../resource-type.ts'
import { attributeValueAt } from '../values-at.ts'
import { noContainer } from './refusals.ts'
import { entriesOf } from './unknown-parts.ts'

/**
 * A value of which nothing is left must not take away what is stored: only null, `{}` and `[]` say on purpose that there is none,
 * and an element whose value is said to be empty. Labels alone (RFC 7643 §2.4) and a list of nothings are mistakes. A reference may
 * be cleared with `""` and `{"value": ""}` (ENT-MGR-03, VAL-MGR-04), but an empty id in a list names nobody.
 *
 * @param value for the whole attribute, as it came; no value was left of it.
 * @throws ScimError `invalidValue`.
 */
export function refuseNothingSaid(attribute: Attribute, value: JsonValue, path: string): void {
  if (attribute.type !== 'complex' && !attribute.multiValued) return
  const written = jsonText(attribute, value, path)
  if (isEmpty(written)) return
  const isReference = issuedReference(attribute) !== undefined
  const isMeant = attribute.multiValued
    ? !isReference && namesValues(attribute, written)
    : !isArray(written) && (isReference || written !== '')
  if (!isMeant) throw nothingSaid(attribute, path)
}

/**
 * An empty id names nobody: a list in which all ids are empty would take access away that nobody meant.
 * @throws ScimError `invalidValue`.
 */
export function refuseNobody(attribute: Attribute, value: JsonValue, path: string): void {
  if (issuedReference(attribute) === undefined) return
  const written = jsonText(attribute, value, path)
  const elements = isArray(written) ? written : [written]
  if (!elements.every((element) => isEmpty(jsonText(attribute, element, path)))) {
    throw nothingSaid(attribute, path)
  }
}

/**
 * The rule of `refuseNothingSaid` for a body that replaces a resource.
 * @param attributes what was read of the body.
 */
export function refuseLostValues(
  resourceType: ResourceType,
  body: JsonObject,
  attributes: JsonObject,
): void {
  for (const [key, given] of Object.entries(body)) {
    const schema = given === '' ? schemaNamed(resourceType, key) : undefined
    if (schema !== undefined) throw noContainer(schema, given)
  }
  for (const [key, given] of entriesOf(resourceType, body)) {
    const target = resolvePath(resourceType, key)
    if (target?.kind !== 'attribute' || target.subAttribute !== undefined) continue
    const { attribute } = target
    if (attribute.mutability === 'readOnly' || attribute.mutability === 'writeOnly') continue
    if (attributeValueAt(target, attributes) !== undefined) continue
    refuseNothingSaid(attribute, given, referencePath(target))
  }
}

function nothingSaid(attribute: Attribute, path: string): ScimError {
  const what = issuedReference(attribute) === undefined ? 'value' : 'id'
  return new ScimError(
    'invalidValue',
    `${path} has no ${what} that is not empty. To remove all, send null or an empty array.`,
  )
}

/** Whether each element names a value, which is empty then. */
function namesValues(attribute: Attribute, written: JsonValue): boolean {
  const isValue = (name: string): boolean =>
    !isLabel(name) && findAttribute(attribute.subAttributes, name) !== undefined
  return (isArray(written) ? written : [written]).every((element) => {
    const read = jsonText(attribute, element, attribute.name)
    return isObject(read) && Object.keys(read).some(isValue)
  })
}
