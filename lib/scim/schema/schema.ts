import { attribute, type Schema } from '../attribute.ts'
import { URN } from '../urn.ts'

/** RFC 7643 §8.7.2 with errata 5606, 5607, 8415. */
export const SCHEMA_SCHEMA: Schema = {
  id: URN.schema,
  name: 'Schema',
  description: 'Specifies the schema that describes a SCIM schema',
  attributes: [
    attribute({
      name: 'id',
      type: 'string',
      description:
        'The unique URI of the schema. When applicable, service providers MUST specify the URI.',
      required: true,
      mutability: 'readOnly',
    }),
    attribute({
      name: 'name',
      type: 'string',
      description:
        "The schema's human-readable name. When applicable, service providers MUST specify the name, e.g., 'User'.",
      required: true,
      mutability: 'readOnly',
    }),
    attribute({
      name: 'description',
      type: 'string',
      description:
        "The schema's human-readable name. When applicable, service providers MUST specify the name, e.g., 'User'.",
      mutability: 'readOnly',
    }),
    attribute({
      name: 'attributes',
      type: 'complex',
      description: 'A complex attribute that includes the attributes of a schema.',
      multiValued: true,
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'name',
          type: 'string',
          description: "The attribute's name.",
          required: true,
          caseExact: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'type',
          type: 'string',
          description:
            "The attribute's data type. Valid values include 'string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference'.",
          required: true,
          mutability: 'readOnly',
          canonicalValues: [
            'string',
            'complex',
            'boolean',
            'decimal',
            'integer',
            'dateTime',
            'reference',
            'binary',
          ],
        }),
        attribute({
          name: 'multiValued',
          type: 'boolean',
          description: "A Boolean value indicating an attribute's plurality.",
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'description',
          type: 'string',
          description: 'A human-readable description of the attribute.',
          caseExact: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'required',
          type: 'boolean',
          description: 'A boolean value indicating whether or not the attribute is required.',
          mutability: 'readOnly',
        }),
        attribute({
          name: 'canonicalValues',
          type: 'string',
          description:
            "A collection of canonical values. When applicable, service providers MUST specify the canonical types, e.g., 'work', 'home'.",
          multiValued: true,
          caseExact: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'caseExact',
          type: 'boolean',
          description:
            'A Boolean value indicating whether or not a string attribute is case sensitive.',
          mutability: 'readOnly',
        }),
        attribute({
          name: 'mutability',
          type: 'string',
          description: 'Indicates whether or not an attribute is modifiable.',
          caseExact: true,
          mutability: 'readOnly',
          canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
        }),
        attribute({
          name: 'returned',
          type: 'string',
          description: 'Indicates when an attribute is returned in a response (e.g., to a query).',
          caseExact: true,
          mutability: 'readOnly',
          canonicalValues: ['always', 'never', 'default', 'request'],
        }),
        attribute({
          name: 'uniqueness',
          type: 'string',
          description: 'Indicates how unique a value must be.',
          caseExact: true,
          mutability: 'readOnly',
          canonicalValues: ['none', 'server', 'global'],
        }),
        attribute({
          name: 'referenceTypes',
          type: 'string',
          description:
            "Used only with an attribute of type 'reference'. Specifies a SCIM resourceType that a reference attribute MAY refer to, e.g., 'User'.",
          multiValued: true,
          caseExact: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'subAttributes',
          type: 'complex',
          description: 'Used to define the sub-attributes of a complex attribute.',
          multiValued: true,
          mutability: 'readOnly',
          subAttributes: [
            attribute({
              name: 'name',
              type: 'string',
              description: "The attribute's name.",
              required: true,
              caseExact: true,
              mutability: 'readOnly',
            }),
            attribute({
              name: 'type',
              type: 'string',
              description:
                "The attribute's data type. Valid values include 'string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference'.",
              required: true,
              mutability: 'readOnly',
              canonicalValues: [
                'string',
                'boolean',
                'decimal',
                'integer',
                'dateTime',
                'reference',
                'binary',
              ],
            }),
            attribute({
              name: 'multiValued',
              type: 'boolean',
              description: "A Boolean value indicating an attribute's plurality.",
              required: true,
              mutability: 'readOnly',
            }),
            attribute({
              name: 'description',
              type: 'string',
              description: 'A human-readable description of the attribute.',
              caseExact: true,
              mutability: 'readOnly',
            }),
            attribute({
              name: 'required',
              type: 'boolean',
              description: 'A boolean value indicating whether or not the attribute is required.',
              mutability: 'readOnly',
            }),
            attribute({
              name: 'canonicalValues',
              type: 'string',
              description:
                "A collection of canonical values. When applicable, service providers MUST specify the canonical types, e.g., 'work', 'home'.",
              multiValued: true,
              caseExact: true,
              mutability: 'readOnly',
            }),
            attribute({
              name: 'caseExact',
              type: 'boolean',
              description:
                'A Boolean value indicating whether or not a string attribute is case sensitive.',
              mutability: 'readOnly',
            }),
            attribute({
              name: 'mutability',
              type: 'string',
              description: 'Indicates whether or not an attribute is modifiable.',
              caseExact: true,
              mutability: 'readOnly',
              canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
            }),
            attribute({
              name: 'returned',
              type: 'string',
              description:
                'Indicates when an attribute is returned in a response (e.g., to a query).',
              caseExact: true,
              mutability: 'readOnly',
              canonicalValues: ['always', 'never', 'default', 'request'],
            }),
            attribute({
              name: 'uniqueness',
              type: 'string',
              description: 'Indicates how unique a value must be.',
              caseExact: true,
              mutability: 'readOnly',
              canonicalValues: ['none', 'server', 'global'],
            }),
            attribute({
              name: 'referenceTypes',
              type: 'string',
              description:
                "Used only with an attribute of type 'reference'. Specifies a SCIM resourceType that a reference attribute MAY refer to, e.g., 'User'.",
              multiValued: true,
              caseExact: true,
              mutability: 'readOnly',
            }),
          ],
        }),
      ],
    }),
  ],
}
