import { attribute, type Schema } from '../attribute.ts'
import { URN } from '../urn.ts'

/** RFC 7643 §8.7.2 with errata 7522, 8475. */
export const RESOURCE_TYPE_SCHEMA: Schema = {
  id: URN.resourceType,
  name: 'ResourceType',
  description: 'Specifies the schema that describes a SCIM resource type',
  attributes: [
    attribute({
      name: 'id',
      type: 'string',
      description: "The resource type's server unique id. May be the same as the 'name' attribute.",
      mutability: 'readOnly',
    }),
    attribute({
      name: 'name',
      type: 'string',
      description:
        "The resource type name. When applicable, service providers MUST specify the name, e.g., 'User'.",
      required: true,
      caseExact: true,
      mutability: 'readOnly',
      uniqueness: 'server',
    }),
    attribute({
      name: 'description',
      type: 'string',
      description:
        "The resource type's human-readable description. When applicable, service providers MUST specify the description.",
      mutability: 'readOnly',
    }),
    attribute({
      name: 'endpoint',
      type: 'reference',
      description:
        "The resource type's HTTP-addressable endpoint relative to the Base URL, e.g., '/Users'.",
      required: true,
      mutability: 'readOnly',
      uniqueness: 'server',
      referenceTypes: ['uri'],
    }),
    attribute({
      name: 'schema',
      type: 'reference',
      description: "The resource type's primary/base schema URI.",
      required: true,
      caseExact: true,
      mutability: 'readOnly',
      referenceTypes: ['uri'],
    }),
    attribute({
      name: 'schemaExtensions',
      type: 'complex',
      description: "A list of URIs of the resource type's schema extensions.",
      multiValued: true,
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'schema',
          type: 'reference',
          description: 'The URI of a schema extension.',
          required: true,
          caseExact: true,
          mutability: 'readOnly',
          referenceTypes: ['uri'],
        }),
        attribute({
          name: 'required',
          type: 'boolean',
          description:
            'A Boolean value that specifies whether or not the schema extension is required for the resource type. If true, a resource of this type MUST include this schema extension and also include any attributes declared as required in this schema extension. If false, a resource of this type MAY omit this schema extension.',
          required: true,
          mutability: 'readOnly',
        }),
      ],
    }),
  ],
}
