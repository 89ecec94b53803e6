import { attribute, type Schema } from '../attribute.ts'
import { URN } from '../urn.ts'

/** RFC 7643 §8.7.1 with erratum 8472. */
export const ENTERPRISE_USER_SCHEMA: Schema = {
  id: URN.enterpriseUser,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    attribute({
      name: 'employeeNumber',
      type: 'string',
      description:
        'Numeric or alphanumeric identifier assigned to a person, typically based on order of hire or association with an organization.',
    }),
    attribute({
      name: 'costCenter',
      type: 'string',
      description: 'Identifies the name of a cost center.',
    }),
    attribute({
      name: 'organization',
      type: 'string',
      description: 'Identifies the name of an organization.',
    }),
    attribute({
      name: 'division',
      type: 'string',
      description: 'Identifies the name of a division.',
    }),
    attribute({
      name: 'department',
      type: 'string',
      description: 'Identifies the name of a department.',
    }),
    attribute({
      name: 'manager',
      type: 'complex',
      description:
        "The User's manager. A complex type that optionally allows service providers to represent organizational hierarchy by referencing the 'id' attribute of another User.",
      subAttributes: [
        attribute({
          name: 'value',
          type: 'string',
          description: "The id of the SCIM resource representing the User's manager. REQUIRED.",
          caseExact: true,
          format: 'resourceId',
          trimmed: true,
        }),
        attribute({
          name: '$ref',
          type: 'reference',
          description: "The URI of the SCIM resource representing the User's manager. REQUIRED.",
          referenceTypes: ['User'],
        }),
        attribute({
          name: 'displayName',
          type: 'string',
          description: "The displayName of the User's manager. OPTIONAL and READ-ONLY.",
          mutability: 'readOnly',
          // RFC 7643 §8.7.1 says default; it is the manager's own, which takes a read more.
          returned: 'request',
        }),
      ],
    }),
  ],
}
