import { attribute, type AttributeType, type Schema } from '../../lib/scim/attribute.ts'
import { USER } from '../../lib/scim/default-resource-types.ts'
import { withExtensions, type ResourceType } from '../../lib/scim/resource-type.ts'

/** The URN of the extension that `TYPED_USER` carries. */
export const TYPED_URN = 'urn:example:params:scim:schemas:extension:typed:1.0:User'

const simpleTypes = [
  'string',
  'boolean',
  'decimal',
  'integer',
  'dateTime',
  'binary',
  'reference',
] as const satisfies readonly AttributeType[]

const TYPED_SCHEMA: Schema = {
  id: TYPED_URN,
  name: 'Typed',
  description: 'One attribute of each data type of RFC 7643 §2.3',
  attributes: [
    ...simpleTypes.map((type) => attribute({ name: `${type}Value`, type, description: type })),
    attribute({ name: 'exactValue', type: 'string', caseExact: true, description: 'case exact' }),
    attribute({ name: 'tags', type: 'string', multiValued: true, description: 'simple values' }),
    attribute({ name: 'numbers', type: 'integer', multiValued: true, description: 'numbers' }),
    attribute({
      name: 'rooms',
      type: 'complex',
      multiValued: true,
      description: 'complex values without value',
      subAttributes: [
        attribute({ name: 'number', type: 'integer', description: 'its number' }),
        attribute({ name: 'booked', type: 'boolean', description: 'whether it is taken' }),
        attribute({ name: 'key', type: 'string', returned: 'never', description: 'a secret' }),
      ],
    }),
  ],
}

/** A User with an extension that has one attribute of each data type, named `<type>Value`, and some with several values. */
export const TYPED_USER: ResourceType = withExtensions(USER, [
  { schema: TYPED_SCHEMA, required: false },
])
