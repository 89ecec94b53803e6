import { attribute, type Schema } from '../attribute.ts'
import { URN } from '../urn.ts'

/** RFC 7643 §8.7.2 with `etag` and authenticationSchemes `type` from §5, `pagination` from RFC 9865 §4. */
export const SERVICE_PROVIDER_CONFIG_SCHEMA: Schema = {
  id: URN.serviceProviderConfig,
  name: 'Service Provider Configuration',
  description: "Schema for representing the service provider's configuration",
  attributes: [
    attribute({
      name: 'documentationUri',
      type: 'reference',
      description:
        "An HTTP-addressable URL pointing to the service provider's human-consumable help documentation.",
      mutability: 'readOnly',
      referenceTypes: ['external'],
    }),
    attribute({
      name: 'patch',
      type: 'complex',
      description: 'A complex type that specifies PATCH configuration options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        }),
      ],
    }),
    attribute({
      name: 'bulk',
      type: 'complex',
      description: 'A complex type that specifies bulk configuration options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'maxOperations',
          type: 'integer',
          description: 'An integer value specifying the maximum number of operations.',
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'maxPayloadSize',
          type: 'integer',
          description: 'An integer value specifying the maximum payload size in bytes.',
          required: true,
          mutability: 'readOnly',
        }),
      ],
    }),
    attribute({
      name: 'filter',
      type: 'complex',
      description: 'A complex type that specifies FILTER options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'maxResults',
          type: 'integer',
          description:
            'An integer value specifying the maximum number of resources returned in a response.',
          required: true,
          mutability: 'readOnly',
        }),
      ],
    }),
    attribute({
      name: 'changePassword',
      type: 'complex',
      description:
        'A complex type that specifies configuration options related to changing a password.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        }),
      ],
    }),
    attribute({
      name: 'sort',
      type: 'complex',
      description: 'A complex type that specifies sort result options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        }),
      ],
    }),
    attribute({
      name: 'authenticationSchemes',
      type: 'complex',
      description: 'A complex type that specifies supported authentication scheme properties.',
      multiValued: true,
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'name',
          type: 'string',
          description: 'The common authentication scheme name, e.g., HTTP Basic.',
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'description',
          type: 'string',
          description: 'A description of the authentication scheme.',
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'specUri',
          type: 'reference',
          description:
            "An HTTP-addressable URL pointing to the authentication scheme's specification.",
          mutability: 'readOnly',
          referenceTypes: ['external'],
        }),
        attribute({
          name: 'documentationUri',
          type: 'reference',
          description:
            "An HTTP-addressable URL pointing to the authentication scheme's usage documentation.",
          mutability: 'readOnly',
          referenceTypes: ['external'],
        }),
        attribute({
          name: 'type',
          type: 'string',
          description: 'The authentication scheme.',
          required: true,
          mutability: 'readOnly',
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        }),
        attribute({
          name: 'primary',
          type: 'boolean',
          description: 'Marks the preferred authentication scheme.',
          mutability: 'readOnly',
        }),
      ],
    }),
    attribute({
      name: 'etag',
      type: 'complex',
      description: 'ETag configuration options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'supported',
          type: 'boolean',
          description: 'ETag operation supported.',
          required: true,
          mutability: 'readOnly',
        }),
      ],
    }),
    attribute({
      name: 'pagination',
      type: 'complex',
      description: 'Pagination capabilities.',
      mutability: 'readOnly',
      subAttributes: [
        attribute({
          name: 'cursor',
          type: 'boolean',
          description: 'Cursor pagination supported.',
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'index',
          type: 'boolean',
          description: 'Index pagination supported.',
          required: true,
          mutability: 'readOnly',
        }),
        attribute({
          name: 'defaultPaginationMethod',
          type: 'string',
          description: 'Method used when the request names none.',
          mutability: 'readOnly',
          canonicalValues: ['cursor', 'index'],
        }),
        attribute({
          name: 'defaultPageSize',
          type: 'integer',
          description: 'Positive; page size when count is absent.',
          mutability: 'readOnly',
        }),
        attribute({
          name: 'maxPageSize',
          type: 'integer',
          description: 'Positive; cap on page size.',
          mutability: 'readOnly',
        }),
        attribute({
          name: 'cursorTimeout',
          type: 'integer',
          description: 'Positive; minimum seconds a cursor stays valid between page requests.',
          mutability: 'readOnly',
        }),
      ],
    }),
  ],
}
