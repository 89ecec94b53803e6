import { attribute, type Schema } from '../../lib/scim/attribute.ts'
import { isObject, type JsonObject, type JsonValue } from '../../lib/scim/json.ts'
import { applyPatchAtOnce } from '../../lib/scim/patch/apply.ts'
import { readPatchAtOnce } from '../../lib/scim/patch/read.ts'
import { withExtensions, type ResourceType } from '../../lib/scim/resource-type.ts'
import { TYPED_USER } from './typed-attributes.ts'

/** The URN of the enterprise extension. */
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** The URN of an extension whose attributes have the characteristics that those of RFC 7643 do not have. */
export const GUARDED_URN = 'urn:example:params:scim:schemas:extension:guarded:1.0:User'

const GUARDED_SCHEMA: Schema = {
  id: GUARDED_URN,
  name: 'Guarded',
  description: 'Immutable, required, readOnly and writeOnly attributes and parts',
  attributes: [
    attribute({ name: 'origin', type: 'string', mutability: 'immutable', description: 'once' }),
    attribute({
      name: 'marks',
      type: 'string',
      multiValued: true,
      mutability: 'immutable',
      description: 'several, once',
    }),
    attribute({ name: 'grade', type: 'string', required: true, description: 'always there' }),
    attribute({ name: 'score', type: 'integer', mutability: 'readOnly', description: 'ours' }),
    attribute({
      name: 'badge',
      type: 'complex',
      description: 'one of each',
      subAttributes: [
        attribute({ name: 'serial', type: 'string', mutability: 'immutable', description: 'once' }),
        attribute({ name: 'colour', type: 'string', description: 'free' }),
        attribute({ name: 'checked', type: 'string', mutability: 'readOnly', description: 'ours' }),
        attribute({ name: 'pin', type: 'string', mutability: 'writeOnly', description: 'secret' }),
      ],
    }),
    attribute({
      name: 'rooms',
      type: 'complex',
      multiValued: true,
      description: 'elements with a part that must be there',
      subAttributes: [
        attribute({ name: 'number', type: 'integer', required: true, description: 'always there' }),
        attribute({ name: 'floor', type: 'string', description: 'free' }),
      ],
    }),
  ],
}

/** A User with the attributes of `TYPED_USER` and `GUARDED_URN`. */
export const GUARDED_USER: ResourceType = withExtensions(TYPED_USER, [
  { schema: GUARDED_SCHEMA, required: false },
])

/** The same value, in which a write throws. */
export function frozen<Value extends JsonValue>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}

/** The object that a JSON text stands for, `__proto__` and all. */
export function jsonObject(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error('The text is no JSON object.')
  return value
}

/** A resource type whose members are values like all others, kept with the resource. */
export function withMembersInside(resourceType: ResourceType): ResourceType {
  const { membershipAttribute: _, ...others } = resourceType
  return others
}

/** The attributes after operations as a client writes them, members included; those that come in are frozen. */
export function patched(
  resourceType: ResourceType,
  attributes: JsonObject,
  ...operations: readonly JsonValue[]
): JsonObject {
  const whole = withMembersInside(resourceType)
  const patch = readPatchAtOnce(whole, frozen({ Operations: operations }))
  return applyPatchAtOnce(whole, frozen(attributes), patch.operations)
}
