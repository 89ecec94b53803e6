import { attribute, type Attribute } from '../attribute.ts'

const readOnly = { mutability: 'readOnly' } as const

/** The attributes of every resource (RFC 7643 §3, §3.1). They belong to no schema and are not listed in `/Schemas`. */
export const COMMON_ATTRIBUTES: readonly Attribute[] = [
  attribute({
    name: 'schemas',
    type: 'reference',
    description: 'The URNs of the schemas that the resource uses.',
    multiValued: true,
    required: true,
    // RFC 7643 §2.1 and RFC 7644 §3.10: URNs compare without regard to case.
    caseExact: false,
    // Derived from the attributes that are present; what a client sends is checked, never stored.
    mutability: 'readOnly',
    returned: 'always',
  }),
  attribute({
    name: 'id',
    type: 'string',
    description: 'The unique identifier of the resource, issued by this endpoint.',
    required: true,
    caseExact: true,
    ...readOnly,
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute({
    name: 'externalId',
    type: 'string',
    description: 'The identifier of the resource as defined by the provisioning client.',
    caseExact: true,
  }),
  attribute({
    name: 'meta',
    type: 'complex',
    description: 'Metadata of the resource.',
    ...readOnly,
    subAttributes: [
      attribute({
        name: 'resourceType',
        type: 'string',
        description: 'The name of the resource type.',
        caseExact: true,
        ...readOnly,
      }),
      attribute({
        name: 'created',
        type: 'dateTime',
        description: 'When the resource was created.',
        ...readOnly,
      }),
      attribute({
        name: 'lastModified',
        type: 'dateTime',
        description: 'When the resource was last changed.',
        ...readOnly,
      }),
      attribute({
        name: 'location',
        type: 'reference',
        description: 'The URI of the resource.',
        referenceTypes: ['uri'],
        ...readOnly,
      }),
      attribute({
        name: 'version',
        type: 'string',
        description: 'The version of the resource: its ETag.',
        caseExact: true,
        ...readOnly,
      }),
    ],
  }),
]
